"""What a cut asks for, as data: an ffmpeg command, or smart work that copies what it can. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.trim import Span


@dataclass(frozen=True, slots=True)
class Trimming:
    """These parts of a clip, one after the other; only the pictures at the seams are encoded where that can be."""

    source: Path
    facts: Facts
    parts: tuple[Span, ...]
    output: Path


@dataclass(frozen=True, slots=True)
class Joining:
    """Clips one after the other, in the form of clip `model`; what has that form already is copied where it can be."""

    clips: tuple[tuple[Path, Facts], ...]
    output: Path
    model: int = 0


Work = Command | Trimming | Joining
