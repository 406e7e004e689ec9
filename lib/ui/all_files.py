"""All files of a take in one zip: written while it is read, so that neither memory nor disk holds it.

Under /all-files/<run>/<step>, signed.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lib.errors import DailiesError, NotFound
from lib.studio import Studio
from lib.ui.many import all_files_text
from lib.ui.signed import SAFE_HEADERS, not_there

BLOCK_BYTES = 1 << 20
Entry = tuple[str, Path]


def all_files_route(studio_of: Callable[[], Studio]) -> Route:
    """The route; `studio_of` is asked when something is."""

    async def all_files(request: Request) -> Response:
        studio = await anyio.to_thread.run_sync(studio_of)
        run_id, step_id = request.path_params["run_id"], request.path_params["step_id"]
        if not studio.signer.valid(all_files_text(run_id, step_id), request.query_params.get("key", "")):
            return not_there()
        try:
            entries = await anyio.to_thread.run_sync(entries_of, studio, run_id, step_id)
        except DailiesError:
            return not_there()
        name = f'attachment; filename="{step_id}-{run_id[:8]}.zip"'
        headers = SAFE_HEADERS | {"Content-Disposition": name, "Content-Encoding": "identity"}
        return StreamingResponse(zipped(entries), media_type="application/zip", headers=headers)

    return Route("/all-files/{run_id}/{step_id}", all_files, methods=["GET"])


def entries_of(studio: Studio, run_id: str, step_id: str) -> list[Entry]:
    """(name in the zip, file) of all files of the step's take. Raises NotFound where there are none (any more)."""
    take = studio.run(run_id).step(step_id).take
    found = list(_files(studio, take.output)) if take else []
    if not found:
        raise NotFound("There are no files.", hint="Run the step again to have them back.")
    return found


def zipped(entries: list[Entry]) -> Iterator[bytes]:
    """The zip in blocks. Pictures, clips and sounds are compressed already, so they are stored as they are."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_STORED) as archive:
        for name, path in entries:
            info = ZipInfo.from_file(path, name)
            with path.open("rb") as source, archive.open(info, "w") as to:
                while block := source.read(BLOCK_BYTES):
                    to.write(block)
                    yield pipe.taken()
    yield pipe.taken()


class _Pipe(io.RawIOBase):
    """Takes what is written and gives it away; it cannot go back, so sizes follow their files."""

    def __init__(self) -> None:
        super().__init__()
        self._blocks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, block: Any) -> int:
        self._blocks.append(bytes(block))
        return len(block)

    def taken(self) -> bytes:
        """All that was written since the last time."""
        blocks, self._blocks = self._blocks, []
        return b"".join(blocks)


def _files(studio: Studio, output: Mapping[str, Any]) -> Iterator[Entry]:
    """Named by what a picture's number in its clip is, else counted. A file that is there twice comes twice."""
    numbers = output.get("frames")
    for field, value in output.items():
        for place, one in enumerate(value if isinstance(value, list) else [value]):
            sha256 = one.get("asset") if isinstance(one, Mapping) else None
            if not isinstance(sha256, str):
                continue
            known = numbers if field == "images" and isinstance(numbers, list) and place < len(numbers) else None
            path = studio.store.assets.file(sha256)
            name = f"{field}-{place + 1:04}" if known is None else f"{place + 1:04}-picture-{known[place]:06}"
            yield f"{name}{path.suffix}", path
