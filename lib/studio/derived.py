"""Files made from an asset for looking at it: kept by its hash, made once however often asked for, free to remove."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lib.errors import Cancelled, DailiesError
from lib.store.files import full

GIB = 2**30
LIMIT_BYTES = 4 * GIB
PASSING = "preview-"
"""Files of that name are looked at once or twice, and may be as large as the clip: few are kept, and they go first."""
MOST_PASSING = 8
CHILDREN = 2
"""So many children make small things at once; large ones are made one after the other beside them."""


@dataclass(slots=True, eq=False)
class Making:
    """One file on its way. `fraction` is from 0 to 1; while it waits for its turn `began_s` is None."""

    fraction: float = 0.0
    began_s: float | None = None
    stopped: bool = False
    task: asyncio.Task[Path] | None = field(default=None, repr=False)

    def tell(self, fraction: float) -> None:
        self.fraction = fraction

    def stop(self) -> None:
        self.stopped = True

    def error(self) -> DailiesError | None:
        """What it failed with, once it is over."""
        if self.task is None or not self.task.done() or self.task.cancelled():
            return None
        failed = self.task.exception()
        return failed if isinstance(failed, DailiesError) else None


Make = Callable[[Path, Making], Awaitable[None]]
"""Writes the file at that path, in a folder of its own."""


class Derived:
    """Its files lie in `folder`/<hash>/<name>. Asked from one event loop; `clear` from any thread."""

    def __init__(self, folder: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit = limit_bytes
        self._making: dict[Path, Making] = {}
        self._small = asyncio.Semaphore(CHILDREN)
        self._large = asyncio.Semaphore(1)

    def find(self, sha256: str, name: str) -> Path | None:
        """The file where it is there; it then counts as just used."""
        path = self._place(sha256, name)
        try:
            os.utime(path)
        except FileNotFoundError:
            return None
        return path

    def making(self, sha256: str, name: str) -> Making | None:
        """What is on its way, or how it failed."""
        return self._making.get(self._place(sha256, name))

    async def file(self, sha256: str, name: str, make: Make) -> Path:
        """The file, made now where it is missing. Raises what `make` raises; who stops waiting stops nobody else."""
        found = self.find(sha256, name)
        if found:
            return found
        task = self.begin(sha256, name, make).task
        assert task is not None
        return await asyncio.shield(task)

    def begin(self, sha256: str, name: str, make: Make, *, large: bool = False) -> Making:
        """Starts making the file in the background, unless it is on its way already."""
        path = self._place(sha256, name)
        known = self._making.get(path)
        if known and known.task and not known.task.done() and not known.stopped:
            return known
        making = self._making[path] = Making()
        making.task = asyncio.create_task(self._made(path, make, making, self._large if large else self._small))
        making.task.add_done_callback(lambda task: self._ended(path, making, task, remember=large))
        return making

    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self._files())

    def clear(self) -> int:
        """Removes all that is not in the making; the bytes freed. All of it can be made again."""
        return self._shrink(0)

    def _place(self, sha256: str, name: str) -> Path:
        return self._folder / sha256 / name

    async def _made(self, path: Path, make: Make, making: Making, turn: asyncio.Semaphore) -> Path:
        async with turn:
            if making.stopped:
                raise Cancelled("Stopped, as you asked.", hint="")
            making.began_s = time.monotonic()
            try:
                with self._desk() as desk:
                    await make(desk / path.name, making)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    (desk / path.name).replace(path)
            except OSError as error:
                raise full(error) from error
        await asyncio.to_thread(self._tidy, path)
        return path

    def _ended(self, path: Path, making: Making, task: asyncio.Task[Path], *, remember: bool) -> None:
        """What was made is found on disk from now on; how a large one failed is remembered until a next try."""
        over = task.cancelled() or not task.exception() or not remember or making.stopped
        if over and self._making.get(path) is making:
            del self._making[path]

    @contextlib.contextmanager
    def _desk(self) -> Iterator[Path]:
        """A locked folder to write in. The lock ends with this process, however it ends; then the folder is swept."""
        desks = self._folder / "making"
        desks.mkdir(parents=True, exist_ok=True)
        with _locked(desks):  # or another process could sweep the new folder before it is locked
            _sweep(desks)
            desk = Path(tempfile.mkdtemp(dir=desks))
            held = contextlib.ExitStack()
            held.enter_context(_locked(desk))
        with held:
            try:
                yield desk
            finally:
                shutil.rmtree(desk, ignore_errors=True)

    def _files(self) -> list[Path]:
        return [path for path in self._folder.glob("*/*") if path.parent.name != "making" and path.is_file()]

    def _tidy(self, made: Path) -> None:
        """Few passing files and no more than the limit in all; what was just made stays."""
        passing = [path for _, path in self._oldest_first() if path.name.startswith(PASSING) and path != made]
        for path in passing[: max(len(passing) - MOST_PASSING + 1, 0)]:
            path.unlink(missing_ok=True)
        self._shrink(self._limit, keep=made)

    def _shrink(self, limit: int, keep: Path | None = None) -> int:
        """Removes what was not used for longest, passing files first, until `limit` bytes remain; the bytes freed."""
        known = sorted(self._oldest_first(), key=lambda one: not one[1].name.startswith(PASSING))
        left, freed = sum(status.st_size for status, _ in known), 0
        for status, path in known:
            if left - freed <= limit:
                break
            if path != keep:
                path.unlink(missing_ok=True)
                freed += status.st_size
        return freed

    def _oldest_first(self) -> list[tuple[os.stat_result, Path]]:
        """Every file that is there, the one not used for longest first."""
        known = []
        for path in self._files():
            with contextlib.suppress(FileNotFoundError):
                known.append((path.stat(), path))
        return sorted(known, key=lambda one: one[0].st_mtime)


@contextlib.contextmanager
def _locked(folder: Path, how: int = fcntl.LOCK_EX) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(lock, how)
        yield
    finally:
        os.close(lock)


def _sweep(desks: Path) -> None:
    """Removes what killed processes left; where a lock is held somebody works."""
    for desk in desks.iterdir():
        with contextlib.suppress(BlockingIOError), _locked(desk, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(desk, ignore_errors=True)
