"""What the endpoints of Wan VACE have in common: their usual negative prompt, and their price."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from lib.catalog.price import Price, PriceRule, Unknown, per_second
from lib.media.facts import Facts

NEGATIVE = (
    "letterboxing, borders, black bars, bright colors, overexposed, static, blurred details, subtitles, style, "
    "artwork, painting, picture, still, overall gray, worst quality, low quality, JPEG compression residue, ugly, "
    "incomplete, extra fingers, poorly drawn hands, poorly drawn faces, deformed, disfigured, malformed limbs, fused "
    "fingers, still picture, cluttered background, three legs, many people in the background, walking backwards"
)
NUM_FRAMES_LIMIT = 241
_RATES = {"480p": Decimal("0.04"), "580p": Decimal("0.06"), "720p": Decimal("0.08")}
_FIGURES = "$0.04, $0.06 or $0.08 per second counted at 16 fps"
OFFICIAL = f"official page of wan-vace-14b/pose: {_FIGURES}"
TAKEN = f"official page of the sibling wan-vace-14b/pose: {_FIGURES}; taken to hold here"
THIRD_PARTY = f"third-party figures of $0.08 at 720p, as the official page of the sibling wan-vace-14b/pose: {_FIGURES}"


def price_by_frames(source: str) -> PriceRule:
    """By the second, counted as frames / 16 whatever frame rate is asked for."""

    def rule(made: Any, facts: Mapping[str, Facts]) -> Price:
        low_frames = high_frames = made.num_frames
        if made.match_input_num_frames:
            clip = facts.get("video_url")
            if clip is None or clip.frames is None:
                return Unknown("The number of frames follows the input video; choose it first.")
            # Whether a longer input is cut at the stated limit is not said.
            low_frames, high_frames = min(clip.frames, NUM_FRAMES_LIMIT), clip.frames
        return per_second(_RATES[made.resolution], Decimal(low_frames) / 16, Decimal(high_frames) / 16, source)

    return rule
