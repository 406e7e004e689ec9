"""What is known of a file before it exists: each fact is a value, lies between two, or is unknown. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lib.media.facts import Facts, Kind

NUMBERS = ("duration_s", "fps", "frames", "width", "height")
WORDS = ("has_sound", "container", "video_codec", "pixel_format", "size_bytes")
LENGTH, SIZE = NUMBERS[:3], NUMBERS[3:]
TYPES = {"video": "video/mp4", "image": "image/png", "audio": "audio/wav", "scene": "model/ply"}
NEAREST, FARTHEST = (0.5, 5.0, (96, 64)), (600.0, 60.0, (1920, 1080))
"""Seconds, rate and size at which a cut of an unknown clip is tried: what comes out the same at both is known."""


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`, both possible; equal where it is known exactly."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        return self.low == self.high

    def to(self, grows: Callable[[float], float]) -> Between:
        """What follows from it by a rule that grows with it."""
        return Between(grows(self.low), grows(self.high))

    def __or__(self, other: Between) -> Between:
        return Between(min(self.low, other.low), max(self.high, other.high))

    def __str__(self) -> str:
        low, high = _plain(self.low), _plain(self.high)
        return low if low == high else f"{low} to {high}"


def just(value: float) -> Between:
    return Between(value, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A file as far as it is known; None is unknown. `fps` is the average rate.

    `made_by` is the endpoint whose pictures these are, "" where that is a person's own file or not known. `facts` are
    those of a file that exists. `why` gives the rule of a fact and its source, by its name.
    """

    kind: Kind
    duration_s: Between | None = None
    fps: Between | None = None
    frames: Between | None = None
    width: Between | None = None
    height: Between | None = None
    has_sound: bool | None = None
    container: str | None = None
    video_codec: str | None = None
    pixel_format: str | None = None
    size_bytes: int | None = None
    made_by: str = ""
    facts: Facts | None = None
    why: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @property
    def ratio(self) -> Between | None:
        """Width by height, where the size is known."""
        if self.width is None or self.height is None or not (self.width.exact and self.height.exact):
            return None
        return just(self.width.low / self.height.low)

    def ends(self, *, tried: bool = False) -> tuple[Facts, ...]:
        """Facts at the low and at the high end, one where all is exact. What is unknown is None, or `tried`."""
        if self.facts is not None:
            return (self.facts,)
        return tuple(dict.fromkeys(_facts(self, at, tried=tried) for at in (0, 1)))

    def as_json(self) -> dict[str, Any]:
        """What is known, numbers as [low, high]."""
        found: dict[str, Any] = {"kind": self.kind}
        found |= {name: [value.low, value.high] for name, value in _numbers(self).items()}
        found |= {name: getattr(self, name) for name in WORDS if getattr(self, name) is not None}
        return found | ({"why": dict(self.why)} if self.why else {})

    def sentence(self) -> str:
        """One line for people: "5 to 10.3 s, 1280 x 720, 24 fps, silent"; "" where nothing is known."""
        length = f"{self.duration_s} s" if self.duration_s else f"{self.frames} pictures" if self.frames else ""
        size = f"{self.width} x {self.height}" if self.width and self.height else ""
        sound = "" if self.has_sound is None or self.kind != "video" else "sound" if self.has_sound else "silent"
        return ", ".join(part for part in (length, size, f"{self.fps} fps" if self.fps else "", sound) if part)


def probed(facts: Facts) -> Expected:
    """A file that exists."""
    length_s = (facts.audio_duration_s or facts.duration_s) if facts.kind == "audio" else facts.duration_s
    made = Expected(
        kind=facts.kind, duration_s=_just(length_s), fps=_just(facts.fps), frames=_just(facts.frames),
        width=_just(facts.width), height=_just(facts.height), has_sound=facts.has_sound, container=facts.container,
        video_codec=facts.video_codec, pixel_format=facts.pixel_format, size_bytes=facts.size_bytes, facts=facts,
    )  # fmt: skip
    return replace(made, why=dict.fromkeys(_numbers(made), "read from the file"))


def _just(value: float | None) -> Between | None:
    return None if value is None else just(value)


def _numbers(made: Expected) -> dict[str, Between]:
    """The numbers that are known, by name."""
    return {name: value for name in NUMBERS if (value := getattr(made, name)) is not None}


def filmed(
    source: str, *, duration_s: Between | None = None, frames: Between | None = None, fps: Between | None = None,
    size: tuple[Between, Between] | None = None, sound: bool | None = None, made_by: str = "",
    why: Mapping[str, str] | None = None,
) -> Expected:  # fmt: skip
    """A clip that an endpoint will give: of length, count and rate two make the third.

    `source` is the rule of every fact that `why` has no other for.
    """
    if frames is None and duration_s and fps:
        frames = Between(float(round(duration_s.low * fps.low)), float(round(duration_s.high * fps.high)))
    elif duration_s is None and frames and fps:
        duration_s = Between(frames.low / fps.high, frames.high / fps.low)
    width, height = size or (None, None)
    made = Expected(
        kind="video", duration_s=duration_s, frames=frames, fps=fps, width=width, height=height, has_sound=sound,
        container="mov,mp4,m4a,3gp,3g2,mj2", video_codec="h264", pixel_format="yuv420p", made_by=made_by,
    )  # fmt: skip
    return replace(made, why={name: (why or {}).get(name, source) for name in _numbers(made)})


def agreed(made: list[Expected], given: list[Expected]) -> Expected:
    """One out of what came of the ends of `given`: what differs by a guess is unknown, else it lies between."""
    first, last = made[0], made[-1]
    lengths = all(one.frames is not None for one in given if one.kind == "video")
    sizes = all(one.width is not None for one in given if one.kind in ("video", "image"))
    found: dict[str, Any] = {}
    for name in NUMBERS:
        found[name] = _joined(getattr(first, name), getattr(last, name), known=lengths if name in LENGTH else sizes)
    for name in WORDS:
        found[name] = getattr(first, name) if getattr(first, name) == getattr(last, name) else None
    makers = {one.made_by for one in given if one.kind == "video"}
    return replace(first, **found, made_by=makers.pop() if len(makers) == 1 else "")


def _joined(one: Between | None, other: Between | None, *, known: bool) -> Between | None:
    if one is None or other is None:
        return None
    return one | other if known or one == other else None


def _facts(of: Expected, at: int, *, tried: bool) -> Facts:
    """Facts at one end, 0 or 1."""
    seconds, rate, size = (FARTHEST if at else NEAREST) if tried else (None, None, (None, None))
    fps = _end(of.fps, at) or (rate if of.kind == "video" else None)
    frames, duration_s = _end(of.frames, at), _end(of.duration_s, at)
    if tried and of.kind in ("video", "audio"):
        duration_s = duration_s or (frames / fps if frames and fps else seconds)
        frames = frames or (duration_s * fps if duration_s and fps else None)
    sound = bool(at) if of.has_sound is None and tried else of.has_sound
    return Facts(
        kind=of.kind, content_type=TYPES.get(of.kind, "application/octet-stream"), size_bytes=of.size_bytes or 1,
        duration_s=duration_s, fps=fps, frames=None if frames is None else max(round(frames), 1),
        width=_whole(_end(of.width, at) or size[0]), height=_whole(_end(of.height, at) or size[1]),
        container=of.container, video_codec=of.video_codec, pixel_format=of.pixel_format,
        audio_codec="aac" if sound else None, audio_duration_s=duration_s if sound else None,
    )  # fmt: skip


def _end(value: Between | None, at: int) -> float | None:
    return None if value is None else value.high if at else value.low


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _plain(value: float) -> str:
    if value >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value == round(value) else f"{value:.2f}".rstrip("0").rstrip(".")
