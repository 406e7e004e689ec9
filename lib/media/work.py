"""Carrying out what a cut asks for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from lib.media.asked import Evening, Joining, Picking, Playing, Seaming, Sheet, Speaking, Trimming, Work
from lib.media.command import Command
from lib.media.fit import playing
from lib.media.progress import OnProgress
from lib.media.proof import keeping
from lib.media.seam.make import join_on
from lib.media.smart.join import smart_join
from lib.media.smart.trim import smart_trim
from lib.media.sound import loudness, speaking
from lib.media.stills.taking import take

WAYS: Mapping[type, Callable[..., Awaitable[dict[str, Any]]]] = {
    Command: keeping.made,
    Picking: take,
    Sheet: take,
    Evening: loudness.even_out,
    Speaking: speaking.speak,
    Playing: playing.play,
    Seaming: join_on,
}
"""Who carries out what; trims and joins follow below."""
MADE_SHARE = 0.3  # of the progress of a cut that makes many files: looking at each takes longer than making it


async def carry_out(
    work: Work, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the work's output and gives what there is to say of it: for smart work its method, the reason where it had
    to encode, and the proof; for pictures their numbers and times.

    Raises a MediaError, InputError or Cancelled, and leaves nothing then.
    """
    if how := WAYS.get(type(work)):
        done: dict[str, Any] = await how(work, on_progress=on_progress, cancelled=cancelled)
        return done
    assert isinstance(work, Trimming | Joining)
    if isinstance(work, Trimming):
        made = await smart_trim(
            work.source, work.facts, work.output, work.parts, on_progress=on_progress, cancelled=cancelled
        )
    else:
        made = await smart_join(
            work.clips, work.output, model=work.model, transition=work.transition, loudness_lufs=work.loudness_lufs,
            on_progress=on_progress, cancelled=cancelled,
        )  # fmt: skip
    return made.as_output()
