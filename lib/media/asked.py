"""What a cut asks for, as data: an ffmpeg command, or smart work that copies what it can. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.join import PLAIN, Transition
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
    """Clips one after the other, in the form of clip `model` (None: of the most); what has that form already is copied
    where it can be. With `loudness_lufs` each clip is made that loud before.
    """

    clips: tuple[tuple[Path, Facts], ...]
    output: Path
    model: int | None = 0
    transition: Transition = PLAIN
    loudness_lufs: float | None = None


Work = Command | Trimming | Joining
