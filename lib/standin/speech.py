"""The voices by which the lip-sync model calls its speakers, spoken by eSpeak NG."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lib.media.sound import speech
from lib.media.sound.voices import Voice

VOICES: Mapping[str, Voice] = {
    "Auto": Voice("en-us", 50, 165),
    "Emily": Voice("en-gb+f2", 58, 168),
    "James": Voice("en-gb+m3", 38, 158),
    "Isabella": Voice("en-us+f3", 52, 160),
    "Liam": Voice("en-us+m1", 48, 176),
    "Chloe": Voice("en-us+f4", 68, 178),
    "Adrian": Voice("en-us+m7", 42, 160),
    "Harper": Voice("en-us+f1", 48, 170),
    "Ava": Voice("en-us+f5", 60, 164),
    "Sophia": Voice("en-gb+f3", 62, 160),
    "Julia": Voice("en-us+f2", 66, 172),
    "Mason": Voice("en-us+m2", 34, 162),
    "Jack": Voice("en-gb+m1", 52, 180),
    "Oliver": Voice("en-gb+m4", 44, 166),
    "Ethan": Voice("en-us+m4", 56, 170),
}


def speak(text: str, voice: str) -> NDArray[np.float32]:
    """The text, spoken: (2, samples) at 48 kHz. A voice that is not known speaks as Auto. For one process at a time."""
    return speech.speak(text, VOICES.get(voice, VOICES["Auto"]))
