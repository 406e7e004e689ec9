"""Voices that a computer speaks with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

TITLE = "computer voice (eSpeak NG)"
"""What files with such a voice say of themselves."""


@dataclass(frozen=True, slots=True)
class Voice:
    """An eSpeak voice with its variant ("en-us+f2"), pitch (0 to 99) and words a minute."""

    name: str
    pitch: int
    pace: int


VARIANTS: Mapping[str, str] = {
    "neutral": "", "woman 1": "+f2", "woman 2": "+f3", "woman 3": "+f4", "man 1": "+m1", "man 2": "+m3", "man 3": "+m7",
}  # fmt: skip
