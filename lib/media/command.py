"""An ffmpeg command as data: described here, run by `lib.media.run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lib.media.promise import Promise


@dataclass(frozen=True, slots=True)
class Command:
    """Arguments after the program's name. `frames` or `duration_s` (of the output) make progress a fraction.

    `inputs` are the files that it reads and `output` the one it writes; both already stand in `argv`. `promise` is what
    the output must be to be handed over, and `said` what else there is to say of it, under names for the result.
    """

    argv: tuple[str, ...]
    output: Path
    inputs: tuple[Path, ...] = ()
    frames: int | None = None
    duration_s: float | None = None
    promise: Promise | None = None
    said: Mapping[str, Any] = field(default_factory=dict)

    def promising(self, promise: Promise, **said: Any) -> Command:
        """The same work, held to that promise."""
        return replace(self, promise=promise, said=said)

    def into(self, folder: Path) -> Command:
        """The same work with its output in another folder."""
        output = folder / self.output.name
        argv = tuple(str(output) if arg == str(self.output) else arg for arg in self.argv)
        return replace(self, argv=argv, output=output)
