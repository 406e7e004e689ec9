"""How much louder or softer a clip's sound must be to have a wanted loudness (EBU R128)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.smart.running import Running

SILENT_LUFS = -69.0  # what the meter says before it has heard anything, and of silence
HIGHEST_PEAK = 10 ** (-1 / 20)  # 1 dB below full scale, as the recommendation asks
TAIL_BYTES = 4096
_SAID = re.compile(r"lavfi\.r128\.(I|true_peak)=(-?[0-9.]+)")


async def gains(
    clips: Sequence[tuple[Path, Facts]], wanted_lufs: float | None, folder: Path, running: Running
) -> list[float]:
    """One factor per clip; 1 where it is silent or nothing is wanted. No peak is brought near to full scale by it."""
    if wanted_lufs is None:
        return [1.0] * len(clips)
    return [await _gain(path, facts, wanted_lufs, folder / "loudness.txt", running) for path, facts in clips]


async def _gain(path: Path, facts: Facts, wanted_lufs: float, said: Path, running: Running) -> float:
    if not facts.has_sound:
        return 1.0
    await running.ffmpeg(command(path, said), 0, 0)
    is_lufs, peak = read(_end(said))
    if is_lufs <= SILENT_LUFS:
        return 1.0
    gain: float = 10 ** ((wanted_lufs - is_lufs) / 20)
    return min(gain, max(HIGHEST_PEAK / peak, 1.0)) if peak else gain


def _end(said: Path) -> str:
    return said.read_bytes()[-TAIL_BYTES:].decode("ascii", "replace")


def command(path: Path, said: Path) -> Command:
    """Writes what the meter says while it listens, ten times a second, into the file `said`."""
    meter = f"ebur128=metadata=1:peak=true,ametadata=print:file={said.name}"
    return Command(("-i", str(path), "-map", "0:a:0", "-af", meter, "-f", "null", "-"), said, (path,))


def read(said: str) -> tuple[float, float]:
    """(loudness of the whole in LUFS, highest true peak with full scale 1) by the meter's last words."""
    found = {name: float(value) for name, value in _SAID.findall(said)}
    return found.get("I", SILENT_LUFS), found.get("true_peak", 0.0)
