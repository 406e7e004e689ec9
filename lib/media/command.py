"""An ffmpeg command as data: described here, run by `lib.media.run`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """Arguments after the program's name. `frames` or `duration_s` (of the output) make progress a fraction.

    `inputs` are the files that it reads and `output` the one it writes; both already stand in `argv`.
    """

    argv: tuple[str, ...]
    output: Path
    inputs: tuple[Path, ...] = ()
    frames: int | None = None
    duration_s: float | None = None
