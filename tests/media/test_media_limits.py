"""How long a cut may take: longer for longer clips, never shorter than before, and never without end."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lib.media.asked import Evening, Joining, Move, Picking, Playing, Seaming, Trimming, Work
from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.fit import playing
from lib.media.limits import LONGEST_S, Limits, cut_limits
from lib.media.promise import Promise, even_times
from lib.media.seam import make
from lib.media.smart import join, running, trim
from lib.media.smart.running import Progress, Running
from lib.media.sound import loudness
from lib.media.stills import taking
from lib.media.trim import Span
from lib.media.work import carry_out

pytestmark = pytest.mark.anyio

HOUR = Facts(
    kind="video", content_type="video/mp4", size_bytes=2**32, duration_s=3600.0, fps=30.0, frames=108_000, width=1920,
    height=1080, video_codec="hevc", audio_codec="aac", sample_rate=48_000, channels=2, audio_duration_s=3600.0,
)  # fmt: skip
SHORT = {"duration_s": 5.0, "audio_duration_s": 5.0}
SMALL = HOUR.model_copy(update={**SHORT, "frames": 50, "fps": 10.0, "width": 96, "height": 64})
HEVC_S = 0.13  # of a processor, measured for a million pixels that are hard to encode
WORKED_S = HEVC_S * 108_000 * 1920 * 1080 / 1e6


def test_an_hour_has_time_to_be_encoded() -> None:
    """An hour of full HD may take several times what encoding it was measured to take; little else changes."""
    limits = cut_limits([HOUR])

    assert limits.deadline_s > 3 * WORKED_S
    assert limits.cpu_s > 6 * WORKED_S
    usual = Limits()
    same = ("stall_s", "memory_bytes", "file_bytes", "max_pixels")
    assert [getattr(limits, name) for name in same] == [getattr(usual, name) for name in same]


def test_never_below_what_it_was_and_never_endless() -> None:
    """A few pictures have the time that every cut has; pictures without end are stopped after days."""
    few, usual = cut_limits([SMALL]), Limits()
    assert usual.deadline_s <= few.deadline_s < usual.deadline_s + 10
    assert usual.cpu_s <= few.cpu_s < usual.cpu_s + 10
    assert cut_limits([], pixels=1e300) == cut_limits([HOUR] * 1000)
    assert cut_limits([], pixels=1e300).deadline_s == usual.deadline_s + LONGEST_S


def test_a_clip_counts_in_the_form_of_the_largest() -> None:
    """Small pictures beside large ones count as large ones at their rate: they may be brought to that."""
    added_s = cut_limits([HOUR, SMALL]).deadline_s - cut_limits([HOUR]).deadline_s
    alone = cut_limits([HOUR.model_copy(update={**SHORT, "frames": 150})])
    assert added_s == pytest.approx(alone.deadline_s - Limits().deadline_s)


class Told(Exception):
    """How a test ends before anything is done."""


def works(folder: Path) -> list[tuple[Any, Work]]:
    """Every cut of an hour's clip that is not one command, with the module that begins it."""
    clip, output = (folder / "clip.mp4", HOUR), folder / "made.mp4"
    span = Span(0, 100_000)
    return [
        (trim, Trimming(*clip, (span,), output)),
        (join, Joining((clip, clip), output)),
        (make, Seaming(clip, clip, output)),
        (taking, Picking(*clip, folder / "%04d.png", span)),
        (loudness, Evening(*clip, output, -16, -1)),
        (playing, Playing(*clip, (Move(span),), output)),
    ]


@pytest.mark.parametrize("number", range(6))
async def test_every_cut_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Whatever is done with an hour's clip, it begins with an hour's limits."""
    begun: list[Limits] = []

    def begin(progress: Any, cancelled: Any, limits: Limits) -> Running:
        begun.append(limits)
        raise Told

    module, work = works(tmp_path)[number]
    monkeypatch.setattr(module, "Running", begin)
    with pytest.raises(Told):
        await carry_out(work)

    assert begun[0].deadline_s > 3 * WORKED_S


async def test_a_promised_file_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One command for an hour of pictures runs with an hour's limits, for few of them with the usual ones."""
    used: list[Limits] = []

    async def kept(command: Command, *, limits: Limits, **_: Any) -> None:
        used.append(limits)

    monkeypatch.setattr(running, "run", kept)
    own = Running(Progress(None), None, Limits())
    for frames, size in ((108_000, (1920, 1080)), (25, (96, 64))):
        promise = Promise(even_times(frames, Fraction(30)), frames / 30, size)
        await own.ffmpeg(Command((), tmp_path / "made.mp4", promise=promise), 0, 1)

    assert used[0].deadline_s > 3 * WORKED_S
    assert used[1].deadline_s < Limits().deadline_s + 1
