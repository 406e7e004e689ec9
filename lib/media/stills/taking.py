"""Pictures out of a clip, taken by a limited child, checked and put in their place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib.errors import BadMedia
from lib.media.asked import Picking, Sheet
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.frames import MOST
from lib.media.limits import Limits, cut_limits
from lib.media.mark import REHEARSAL_MARK
from lib.media.progress import OnProgress
from lib.media.proof.stills import proven
from lib.media.samples import FONT
from lib.media.smart.child import child
from lib.media.smart.running import Progress, Running
from lib.media.timing import frames_of, rate_of

SAID = ("frames", "times_s", "width", "height")


async def take(
    work: Picking | Sheet,
    *,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    limits: Limits | None = None,
) -> dict[str, Any]:
    """Makes the work's pictures and says which they are: `frames` (numbers), `times_s`, `width`, `height`, `proof`.

    Numbers and times are those of the decoded pictures themselves. Raises MediaError kinds (BadMedia for pictures that
    are not the clip's) or Cancelled, and then leaves nothing.
    """
    running = Running(Progress(on_progress), cancelled, limits or cut_limits([work.facts]))
    output = work.output.absolute()
    with private_folder(output.parent) as folder:
        pictures = folder / "pictures"
        pictures.mkdir()
        async with child(folder, running.limits) as worker:
            said = await worker.ask(_request(work, pictures), running.watch(0, 1))
        made = sorted(pictures.iterdir())
        if len(made) != (len(said["frames"]) if isinstance(work, Picking) else 1):
            raise BadMedia("Not all pictures were written.", hint="Start it again.")
        proof = proven(work, said)
        for place, path in enumerate(made, 1):
            many = isinstance(work, Picking) and work.many
            path.replace(output.with_name(output.name % place) if many else output)
    running.progress(1.0)
    return {name: said[name] for name in SAID} | {"proof": proof.as_json()}


def _request(work: Picking | Sheet, folder: Path) -> dict[str, Any]:
    common = {
        "source": str(work.source.absolute()),
        "folder": str(folder),
        "suffix": work.output.suffix,
        "clock": _clock(work.facts),
        "numbers": work.numbers,
        "zero_s": work.facts.picture_start_s,
        "comment": REHEARSAL_MARK if work.facts.rehearsal else "",
    }
    own: dict[str, Any]
    if isinstance(work, Sheet):
        own = {"rows": work.rows, "columns": work.columns, "width": work.width, "reach": work.reach}
        return common | own | {"do": "sheet", "timecode": work.timecode, "font": str(FONT)}
    own = {"which": work.which, "threshold": work.threshold, "most": MOST}
    return common | own | {"do": "take", "part": (work.part.first, work.part.end)}


def _clock(facts: Facts) -> dict[str, Any]:
    return {
        "frames": frames_of(facts),
        "rate": float(rate_of(facts.fps or 25.0)),
        "times_s": facts.shown_at_s,
    }
