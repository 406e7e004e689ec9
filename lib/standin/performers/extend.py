"""Extends a clip: its motion swings on past the end, comes to rest, and flows back, without a cut or a fade.

Past the last picture the optical flow is carried on; as the swing returns it meets the clip's own pictures, so what is
shown never dissolves, however long the extension. PixVerse answers with the clip and five or eight seconds more; MAGI
with the pictures before `start_frame` unchanged and `num_frames` that follow. With the variant
{"extend": "continuation"} either answers with the new part alone. The clip's sound is kept over its own part; silence
follows.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from lib.standin.performers.film import Film
from lib.standin.performers.flow import Onward, Scenes, mixed
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import Clip, Picture, Size, arrays, look, pictures, shape_of
from lib.standin.performers.sound import samples_of

MORE_S = 5  # in fast mode, which has no field for it
DEFAULT_PREFIX = 32  # MAGI starts that many pictures before the end (document 003, page 4)
MEMORY_BYTES = 160_000_000  # of pictures to go back through


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the new part begins and how long it is; None begins at the end of the clip."""

    size: Size
    new: int
    start: int | None = None
    fill: bool = False


def perform(part: Part) -> Played:
    """The clip and its continuation, or the continuation alone."""
    clip = look(part, "video_url")
    magi = part.endpoint.startswith("fal-ai/magi")
    plan = _magi(part, clip) if magi else _pixverse(part, clip)
    alone = part.variant.get("extend") == "continuation"
    seconds = plan.new / float(clip.rate)
    part.log(f"Extending by {plan.new} frames ({seconds:.1f} s) at {plan.size.width} x {plan.size.height}")
    film = Film(
        part, plan.size, clip.rate, marked=part.marked("video_url"), colours=clip.colours,
        sound=None if alone or not clip.has_sound else samples_of(clip.path),
    )  # fmt: skip
    with film:
        _film(film, part, clip, plan, alone)
    return Played({"video": film.path}, {"seed": part.seed} if magi else {})


def _pixverse(part: Part, clip: Clip) -> Plan:
    short = int(part.values["resolution"].removesuffix("p"))
    return Plan(clip.size.with_short(short), round(int(part.values.get("duration", MORE_S)) * clip.rate))


def _magi(part: Part, clip: Clip) -> Plan:
    short = int(part.values["resolution"].removesuffix("p"))
    ratio, start = part.values["aspect_ratio"], part.values.get("start_frame")
    size = clip.size.with_short(short) if ratio == "auto" else shape_of(ratio, short)
    frames = clip.frames or sum(1 for _ in pictures(clip, clip.size, rate=clip.resample))
    if start is not None and not 0 <= start <= frames:
        raise Refused("start_frame", f"The video has {frames} frames; the start frame must be between 0 and {frames}.")
    return Plan(size, part.values["num_frames"], max(frames - DEFAULT_PREFIX, 0) if start is None else start, fill=True)


def _film(film: Film, part: Part, clip: Clip, plan: Plan, alone: bool) -> None:
    """The clip's own pictures, then those past its end; `alone` leaves out what stands before the new part."""
    inner = plan.size if plan.size.width <= clip.size.width else clip.size
    inner = plan.size if plan.fill else inner
    source = arrays(pictures(clip, inner, rate=clip.resample, cover=plan.fill, threads=part.threads))
    room = max(4, min(round(plan.new), MEMORY_BYTES // (inner.width * inner.height * 3 // 2)))
    past: deque[Picture] = deque(maxlen=room)
    last = math.inf if plan.start is None else plan.start + plan.new
    scenes = Scenes()
    for index, picture in enumerate(source):
        if scenes.cut(picture):  # the motion must not flow back into another scene
            past.clear()
        past.append(picture)
        new = plan.start is not None and index >= plan.start
        if index < last and (new or not alone):
            film.show(picture)
    shown = 0 if plan.start is None else film.count - (0 if alone else plan.start)
    for picture in _onward(list(past), float(clip.rate), random.Random(part.seed), plan.new - shown):
        film.show(picture)


def _onward(past: list[Picture], rate: float, rng: random.Random, count: int) -> Iterator[Picture]:
    """`count` pictures that follow `past`."""
    if count <= 0:
        return
    span = min(2, len(past) - 1)
    least, most = (rate * seconds * 2 / math.pi for seconds in (0.3, rng.uniform(1.0, 1.4)))
    onward = Onward.of(past[-1 - span], past[-1], max(1, span), least, most)
    turn = max(1, int(onward.reach * math.pi / 2 * rng.uniform(0.7, 1.0)))
    behind = max(min(len(past) - 1, turn), int((len(past) - 1) * rng.uniform(0.6, 1.0)))
    for step in range(1, count + 1):
        at = swing(step, turn, behind)
        yield onward.after(at) if at > 0 else _past(past, at)


def _past(past: list[Picture], at: float) -> Picture:
    """The picture `at` (zero or negative) pictures before the last; between two, a blend of them."""
    place = len(past) - 1 + at
    before = max(0, math.floor(place))
    return mixed(past[before], past[min(before + 1, len(past) - 1)], max(0.0, place - before))


def swing(step: int, turn: int, behind: int) -> float:
    """Where the motion is, in pictures after the last one, `step` pictures later.

    Like a pendulum: on by 2/pi of `turn` and back, at full speed through the pictures `behind`, rest, and again.
    """
    height = 2 * turn / math.pi
    run = max(0, math.floor(behind - height))
    period = 4 * turn + 2 * run
    step %= period
    if step <= 2 * turn:
        return height * math.sin(math.pi * step / (2 * turn))
    if step <= 2 * turn + run:
        return float(2 * turn - step)
    if step <= 4 * turn + run:
        return max(-run - height * math.sin(math.pi * (step - 2 * turn - run) / (2 * turn)), -float(behind))
    return float(step - period)
