"""Parts of a clip at once, for looking at before they are really cut: nothing is encoded, an edit list does it all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.limits import cut_limits
from lib.media.mark import REHEARSAL_MARK
from lib.media.smart.child import child
from lib.media.smart.running import Progress, Running, as_movie
from lib.media.smart.trim import checked
from lib.media.timing import frames_of
from lib.media.trim import Span

TITLE = "preview"


async def preview(
    source: Path, facts: Facts, output: Path, parts: Sequence[Span], *, cancelled: Callable[[], bool] | None = None
) -> None:
    """An MP4 that shows exactly those parts. It is never a result: what it hides is still in it, and its title says so.

    Between two parts the sound may be off by a packet (21 ms). Raises Unsupported where a browser could not play it,
    or another MediaError, InputError or Cancelled, and then leaves nothing.
    """
    spans = checked(parts, facts)
    source, output = source.absolute(), output.absolute()  # noqa: ASYNC240 - no disk is touched
    with private_folder(output.parent) as folder:
        running = Running(Progress(None), cancelled, cut_limits([facts]))
        movie, made_at = await as_movie(source, facts, folder / "movie.mp4", running, 0), folder / "made.mp4"
        request = {
            "do": "preview",
            "source": str(movie),
            "output": str(made_at),
            "folder": str(folder),
            "ranges": [(part.first, part.end) for part in spans],
            "frames": frames_of(facts),
            "sound": facts.has_sound,
            "comment": REHEARSAL_MARK if facts.rehearsal else "",
            "title": TITLE,
        }
        async with child(folder, running.limits) as worker:
            await worker.ask(request, running.watch(0, 1))
        made_at.replace(output)
