"""PixVerse: a sound effect on a clip."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal

from pydantic import Field

from lib.catalog.fields import Input, Output, Prompt, VideoIn, VideoOut
from lib.catalog.guesses import PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import SEEN, Estimate, Price, Unknown, seconds
from lib.media.facts import Facts


class SoundEffectsInput(Input):
    video_url: VideoIn = Field(description="URL of the input video to add sound effects to")
    # No default is printed: not sent unless chosen.
    original_sound_switch: bool | None = Field(
        None, title="Keep the original sound", description="Whether to keep the original audio from the video"
    )
    prompt: Prompt = Field(
        "",
        description="Description of the sound effect to generate. If empty, a random sound effect will be generated",
    )


class SoundEffectsOutput(Output):
    # The document does not print the answer; this is the client's.
    video: VideoOut = Field(description="The video with added sound effects")


def sound_effects_price(made: SoundEffectsInput, facts: Mapping[str, Facts]) -> Price:
    """$0.10 per 5 s. Whether begun 5 s count whole is nowhere said: the interval covers both."""
    length_s = seconds(facts.get("video_url"))
    if length_s is None:
        return Unknown("The price follows the length of the video; choose it first.")
    return Estimate(
        Decimal("0.02") * length_s,
        Decimal("0.10") * math.ceil(length_s / 5),
        "third-party figure: $0.10 per 5 s of video",
        SEEN,
    )


SOUND_EFFECTS = Endpoint(
    id="fal-ai/pixverse/sound-effects",
    title="Add a sound effect",
    about="Put a sound on a clip that fits a description.",
    family="pixverse",
    input=SoundEffectsInput,
    output=SoundEffectsOutput,
    price=sound_effects_price,
    example={
        "video_url": "https://v3.fal.media/files/rabbit/88-jI3VWXU4Q8kSNrWo3c_output.mp4",
        "prompt": "sea waves",
    },
    source="document 003, page 5 (and 7), type SoundEffectRequest",
    decisions=("original_sound_switch has no stated default; it is sent only when chosen.",),
    guessed=PRINTED,
)
