"""What the tests of performers share: tiny clips of their own making, a performance, and eyes and ears to judge it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from lib.catalog import ENDPOINTS
from lib.media.probe import probe
from lib.standin.perform import PERFORMERS, Made, Task

WIDTH, HEIGHT, RATE, FRAMES = 96, 64, 12, 12


def picture(at: float, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """RGB: a smooth texture that moves to the right by a pixel a frame, with a bright square that falls."""
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    shade = 110 + 50 * np.sin((xs - at) / 7) + 40 * np.sin(ys / 9 + (xs - at) / 23)
    rgb = np.dstack([shade, shade * 0.8 + 20, 200 - shade * 0.6])
    top = int(height * 0.5 + at) % max(1, height - 10)
    rgb[top : top + 10, 12:24] = (250, 240, 90)
    return rgb.clip(0, 255).astype(np.uint8)


def make_clip(
    path: Path, *, frames: int = FRAMES, rate: int = RATE, size: tuple[int, int] = (WIDTH, HEIGHT), tone: bool = True,
    comment: str = "", step: float = 1,
) -> Path:  # fmt: skip
    """An mp4 of `picture(0)`, `picture(step)`, ... with a 440 Hz tone."""
    with av.open(str(path), "w") as container:
        container.metadata["comment"] = comment
        video = container.add_stream("libx264", rate=rate, options={"crf": "8", "preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=48_000) if tone else None
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(index * step, *size), format="rgb24")
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(48_000 * frames // rate) / 48_000)
            block = av.AudioFrame.from_ndarray(np.stack([wave, wave]).astype(np.float32), "fltp", "stereo")
            block.sample_rate, block.pts = 48_000, 0
            container.mux([*audio.encode(block), *audio.encode(None)])
    return path


def make_image(path: Path, width: int = WIDTH, height: int = HEIGHT, at: float = 0) -> Path:
    """A PNG of `picture(at)`."""
    av.VideoFrame.from_ndarray(picture(at, width, height), format="rgb24").to_image().save(path)
    return path


@dataclass
class Result:
    """A performance that is over: its files, and what it logged."""

    made: Made
    log: list[str] = field(default_factory=list)

    @property
    def video(self) -> Path:
        return self.made.files["video"]


async def perform(
    folder: Path, endpoint: str, values: Mapping[str, Any], files: Mapping[str, Path], *, seed: int = 7,
    variant: Mapping[str, str] | None = None, log: list[str] | None = None,
) -> Result:  # fmt: skip
    """Performs that endpoint on real files in a folder of its own."""
    number = len(list(folder.glob("take-*")))
    place = folder / f"take-{number}"
    place.mkdir()
    lines: list[str] = [] if log is None else log
    filled = {name: "https://example.org/file" for name in files if "." not in name}
    task = Task(
        endpoint=endpoint, made=ENDPOINTS[endpoint].validate(filled | dict(values)), files=files,
        facts={name: await probe(path) for name, path in files.items()}, folder=place, seed=seed, log=lines.append,
        variant=variant or {},
    )  # fmt: skip
    return Result(await PERFORMERS[endpoint](task), lines)


def frames_of(path: Path, kind: str = "rgb24") -> list[np.ndarray]:
    """Every picture of a clip."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format=kind) for frame in container.decode(video=0)]


def rate_of(path: Path) -> Fraction:
    with av.open(str(path)) as container:
        return Fraction(container.streams.video[0].average_rate or 0)


def lengths_of(path: Path) -> tuple[float, float]:
    """Seconds of picture and of sound (0 without any)."""
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], next(iter(container.streams.audio), None)
        return float(video.duration * video.time_base), float(audio.duration * audio.time_base) if audio else 0.0


def loudness(path: Path, start_s: float, end_s: float) -> float:
    """Root mean square of the sound in that stretch; 0 is silence."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=16_000)
        blocks = [one.to_ndarray() for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    sound = np.concatenate(blocks, axis=1)[0, int(start_s * 16_000) : int(end_s * 16_000)]
    return float(np.sqrt(np.mean(sound**2)))


def psnr(one: np.ndarray, other: np.ndarray) -> float:
    """How alike two pictures are, in dB, the corner of the badge left out."""
    height = one.shape[0]
    error = np.mean((one[height // 3 :].astype(float) - other[height // 3 :]) ** 2)
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
