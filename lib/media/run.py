"""Runs an ffmpeg command: safely, with progress, and never for longer than somebody wants it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path

from lib.errors import MediaError
from lib.media.binary import ffmpeg
from lib.media.children import child, tail
from lib.media.command import Command
from lib.media.failure import failure
from lib.media.folder import private_folder
from lib.media.formats import FORMATS, PROTOCOLS, picture_format
from lib.media.limits import Limits
from lib.media.progress import OnProgress, Watch

TICK_S = 0.2
GLOBALS = ("-hide_banner", "-nostdin", "-nostats", "-v", "error", "-y", "-progress", "pipe:1", "-stats_period", "0.25")
THREADS = ("-filter_threads", "2", "-filter_complex_threads", "2")


async def run(
    command: Command,
    *,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    binary: Path | None = None,
) -> None:
    """Makes `command.output`, or raises a MediaError, MissingBinary or Cancelled and leaves nothing.

    `on_progress` gets fractions from 0 to 1; `cancelled` is asked five times a second. ffmpeg works in a private
    folder beside the output, and what it made there is renamed into place at the end: a file is whole or absent. (A
    pattern such as "%04d.png" as output gives many files the same way.)
    """
    limits = limits or Limits()
    with private_folder(command.output.parent) as folder:
        argv = dressed(command, folder, limits, binary or ffmpeg())
        watch = Watch(command, limits, on_progress, cancelled)
        code, stderr = await _finish(argv, folder, limits, watch)
        made = sorted(folder.iterdir())
        if code != 0 or not made:
            raise failure(argv, code, stderr)
        for path in made:
            path.replace(command.output.parent / path.name)
    watch.report(1.0)


def dressed(command: Command, folder: Path, limits: Limits, binary: Path) -> list[str]:
    """The whole command line: the safety options before every input, the output moved into `folder`."""
    files = {str(path): path for path in command.inputs}
    moved = {str(command.output): f"file:{folder / command.output.name}"}
    argv = [str(binary), *GLOBALS, *THREADS]
    forced = ""  # a format that the command names for the next input (lavfi, rawvideo) is the app's own choice
    for before, arg in zip(("", *command.argv), command.argv, strict=False):
        if before == "-f":
            forced = arg
        if before != "-i":
            argv.append(moved.get(arg, arg))
            continue
        argv[-1:] = [*_safety(forced, files.get(arg), limits), "-i", f"file:{arg}" if arg in files else arg]
        forced = ""
    return argv


def _safety(forced: str, path: Path | None, limits: Limits) -> list[str]:
    """What stands before an input: who may open it, and how large its pictures may be."""
    picture = picture_format(path) if path and not forced else None
    allowed = f"{forced},{FORMATS}" if forced else FORMATS
    safe = ["-protocol_whitelist", PROTOCOLS, "-format_whitelist", allowed, "-max_pixels", str(limits.max_pixels)]
    return [*safe, "-threads", "2", *(["-f", picture] if picture else [])]


async def _finish(argv: list[str], folder: Path, limits: Limits, watch: Watch) -> tuple[int, str]:
    """Exit code and the end of stderr."""
    clock = asyncio.get_running_loop().time
    async with child(argv, limits, folder) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        watch.start(clock())
        progress = asyncio.create_task(_read_progress(process.stdout, watch))
        errors = asyncio.create_task(tail(process.stderr))
        try:
            while not progress.done() or not errors.done():
                await asyncio.wait({progress, errors}, timeout=TICK_S)
                watch.check(clock())
            progress.result()
            return await process.wait(), errors.result()
        except MediaError as error:
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # its stderr ends with it
            error.command, error.stderr = argv, await errors
            raise
        finally:
            progress.cancel()
            errors.cancel()


async def _read_progress(stream: asyncio.StreamReader, watch: Watch) -> None:
    clock = asyncio.get_running_loop().time
    async for line in stream:
        watch.line(line.decode("utf-8", "replace"), clock())
