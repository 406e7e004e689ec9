"""Tiny clips that say in every picture which one it is, and carry noise in which every moment can be found."""

from __future__ import annotations

import struct
import subprocess
import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from lib.media.binary import ffmpeg

WIDTH, HEIGHT, CELL = 96, 64, 16
RATE = 48_000


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """A grey picture with `number` as twelve black or white cells."""
    grey = np.full((height, width, 3), 110, np.uint8)
    for bit in range(12):
        row, column = divmod(bit, 6)
        value = 235 if number >> bit & 1 else 16
        grey[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL] = value
    return grey


def number_in(pixels: np.ndarray) -> int:
    """The number in a decoded picture, whatever size it was brought to."""
    height, width = pixels.shape[:2]
    bits = 0
    for bit in range(12):
        row, column = divmod(bit, 6)
        y, x = int((row + 0.5) * CELL * height / HEIGHT), int((column + 0.5) * CELL * width / WIDTH)
        bits |= (pixels[y - 1 : y + 2, x - 1 : x + 2].mean() > 128) << bit
    return bits


def noise(seconds: float, seed: int = 7) -> np.ndarray:
    """Aperiodic sound, -1 to 1, without the highest tones that AAC drops."""
    raw = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return np.clip(np.convolve(raw, np.ones(8) / 8, "same") * 0.6, -1, 1).astype(np.float32)


def write(
    path: Path,
    *,
    frames: int = 50,
    fps: Fraction | int = 25,
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    sound: np.ndarray | None = None,
    sound_codec: str = "aac",
    times: list[float] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    first: int = 0,
    comment: str = "",
    **options: str,
) -> Path:
    """A clip with pictures numbered from `first`; `times` (in seconds) make the rate vary."""
    with av.open(str(path), "w") as container:
        if comment:
            container.metadata["comment"] = comment
        video = container.add_stream(codec, rate=Fraction(fps), options=options)
        video.width, video.height, video.pix_fmt = *size, pixel_format
        if times is not None:
            video.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream(sound_codec, rate=RATE, layout="mono") if sound is not None else None
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(first + index, *size), format="rgb24")
            if times is not None:
                frame.pts, frame.time_base = round(times[index] * 1000), Fraction(1, 1000)
            else:
                frame.pts, frame.time_base = index, 1 / Fraction(fps)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if audio is not None and sound is not None:
            _mux_sound(container, audio, sound)
    return path


def _mux_sound(container: av.container.OutputContainer, audio: av.AudioStream, sound: np.ndarray) -> None:
    for start in range(0, len(sound), 1024):
        frame = av.AudioFrame.from_ndarray(sound[None, start : start + 1024], format="fltp", layout="mono")
        frame.pts, frame.sample_rate, frame.time_base = start, RATE, Fraction(1, RATE)
        container.mux(audio.encode(frame))
    container.mux(audio.encode())


def numbers(path: Path) -> list[int]:
    """The numbers in all pictures that a player shows, in order."""
    with av.open(str(path)) as container:
        return [number_in(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def times(path: Path) -> list[float]:
    """When each picture is shown, in seconds."""
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def heard(path: Path) -> np.ndarray:
    """The first channel, placed in time (silence where the track has none), at 48 kHz."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE)
        parts = [(frame.pts * frame.time_base, frame) for frame in container.decode(audio=0)]
        offset = round(parts[0][0] * RATE) if parts else 0
        samples = [out.to_ndarray()[0] for _, frame in parts for out in resampler.resample(frame)]
        samples += [out.to_ndarray()[0] for out in resampler.resample(None)]
    sound = np.concatenate(samples)
    return np.concatenate([np.zeros(max(offset, 0), np.float32), sound[max(-offset, 0) :]])


def lag(result: np.ndarray, truth: np.ndarray, reach: int = 4000) -> int:
    """By how many samples `result` comes late against `truth` (both begin at what should be the same moment)."""
    length = min(len(result), len(truth))
    size = 2 * length
    spectrum = np.fft.rfft(result[:length], size) * np.conj(np.fft.rfft(truth[:length], size))
    found = np.fft.irfft(spectrum, size)
    shifts = np.concatenate([found[:reach], found[-reach:]])
    best = int(np.argmax(shifts))
    return best if best < reach else best - 2 * reach


def ffmpeg_run(*args: str | Path) -> None:
    """ffmpeg as it is, for clips that PyAV cannot write."""
    argv = [str(ffmpeg()), "-v", "error", "-y", *map(str, args)]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def png_bomb(side: int) -> bytes:
    """A grey PNG of `side` x `side` black pixels, a thousand times smaller than what it unpacks to."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    packer, row = zlib.compressobj(1), bytes(side + 1)
    rows = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
