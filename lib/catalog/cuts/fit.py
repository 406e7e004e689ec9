"""Cuts: a clip made to fit, by rate, size, length, speed or for a named endpoint."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import Field

from lib.catalog.cuts.playing import HOLD, LOOP, REVERSE, Files, Known, clip_of
from lib.catalog.cuts.shared import VIDEO, FittedResult
from lib.catalog.fields import Input, VideoIn
from lib.catalog.fit import fitting, takes
from lib.catalog.operation import Cut, Family
from lib.media.command import Command
from lib.media.fit.rate import count, length_of, meant, rate_in
from lib.media.fit.remake import Form, build
from lib.media.fit.size import sized
from lib.media.timing import frames_of


class FpsInput(Input):
    video_url: VideoIn = Field(description="The clip to bring to another rate")
    fps: float = Field(24, ge=1, le=120, description="Pictures a second; 23.976 is taken as 24000/1001")


class FpsResult(FittedResult):
    frames_before: int | None = Field(None, description="How many pictures the clip had")


def _fps(made: FpsInput, files: Files, facts: Known, output: Path) -> Command:
    clip, rate = clip_of(files, facts), meant(made.fps)
    said = {"frames": count(length_of(clip[1]), rate), "frames_before": frames_of(clip[1])}
    return build(clip, output, Form(rate=rate), **said)


FPS = Cut(
    id="cut/fps",
    title="Frame rate",
    about="Show a clip at another rate, as long as before: each new picture is the one that was on screen just then.",
    input=FpsInput,
    output=FpsResult,
    example={"video_url": VIDEO, "fps": 16},
    build=_fps,
    suffix=".mp4",
)

_Aspect = Literal["as it is", "16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "9:21"]


class ResizeInput(Input):
    video_url: VideoIn = Field(description="The clip to bring to another size")
    width: int | None = Field(None, ge=16, le=8192, description="Width in pixels; left open, it follows from the rest")
    height: int | None = Field(None, ge=16, le=8192, description="Height in pixels; left open, it follows too")
    aspect_ratio: _Aspect = Field(
        "as it is", description="Width by height; not used where both of them are given, as they say it already"
    )
    how: Literal["crop", "letterbox", "stretch"] = Field(
        "crop", description="What happens to another shape: its edges go, it gets black bars, or it is stretched"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if self.width is None and self.height is None and self.aspect_ratio == "as it is":
            yield "width", "Give a width, a height or another shape."


def _resize(made: ResizeInput, files: Files, facts: Known, output: Path) -> Command:
    clip = clip_of(files, facts)
    aspect = None if made.aspect_ratio == "as it is" else Fraction(*map(int, made.aspect_ratio.split(":")))
    size = sized(clip[1], made.width, made.height, aspect)
    return build(clip, output, Form(size=size, how=made.how), frames=frames_of(clip[1]))


RESIZE = Cut(
    id="cut/resize",
    title="Resize",
    about="Bring a clip to another size or shape. Sides become even and pixels square; no picture is lost.",
    input=ResizeInput,
    output=FittedResult,
    example={"video_url": VIDEO, "width": 1280, "height": 720},
    build=_resize,
    suffix=".mp4",
)


class SpeedInput(Input):
    video_url: VideoIn = Field(description="The clip to play faster or slower")
    factor: float = Field(2, ge=0.1, le=10, description="2 is twice as fast, 0.5 half as fast; voices keep their pitch")


def _speed(made: SpeedInput, files: Files, facts: Known, output: Path) -> Command:
    clip = clip_of(files, facts)
    tempo = Fraction(made.factor).limit_denominator(1000)
    frames = count(length_of(clip[1]) / tempo, rate_in(clip[1]))
    return build(clip, output, Form(tempo=tempo), frames=frames)


SPEED = Cut(
    id="cut/speed",
    title="Speed",
    about="Play a clip faster or slower at the same frame rate, its sound at the same pitch.",
    input=SpeedInput,
    output=FittedResult,
    example={"video_url": VIDEO, "factor": 0.5},
    build=_speed,
    suffix=".mp4",
)

EndpointId = Literal[
    "fal-ai/lyra-2/splat",
    "fal-ai/luma-dream-machine/ray-2/modify",
    "fal-ai/luma-dream-machine/ray-2/reframe",
    "fal-ai/wan-vace-14b",
    "fal-ai/wan-vace-14b/depth",
    "fal-ai/wan-vace-14b/pose",
    "fal-ai/wan-vace-14b/inpainting",
    "fal-ai/wan-vace-14b/outpainting",
    "fal-ai/wan-vace-14b/reframe",
    "fal-ai/ltx-video-13b-distilled/multiconditioning",
    "fal-ai/magi/extend-video",
    "fal-ai/pixverse/extend/fast",
    "fal-ai/pixverse/lipsync",
    "fal-ai/pixverse/extend",
    "fal-ai/pixverse/sound-effects",
    "fal-ai/fast-animatediff/turbo/video-to-video",
    "fal-ai/video-upscaler",
    "fal-ai/amt-interpolation",
    "fal-ai/ffmpeg-api/merge-audio-video",
    "fal-ai/ffmpeg-api/extract-frame",
]


class NormaliseInput(Input):
    video_url: VideoIn = Field(description="The clip that shall fit")
    endpoint: EndpointId = Field("fal-ai/wan-vace-14b", description="The model that it shall fit")


class NormaliseResult(FittedResult):
    changes: str | None = Field(None, description="What was changed and why")


def _normalise(made: NormaliseInput, files: Files, facts: Known, output: Path) -> Command:
    clip = clip_of(files, facts)
    form, changes = fitting(clip[1], takes(made.endpoint))
    said = " ".join(changes) or "Nothing had to change but the coding."
    return build(clip, output, form, frames=form.frames, changes=said)


NORMALISE = Cut(
    id="cut/normalise",
    title="Normalise",
    about="Make a clip fit a model: rate, number of pictures, size and coding, each changed only where it has to be.",
    input=NormaliseInput,
    output=NormaliseResult,
    example={"video_url": VIDEO, "endpoint": "fal-ai/wan-vace-14b"},
    build=_normalise,
    suffix=".mp4",
)

FAMILY = Family(
    slug="fit",
    title="Fit",
    about="Bring a clip to a rate, a size, a length or a speed, or to what a model takes.",
    operations=(FPS, RESIZE, LOOP, HOLD, REVERSE, SPEED, NORMALISE),
)
