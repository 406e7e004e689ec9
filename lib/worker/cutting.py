"""A cut made here: local work on kept files, the result checked and kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib.catalog.operation import Cut
from lib.media.probe import probe_all
from lib.media.smart.running import Progress
from lib.media.work import MADE_SHARE, carry_out
from lib.store import Store
from lib.store.views import Mode, RunView
from lib.worker.inputs import Inputs


async def cut(
    store: Store,
    inputs: Inputs,
    made: Cut,
    values: Mapping[str, Any],
    run: RunView,
    *,
    tell: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """The output, each file with its "asset". Raises a MediaError, or Cancelled.

    What is cut from a person's own file is a file of theirs, in a rehearsal too: only what the stand-in made is its.
    """
    files, facts = inputs.files(made, values), inputs.facts(made, values)
    mode: Mode | None = "rehearsal" if inputs.rehearsed(made, values) else "live" if run.mode == "live" else None
    kept, name = [], inputs.label(made, values)
    with _room(store) as folder:
        checked = made.validate(values)
        output = folder / f"{'%04d' if made.many else 'made'}{made.ending(checked)}"
        work = made.build(checked, files, facts, output)
        progress, share = Progress(tell), MADE_SHARE if made.many else 1.0
        said = await carry_out(work, on_progress=progress.between(0, share), cancelled=cancelled)
        paths = sorted(folder.iterdir())
        every = await probe_all(paths, on_progress=progress.between(share, 1), cancelled=cancelled)
        for number, (path, found) in enumerate(zip(paths, every, strict=True), 1):
            label = f"{name} {number}" if made.many else name
            asset = await asyncio.to_thread(store.assets.keep, path, found, name=label, origin="take", mode=mode)
            kept.append({"content_type": asset.content_type, "file_size": asset.size_bytes, "asset": asset.sha256})
    field = next(iter(made.media_out()))
    return {field: kept if made.many else kept[0]} | said


@contextmanager
def _room(store: Store) -> Iterator[Path]:
    """An empty folder where the store receives files, swept like them."""
    folder = store.assets.part()
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
