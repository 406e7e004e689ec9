"""A cut made here: local work on kept files, the result checked and kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from lib.catalog.operation import Cut
from lib.media.probe import probe
from lib.media.work import carry_out
from lib.store import Store
from lib.store.views import RunView
from lib.worker.inputs import Inputs


async def cut(
    store: Store,
    inputs: Inputs,
    made: Cut,
    values: Mapping[str, Any],
    run: RunView,
    *,
    name: str,
    tell: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> dict[str, Any]:
    """The output, its one file with its "asset". Raises a MediaError, or Cancelled."""
    part = store.assets.part(made.suffix)
    part = part.with_name(part.name.removesuffix(".part"))  # ffmpeg chooses the format by the ending
    files, facts = inputs.files(made, values), inputs.facts(made, values)
    try:
        work = made.build(made.validate(values), files, facts, part)
        said = await carry_out(work, on_progress=tell, cancelled=cancelled)
        found = await probe(part)
        asset = await asyncio.to_thread(store.assets.keep, part, found, name=name, origin="take", mode=run.mode)
    finally:
        part.unlink(missing_ok=True)
    field = next(iter(made.media_out()))
    return {field: {"content_type": asset.content_type, "file_size": asset.size_bytes, "asset": asset.sha256}} | said
