"""A proxy for a clip that browsers cannot play: its picture n is the clip's picture n, at the same time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.errors import Unsupported
from lib.media import graph
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.limits import Limits, cut_limits
from lib.media.probe import probe
from lib.media.progress import OnProgress
from lib.media.run import run
from lib.media.timing import frames_of, rate_of

HEIGHT = 720
CLOCK = 90_000
"""Ticks a second for clips whose rate varies."""
SHOWN = ("h264", "vp8", "vp9", "av1")
HEARD = (None, "aac", "mp3", "opus", "vorbis", "flac", "pcm_s16le")
# Few pictures from one key picture to the next: a step backward decodes at most these.
CODING: dict[str, Any] = {
    "c:v": "libx264", "preset": "superfast", "crf": 25, "pix_fmt": "yuv420p", "g": 12, "bf": 0, "threads": 2,
}  # fmt: skip
SOUND: dict[str, Any] = {"c:a": "aac", "b:a": "128k", "ac": 2}
PROXY_LIMITS = Limits(deadline_s=3 * 3600.0, cpu_s=6 * 3600)


def needs_proxy(facts: Facts) -> bool:
    """Whether a browser is not expected to play the file itself, picture and sound."""
    known = facts.video_codec in SHOWN and facts.audio_codec in HEARD
    return not (known and facts.container in graph.INDEXED)


def build(path: Path, facts: Facts, output: Path) -> Command:
    """An MP4 of at most 720 lines that starts with the clip's first picture, in shown pixels."""
    source, frames = graph.opened(path), frames_of(facts)
    size = f"trunc(iw*sar*min(1,{HEIGHT}/ih)/2)*2", f"trunc(min(ih,{HEIGHT})/2)*2"
    picture = graph.picture_of(source).filter("scale", *size, flags="fast_bilinear").filter("setsar", 1)
    picture, timing = _timed(picture, facts)
    streams = [picture, *([graph.sound_of(source, facts)] if facts.has_sound else [])]
    options = CODING | timing | (SOUND if facts.has_sound else {}) | graph.MP4
    return graph.command(streams, output, [path], frames, options)


def _timed(picture: Any, facts: Facts) -> tuple[Any, dict[str, Any]]:
    if not facts.shown_at_s:
        rate = rate_of(facts.fps or 25.0)
        return graph.steady(picture, rate), graph.at_rate(rate)
    moved = picture.filter("settb", f"1/{CLOCK}").filter("setpts", "PTS-STARTPTS")
    clock = {"enc_time_base": f"1/{CLOCK}", "video_track_timescale": CLOCK}
    return moved, {"fps_mode": "passthrough"} | clock


async def make_proxy(
    source: Path,
    facts: Facts,
    output: Path,
    *,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> None:
    """Writes it and counts its pictures. Raises Unsupported where they are not the clip's, MediaError or Cancelled."""
    limits = cut_limits([facts], least=PROXY_LIMITS)
    await run(build(source, facts, output), limits=limits, on_progress=on_progress, cancelled=cancelled)
    made = (await probe(output)).frames
    if made != facts.frames:
        raise Unsupported(
            f"A preview of this clip shows {made} pictures where the clip counts {facts.frames}.",
            hint="The clip is probably damaged; its pictures can still be looked at one by one.",
        )
