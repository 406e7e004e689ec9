"""What a cut asks for, as data: an ffmpeg command, or smart work that copies what it can. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lib.media.command import Command
from lib.media.facts import Facts
from lib.media.join import PLAIN, Transition
from lib.media.sound.extract import Format
from lib.media.sound.voices import Voice
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


@dataclass(frozen=True, slots=True)
class Picking:
    """Pictures of a clip in files of their own, in the form that the output's ending says.

    `numbers` says which, or `which` how they are found in `part`: its key pictures, the first of each scene (where the
    change is above `threshold`, 0 to 100), or the sharpest one. `output` is a pattern such as "%04d.png" for `many`.
    """

    source: Path
    facts: Facts
    output: Path
    part: Span
    which: Literal["numbers", "keyframes", "scenes", "sharpest"] = "numbers"
    numbers: tuple[int, ...] = ()
    threshold: float = 10.0
    many: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """Pictures of a clip in one, `width` pixels wide, in rows and columns.

    Each of `numbers` (ascending) may be replaced by a key picture up to `reach` pictures before it: with 0 all are
    exact. `timecode` writes under each when it comes.
    """

    source: Path
    facts: Facts
    output: Path
    numbers: tuple[int, ...]
    rows: int
    columns: int
    width: int
    timecode: bool = True
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Evening:
    """A clip's sound brought to `target_lufs` (EBU R128), its true peaks kept under `peak_db`.

    The pictures of an MP4 are copied where they can be, others encoded.
    """

    source: Path
    facts: Facts
    output: Path
    target_lufs: float
    peak_db: float


@dataclass(frozen=True, slots=True)
class Speaking:
    """A text spoken by the computer, as a sound file."""

    text: str
    voice: Voice
    format: Format
    output: Path


@dataclass(frozen=True, slots=True)
class Move:
    """The pictures of a part in their order, or `backwards`; or its first one alone, `held` for so many pictures."""

    part: Span
    backwards: bool = False
    held: int = 0

    @property
    def frames(self) -> int:
        return self.held or self.part.frames


@dataclass(frozen=True, slots=True)
class Playing:
    """A clip played by these moves, one after the other; sound goes with its pictures, held ones are silent."""

    source: Path
    facts: Facts
    moves: tuple[Move, ...]
    output: Path


@dataclass(frozen=True, slots=True)
class Seaming:
    """A clip and what a model made on from it, one after the other without a picture that comes twice.

    `overlap` says how many pictures of the second are in the first already; None has it found. The second may be
    brought to the first one's colours and loudness. A cross-fade lasts at most as long as both show the same.
    """

    source: tuple[Path, Facts]
    extended: tuple[Path, Facts]
    output: Path
    overlap: int | None = None
    match_colour: bool = False
    match_loudness: bool = False
    crossfade_s: float = 0.0


Work = Command | Trimming | Joining | Seaming | Picking | Sheet | Evening | Speaking | Playing
