"""Holds a result to its promise, inside a limited child: by the probe's eyes, and by decoding where pictures come from.

Pictures of the result were encoded, often at another size or beside their neighbours in time. So one counts as the
source's when it is much like it at the same size, and no neighbour of the source is more like it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np

from lib.media.look import look
from lib.media.packets import spans
from lib.media.proof.measure import Array, lag, ssim
from lib.media.proof.peek import heard, opened, pictures, start_s, track
from lib.media.proof.sheet import CLEARLY, HALF_A_PACKET, LAST_S, LIKE, SLACK_S, Check, Proof, Seen

Source = tuple[Any, float]
"""An opened file, and when picture 0 comes in it."""
MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
LATER = {MP4: 48, "mp3": 1151}  # samples: MP4 writes some lengths in milliseconds, MP3 can only end with a block
EARLIER = {MP4: 48}
LONGEST_S = 0.4  # of a stretch of sound that is compared


def judge(request: dict[str, Any]) -> dict[str, Any]:
    """The proof as JSON, with "size".

    `request` holds the `output`, and of the promise `times`, `end_s`, `size`, `samples`, `sample_rate`, `heard` and
    `place`; `same` are {made, clip, source} with `around`, the times of the source's picture and its neighbours by
    their numbers (after picture 0); `clips` are {path, zero_s}, `zero_s` being when picture 0 comes.
    """
    found = look(Path(request["output"]))
    times = _times(found)
    samples, offset_s, seen = _samples(request, found), None, list[Seen]()
    faults = [*_shape_faults(request, found, times), *_sound_faults(request, found, samples)]
    if not faults and (request["same"] or request["heard"]):
        with ExitStack() as stack:
            made = stack.enter_context(opened(request["output"]))
            sources = [_source(stack.enter_context(opened(clip["path"])), clip) for clip in request["clips"]]
            seen, faults = _pictures(request, times, made, sources)
            offset_s = _offset_s(request, made, sources)
        faults += _offset_faults(offset_s, request["sample_rate"])
    rate = None if request["samples"] is None else request["sample_rate"]
    proof = Proof(
        len(times), len(request["times"]), found.get("duration_s") or 0.0, tuple(seen), rate, samples,
        request["samples"], offset_s, tuple(faults),
    )  # fmt: skip
    return proof.as_json() | {"size": [found[side] for side in ("width", "height") if found.get(side)]}


def _source(container: Any, clip: Mapping[str, Any]) -> Source:
    return container, start_s(container) + clip["zero_s"]


def _times(found: Mapping[str, Any]) -> list[float]:
    """When its pictures come after the first."""
    if found["kind"] != "video":
        return []
    rate = Fraction(found["fps"]).limit_denominator(1001)
    return found["shown_at_s"] or [float(number / rate) for number in range(found["frames"])]


def _shape_faults(request: dict[str, Any], found: Mapping[str, Any], times: list[float]) -> list[str]:
    wanted, size, is_size = request["times"], request["size"], [found.get("width"), found.get("height")]
    faults = []
    if len(times) != len(wanted):
        faults.append(f"The result shows {len(times)} pictures in place of {len(wanted)}.")
    worst = max((abs(is_s - due_s) for is_s, due_s in zip(times, wanted, strict=False)), default=0.0)
    if worst > SLACK_S:
        faults.append(f"A picture comes {worst * 1000:.1f} ms off its time.")
    if wanted and found["duration_s"] < request["end_s"] - LAST_S:
        faults.append("The picture ends too early.")
    if size and size != is_size:
        faults.append(f"The picture is {is_size[0]} x {is_size[1]} in place of {size[0]} x {size[1]}.")
    return faults


def _samples(request: dict[str, Any], found: Mapping[str, Any]) -> int | None:
    """How long its sound is at the promised rate, as players take it: MP4 says it, other files are decoded."""
    if not found.get("audio_codec"):
        return None
    if found["container"] == MP4:
        return round(float(found["audio_duration_s"]) * int(request["sample_rate"]))
    with opened(request["output"]) as container:
        stream = track(container, "audio")
        return sum(int(frame.samples) for frame in container.decode(stream))


def _sound_faults(request: dict[str, Any], found: Mapping[str, Any], samples: int | None) -> list[str]:
    wanted = request["samples"]
    if wanted is None:
        return [] if samples is None else ["The result has a sound that it should not have."]
    if samples is None:
        return ["The result has no sound."]
    if found["sample_rate"] != request["sample_rate"]:
        return [f"The sound has {found['sample_rate']} samples a second in place of {request['sample_rate']}."]
    if not -EARLIER.get(found["container"], 0) <= samples - wanted <= LATER.get(found["container"], 0):
        return [f"The sound is {samples - wanted:+d} samples longer than it should be."]
    return []


def _pictures(
    request: dict[str, Any], times: list[float], result: Any, sources: Sequence[Source]
) -> tuple[list[Seen], list[str]]:
    """What comparing showed, and what is wrong."""
    seen, faults = [], []
    if not request["same"]:
        return [], []
    made = _made(request, times, result)
    for clip, source in enumerate(sources):
        mine = [one for one in request["same"] if one["clip"] == clip]
        shown = _shown(source, mine)
        for one in mine:
            check = Check(one["made"], clip, one["source"], "encoded")
            likeness = _likeness(one, shown, made[one["made"]], request["place"])
            own = likeness.pop(one["source"])
            seen.append(Seen(check, False, own))
            if own < LIKE or own < max(likeness.values(), default=0.0) - CLEARLY:
                faults.append(f"Picture {check.made} is not picture {check.source} of the source (likeness {own:.3f}).")
    return sorted(seen, key=lambda one: one.check.made), faults


def _made(request: dict[str, Any], times: list[float], result: Any) -> dict[int, Any]:
    numbers = sorted({one["made"] for one in request["same"]})
    video = track(result, "video")
    zero_s = float(min(spans(result, [video])[video.index].starts) * video.time_base)
    wanted = [(zero_s + times[number], _slack_s(times[max(number - 1, 0) : number + 2])) for number in numbers]
    return dict(zip(numbers, map(_upright, pictures(result, wanted)), strict=True))


def _shown(source: Source, same: list[dict[str, Any]]) -> dict[int, Any]:
    """The source's pictures that are needed, by number."""
    container, zero_s = source
    at = {
        int(number): (zero_s + time_s, _slack_s(sorted(one["around"].values())))
        for one in same
        for number, time_s in one["around"].items()
    }
    numbers = sorted(at)
    return dict(zip(numbers, map(_upright, pictures(container, [at[number] for number in numbers])), strict=True))


def _slack_s(times: list[float]) -> float:
    """How far from its time no other picture can be."""
    return min((later - earlier for earlier, later in pairwise(times)), default=0.02) / 2


def _upright(frame: Any) -> Array:
    """Grey and as shown. (libavutil counts turns against the clock, numpy too.)"""
    grey: Array = frame.reformat(format="gray").to_ndarray()
    return np.ascontiguousarray(np.rot90(grey, round(frame.rotation / 90) % 4))


def _likeness(one: dict[str, Any], sources: dict[int, Array], made: Array, place: Any) -> dict[int, float]:
    """How much the result's picture is like the source's and its neighbours, by their numbers."""
    return {int(number): _like(sources[int(number)], made, place) for number in one["around"]}


def _like(source: Array, made: Array, place: Any) -> float:
    height, width = source.shape
    left, top, wide, high = place or (0, 0, width, height)
    if (wide, high) != (width, height):
        frame = av.VideoFrame.from_ndarray(source, format="gray")
        source = frame.reformat(width=wide, height=high, interpolation="BICUBIC").to_ndarray()
    begin_x, begin_y = max(left, 0), max(top, 0)
    end_x, end_y = min(left + wide, made.shape[1]), min(top + high, made.shape[0])
    inner = source[begin_y - top : end_y - top, begin_x - left : end_x - left]
    return ssim(np.ascontiguousarray(inner), np.ascontiguousarray(made[begin_y:end_y, begin_x:end_x]))


def _offset_s(request: dict[str, Any], result: Any, sources: Sequence[Source]) -> float | None:
    """The largest lag of the stretches, in seconds; None where all of them are silent."""
    rate, found = request["sample_rate"], []
    zero_s = start_s(result)
    for one in request["heard"]:
        (container, source_s), length_s = sources[one["clip"]], min(one["length_s"], LONGEST_S)
        truth = heard(container, source_s + one["source_s"], length_s, rate)
        found.append(lag(heard(result, zero_s + one["made_s"], length_s, rate), truth))
    known = [shift for shift in found if shift is not None]
    return max(known, key=abs) / rate if known else None


def _offset_faults(offset_s: float | None, rate: int) -> list[str]:
    if offset_s is None or abs(offset_s) * rate <= HALF_A_PACKET:
        return []
    return [f"The sound is {offset_s * 1000:+.1f} ms off its place."]
