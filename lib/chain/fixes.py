"""The fixes that come into question for each kind of finding. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from lib.catalog.cuts.fit import EndpointId
from lib.catalog.expected import Expected
from lib.catalog.form import FieldSpec, fields
from lib.catalog.need import Missed
from lib.chain.alter import BEFORE, SOURCE
from lib.chain.fits import joined_like
from lib.chain.fix import Case, Fix, Fixes, by_cut

SLOWEST = 0.5


def _normalised(case: Case) -> Iterator[Fix]:
    endpoint = case.seen.step.operation
    if endpoint in get_args(EndpointId):
        why = "Rate, number of pictures, size and coding become what the model takes."
        yield by_cut("Make it fit", why, "normalise", {"endpoint": endpoint})


def _count(case: Case) -> Iterator[Fix]:
    """Too few pictures or too many."""
    off, clip = case.missed, case.clip
    if off is None:
        return
    if off.below or not off.sure:
        yield from _longer(off, clip)
    if not off.below or not off.sure:
        why = f"What comes after the first {off.limit:g} pictures goes."
        yield by_cut("Cut the end off", why, "trim", {"end_frame": round(off.limit)})
    yield from _normalised(case)
    if off.need.rule == "frames":
        yield Fix(
            "Let the number decide", "num_frames says how many are made.", values={"match_input_num_frames": False}
        )


def _longer(off: Missed, clip: Expected | None) -> Iterator[Fix]:
    more = math.ceil(off.limit - off.have.low)
    yield by_cut("Hold the last picture", f"It stays for {more} pictures more.", "hold", {"last_frames": more})
    if clip is not None and clip.fps is not None and clip.fps.exact:
        until_s = round(off.limit / clip.fps.low, 6)
        why = f"It is played there and back until it has {off.limit:g} pictures."
        yield by_cut("Loop it", why, "loop", {"until_s": until_s, "there_and_back": True})


def _short_of(case: Case) -> Iterator[Fix]:
    """Fewer pictures than are made, counted at the rate that is asked for."""
    off, clip = case.missed, case.clip
    if off is None or clip is None or clip.duration_s is None:
        return
    wanted_s = off.limit / case.values.frames_per_second
    more_s = math.ceil((wanted_s - clip.duration_s.low) * 100) / 100
    if more_s > 0:
        yield by_cut("Hold the last picture", f"It stays for {more_s:g} s more.", "hold", {"last_s": more_s})
    why = f"It is played there and back until it lasts {wanted_s:g} s."
    yield by_cut("Loop it", why, "loop", {"until_s": round(wanted_s + 0.04, 3), "there_and_back": True})
    yield from _normalised(case)


def _rate(case: Case) -> Iterator[Fix]:
    off = case.missed
    if off is not None:
        yield by_cut(
            "Bring it to a rate that fits",
            f"It is shown at {off.limit:g} pictures a second.",
            "fps",
            {"fps": off.limit},
        )
    yield from _normalised(case)
    why = "frames_per_second says how fast the result is."
    yield Fix("Let the number decide", why, values={"match_input_frames_per_second": False})


def _start(case: Case) -> Iterator[Fix]:
    off = case.missed
    yield Fix(
        "Go on from near the end", "The start frame is left open: 32 before the end.", values={"start_frame": None}
    )
    if off is not None:
        yield Fix("Go on from the end", "The whole clip is kept.", values={"start_frame": int(off.limit)})


def _units(case: Case) -> Iterator[Fix]:
    past = (case.values.num_frames - 96) % 24
    up = case.values.num_frames + 24 - past
    if up <= 192:
        yield Fix("Take all that is paid for", f"{up} pictures cost the same.", values={"num_frames": up})
    yield Fix("Take less", "One unit less is paid.", values={"num_frames": case.values.num_frames - past})


def _beyond(case: Case) -> Iterator[Fix]:
    off = case.missed
    if off is not None:
        most = math.ceil(off.have.high)
        yield Fix("Use them all", "The limit is raised; it takes longer.", values={"max_frames": most})
    yield from _count(case)


def _seconds(case: Case) -> Iterator[Fix]:
    off = case.missed
    if off is not None:
        yield Fix("Use all of it", "More seconds are animated.", values={"first_n_seconds": math.ceil(off.have.high)})
        yield by_cut("Cut the end off", f"{off.limit:g} s are kept.", "trim", {"end_s": off.limit})


def _pixels(case: Case) -> Iterator[Fix]:
    off, clip = case.missed, case.clip
    if off is None or clip is None or clip.height is None:
        return
    share = math.sqrt(off.limit / off.have.high)
    scale = math.floor(case.values.scale * share * 100) / 100
    yield Fix("Enlarge it less", f"{scale:g} times as wide and high.", values={"scale": scale})
    height = math.floor(clip.height.high * share / 2) * 2 - 2
    yield by_cut(
        "Make it smaller before",
        f"It becomes {height} pixels high.",
        "resize",
        {"height": max(height, 16)},
        path="video_url",
    )


def _sound(case: Case) -> Iterator[Fix]:
    """The sound outlasts the picture."""
    off, clip = case.missed, case.clip
    if off is None or clip is None or clip.duration_s is None:
        return
    more_s = math.ceil(off.have.high * 100) / 100
    yield by_cut(
        "Hold the last picture", f"It stays for {more_s:g} s more.", "hold", {"last_s": more_s}, path="video_url"
    )
    until_s = math.ceil((clip.duration_s.high + off.have.high) * 100) / 100
    back = {"until_s": until_s, "there_and_back": True}
    yield by_cut("Loop the picture", f"It is played there and back for {until_s:g} s.", "loop", back, path="video_url")
    factor = math.floor(clip.duration_s.low / until_s * 1000) / 1000
    if factor >= SLOWEST:
        why = f"It plays at {factor:g} of its speed and lasts as long."
        yield by_cut("Slow the picture down", why, "speed", {"factor": factor}, path="video_url")
    laid = ("cut/sound", {"video_url": case.seen.step.input["video_url"], "audio_url": SOURCE}, "video")
    taken = ("cut/extract-sound", {"video_url": BEFORE}, "audio")
    yield Fix("Cut the sound", "It is laid on the picture, cut with it, and taken out again.", (laid, taken))


def _shape(case: Case) -> Iterator[Fix]:
    wanted = {"aspect_ratio": case.values.aspect_ratio}
    yield by_cut("Crop it", "Its edges go, the same on both sides.", "resize", {**wanted, "how": "crop"})
    yield by_cut("Give it bars", "All of it stays, with black bars.", "resize", {**wanted, "how": "letterbox"})
    yield Fix("Keep its own shape", "The result has the shape of the clip.", values={"aspect_ratio": "auto"})


def _kind(case: Case) -> Iterator[Fix]:
    """A clip where a picture or a sound is wanted."""
    why = "The last picture of the clip is used."
    yield by_cut("Take the last picture", why, "frame", {"which": "last"}, output="image")
    yield by_cut("Take the first picture", "The first picture is used.", "frame", {"which": "first"}, output="image")
    yield by_cut("Take its sound", "The sound of the clip is used.", "extract-sound", {}, output="audio")


def _value(case: Case) -> Iterator[Fix]:
    """A value that its field does not take: the nearest that it does."""
    name, given = case.finding.field, case.seen.step.input
    made = case.seen.made
    spec = next((one for one in fields(made.input) if one.name == name), None) if made else None
    if spec is None:
        if name in given:
            yield Fix("Leave it out", "There is no such field.", values={name: None})
        return
    for value in _near(spec, given.get(name)):
        yield Fix(f"Take {value}", f"{spec.title} becomes {value}.", values={name: value})
    if name == "duration" and given.get("resolution") == "1080p":
        yield Fix("Take 5 s", "1080p is limited to 5 s.", values={"duration": "5"})
        yield Fix("Take 720p", "Longer clips are at most 720p.", values={"resolution": "720p"})


def _near(spec: FieldSpec, value: Any) -> Iterator[Any]:
    """What the field takes instead of a number that it does not take."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    numbers = [choice for choice in spec.choices if isinstance(choice, int)]
    if numbers:
        yield from sorted(numbers, key=lambda choice: abs(choice - value))[:2]
    for bound in (spec.minimum, spec.maximum):
        if bound is not None and ((bound == spec.minimum) == (value < bound)) and value != bound:
            yield int(bound) if spec.kind == "integer" else bound


def _left_out(case: Case) -> Iterator[Fix]:
    name = case.finding.field
    if name in case.seen.step.input:
        yield Fix("Leave it out", "It has no effect.", values={name: None})


def _open(case: Case) -> Iterator[Fix]:
    """A cut that is refused at a field: the field left open."""
    name = case.finding.field
    if name in case.seen.step.input:
        yield Fix("Leave it open", "The whole clip counts.", values={name: None})


def _joined_rate(case: Case) -> Iterator[Fix]:
    model = joined_like(case.seen)
    if model is not None and model.fps is not None:
        why = f"It is shown at {model.fps} pictures a second; where it stutters can be seen there."
        yield by_cut("Bring it to that rate", why, "fps", {"fps": model.fps.low})


def _joined_shape(case: Case) -> Iterator[Fix]:
    model = joined_like(case.seen)
    if model is not None and model.width is not None and model.height is not None:
        size = {"width": round(model.width.low), "height": round(model.height.low)}
        yield by_cut("Crop it", "Its edges go.", "resize", {**size, "how": "crop"})
        yield by_cut("Give it bars", "All of it stays, with black bars.", "resize", {**size, "how": "letterbox"})


FIXES: Mapping[str, Fixes] = {
    "frames": _count, "prefix": _count, "too-few": _short_of, "rate": _rate, "start": _start, "units": _units,
    "beyond": _beyond, "seconds": _seconds, "pixels": _pixels, "sound-longer": _sound, "shape": _shape,
    "coding": _normalised, "kind": _kind, "values": _value, "idle": _left_out, "cut": _open, "rates": _joined_rate,
    "shapes": _joined_shape,
}  # fmt: skip
"""By the rule of the finding."""
