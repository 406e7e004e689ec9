"""What a file is: its facts, found by a limited child process, so that hostile bytes cannot hurt this one."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from lib import errors
from lib.errors import MediaError, TooLong
from lib.media.children import death
from lib.media.facts import Facts
from lib.media.leash import environment, python
from lib.media.limits import PROBE_LIMITS, Limits, probe_limits
from lib.media.progress import OnProgress, stopped

START = "from lib.media.look import main; main()"


async def probe(path: Path, *, limits: Limits | None = None) -> Facts:
    """Facts of the file. Raises BadMedia, Unsupported, TooLarge or TooLong with a sentence that says why.

    InternalError is a fault of ours, not the file's.
    """
    limits = limits or _limits(path)
    pipe, null = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        *_argv(path, limits), stdin=null, stdout=pipe, stderr=pipe, env=environment(), cwd="/", start_new_session=True
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), limits.deadline_s)
    except TimeoutError as error:
        raise _too_slow(limits) from error
    finally:
        if process.returncode is None:
            process.kill()
            await asyncio.shield(process.wait())
    return _facts(process.returncode, out, err)


async def probe_all(
    paths: Sequence[Path], *, on_progress: OnProgress | None = None, cancelled: Callable[[], bool] | None = None
) -> list[Facts]:
    """Facts of each file. Raises as `probe` does, or Cancelled; `cancelled` is asked before each."""
    found = []
    for done, path in enumerate(paths, 1):
        if cancelled and cancelled():
            raise stopped()
        found.append(await probe(path))
        if on_progress:
            on_progress(done / len(paths))
    return found


def probe_blocking(path: Path, *, limits: Limits | None = None) -> Facts:
    """The same for callers without an event loop."""
    limits = limits or _limits(path)
    try:
        done = subprocess.run(
            _argv(path, limits),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment(),
            cwd="/",
            timeout=limits.deadline_s,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_slow(limits) from error
    return _facts(done.returncode, done.stdout, done.stderr)


def _limits(path: Path) -> Limits:
    """By its size; what cannot be looked at has the child say why."""
    try:
        return probe_limits(path.stat().st_size)
    except OSError:
        return PROBE_LIMITS


def _argv(path: Path, limits: Limits) -> list[str]:
    return python(START, limits, str(path.absolute()))


def _too_slow(limits: Limits) -> TooLong:
    return TooLong(f"Looking at the file took longer than {limits.deadline_s:g} s.", hint="Choose another file.")


def _facts(code: int | None, out: bytes, err: bytes) -> Facts:
    if code == 0:
        answer = json.loads(out)
        if "facts" in answer:
            return Facts.model_validate(answer["facts"])
        error = answer["error"]
        kind: type[MediaError] = getattr(errors, error["kind"])
        raise kind(error["message"], hint=error["hint"])
    raise death(code or 0, err.decode("utf-8", "replace")[-2000:], of="looking at the file")
