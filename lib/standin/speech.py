"""Speech by eSpeak NG, whose library and voices come with the espeakng-loader wheel."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import av
import espeakng_loader
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
_RETRIEVAL = 1  # AUDIO_OUTPUT_RETRIEVAL of speak_lib.h: samples come through the callback
_UTF8 = 1
_WORDS_A_MINUTE, _VOLUME, _PITCH, _PITCH_RANGE = 1, 2, 3, 4  # espeak_PARAMETER
_PEAK = 0.7


@dataclass(frozen=True, slots=True)
class Voice:
    """An eSpeak voice with its variant, pitch (0 to 99) and words a minute."""

    name: str
    pitch: int
    pace: int


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
    chosen = VOICES.get(voice, VOICES["Auto"])
    library, rate = _library()
    if library.espeak_SetVoiceByName(chosen.name.encode()) != 0:
        library.espeak_SetVoiceByName(chosen.name.partition("+")[0].encode())
    for parameter, value in ((_WORDS_A_MINUTE, chosen.pace), (_PITCH, chosen.pitch), (_PITCH_RANGE, 60)):
        library.espeak_SetParameter(parameter, value, 0)
    return _at_48k(_spoken(library, text), rate)


def _library() -> tuple[Any, int]:
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    folder = espeakng_loader.get_data_path().encode()
    rate = library.espeak_Initialize(_RETRIEVAL, 0, folder, 1 << 15)  # 1 << 15: do not exit the process
    if rate <= 0:
        raise OSError("eSpeak NG found no voices in its wheel")
    return library, rate


def _spoken(library: Any, text: str) -> NDArray[np.int16]:
    blocks: list[bytes] = []

    def receive(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            blocks.append(ctypes.string_at(samples, count * 2))
        return 0

    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
    callback = kind(receive)
    library.espeak_SetSynthCallback(callback)
    data = text.encode("utf-8", "replace").replace(b"\0", b" ") + b"\0"
    library.espeak_Synth(data, ctypes.c_size_t(len(data)), 0, 0, 0, _UTF8, None, None)
    library.espeak_Synchronize()
    return np.frombuffer(b"".join(blocks), np.int16)


def _at_48k(samples: NDArray[np.int16], rate: int) -> NDArray[np.float32]:
    if samples.size == 0:
        return np.zeros((2, 0), np.float32)
    frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
    made = [*resampler.resample(frame), *resampler.resample(None)]
    sound = np.concatenate([block.to_ndarray() for block in made], axis=1)
    return np.asarray(sound * (_PEAK / max(1e-6, float(np.abs(sound).max()))), np.float32)
