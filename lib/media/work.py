"""Carrying out what a cut asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib.media.asked import Evening, Picking, Playing, Sheet, Speaking, Trimming, Work
from lib.media.command import Command
from lib.media.fit import playing
from lib.media.progress import OnProgress
from lib.media.proof import keeping
from lib.media.smart.join import smart_join
from lib.media.smart.trim import smart_trim
from lib.media.sound import loudness, speaking
from lib.media.stills.taking import take


async def carry_out(
    work: Work, *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """Makes the work's output and gives what there is to say of it: for smart work its method, the reason where it had
    to encode, and the proof; for pictures their numbers and times.

    Raises a MediaError, InputError or Cancelled, and leaves nothing then.
    """
    if isinstance(work, Command):
        return await keeping.made(work, on_progress=on_progress, cancelled=cancelled)
    if isinstance(work, Picking | Sheet):
        return await take(work, on_progress=on_progress, cancelled=cancelled)
    if isinstance(work, Evening):
        return await loudness.even_out(work, on_progress=on_progress, cancelled=cancelled)
    if isinstance(work, Speaking):
        return await speaking.speak(work, on_progress=on_progress, cancelled=cancelled)
    if isinstance(work, Playing):
        return await playing.play(work, on_progress=on_progress, cancelled=cancelled)
    if isinstance(work, Trimming):
        made = await smart_trim(
            work.source, work.facts, work.output, work.parts, on_progress=on_progress, cancelled=cancelled
        )
    else:
        made = await smart_join(
            work.clips, work.output, model=work.model, transition=work.transition, loudness_lufs=work.loudness_lufs,
            on_progress=on_progress, cancelled=cancelled,
        )  # fmt: skip
    return {
        "method": made.method,
        "reason": made.reason,
        "copied_pictures": made.copied,
        "encoded_pictures": made.encoded,
        "proof": made.proof.as_json(),
    }
