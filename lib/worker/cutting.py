"""A cut made here: local work on kept files, the result checked and kept."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lib.catalog.operation import Cut
from lib.media.probe import probe
from lib.media.work import carry_out
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
        said = await carry_out(work, on_progress=tell, cancelled=cancelled)
        for number, path in enumerate(sorted(folder.iterdir()), 1):
            found = await probe(path)
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
