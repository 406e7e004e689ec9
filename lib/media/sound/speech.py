"""Speech by eSpeak NG, whose library and voices come with the espeakng-loader wheel."""

from __future__ import annotations

import ctypes
import wave
from pathlib import Path
from typing import Any

import av
import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from lib.media.sound.voices import Voice

RATE = 48_000
_RETRIEVAL = 1  # AUDIO_OUTPUT_RETRIEVAL of speak_lib.h: samples come through the callback
_UTF8 = 1
_WORDS_A_MINUTE, _VOLUME, _PITCH, _PITCH_RANGE = 1, 2, 3, 4  # espeak_PARAMETER
_PEAK = 0.7


def speak(text: str, voice: Voice) -> NDArray[np.float32]:
    """The text, spoken: (2, samples) at 48 kHz. Raises OSError without eSpeak's voices.

    Once in a process: started anew in the same one, eSpeak may lose words or hang.
    """
    library, rate = _library()
    if library.espeak_SetVoiceByName(voice.name.encode()) != 0:
        library.espeak_SetVoiceByName(voice.name.partition("+")[0].encode())
    for parameter, value in ((_WORDS_A_MINUTE, voice.pace), (_PITCH, voice.pitch), (_PITCH_RANGE, 60)):
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


def write_speech(request: dict[str, Any]) -> dict[str, Any]:
    """Inside a limited child: speaks `text` with `voice` into the WAV file `output`; says its length in samples.

    It is 0 where nothing was to be heard.
    """
    sound = speak(request["text"], Voice(**request["voice"]))
    with wave.open(str(Path(request["output"])), "wb") as out:
        out.setparams((2, 2, RATE, 0, "NONE", "NONE"))
        out.writeframes((sound.T * 32767).astype("<i2").tobytes())
    return {"samples": sound.shape[1] if sound.any() else 0}
