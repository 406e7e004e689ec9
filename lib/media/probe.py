"""What a file is: its facts, found by a limited child process, so that hostile bytes cannot hurt this one."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import lib
from lib import errors
from lib.errors import BadMedia, MediaError, TooLarge, TooLong
from lib.media.facts import Facts
from lib.media.leash import environment, leashed
from lib.media.limits import PROBE_LIMITS, Limits

ROOT = Path(lib.__file__).parent.parent
# -I keeps the caller's folder and variables out of the child; only our own code is put back on its path.
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from lib.media.look import main; main()"


async def probe(path: Path, *, limits: Limits = PROBE_LIMITS) -> Facts:
    """Facts of the file. Raises BadMedia, Unsupported, TooLarge or TooLong with a sentence that says why."""
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


def probe_blocking(path: Path, *, limits: Limits = PROBE_LIMITS) -> Facts:
    """The same for callers without an event loop."""
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


def _argv(path: Path, limits: Limits) -> list[str]:
    return leashed([sys.executable, "-I", "-c", START, str(ROOT), str(path.absolute())], limits)


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
    stderr = err.decode("utf-8", "replace")
    if "MemoryError" in stderr or "Cannot allocate memory" in stderr:
        raise TooLarge("The file needs more memory than looking at it may take.", hint="Choose a smaller file.")
    # A crash of the decoder is the file's doing; what Python printed is kept for the log.
    raise BadMedia(
        "The file made its reader fail; it is damaged.", hint="Choose another file.", code=code, stderr=stderr[-2000:]
    )
