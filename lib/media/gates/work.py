"""The limited child's part: looks through a take and its input once each, and says what is wrong."""

from __future__ import annotations

from typing import Any

from lib.media.gates import heard, seen
from lib.media.gates.defect import Defect
from lib.media.gates.watch import watched
from lib.media.smart.report import Steps


def judge(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """{"defects": …}: those that only the pictures and the sound themselves show.

    `request` holds the `take`, the `input` whose pictures it was made of and the file that its `sound` is from (None
    where there is none), each {path, size, frames, zero_s, sound_s, has_sound}; what `differs` and `wants_sound` say
    is in `Expected`. `frames` are None for what has no pictures that move.
    """
    take, given, sound = request["take"], request["input"], request["sound"]
    steps.expect(sum(one["size"] for one in (take, given) if one))
    defects = list[Defect]()
    if take["frames"]:
        pictures = watched(take["path"], take["frames"], steps.moved)
        input_pictures = watched(given["path"], given["frames"] or 1, steps.moved) if given else None
        defects += seen.faults(pictures, input_pictures, differs=request["differs"])
    made = heard.heard_of(take, take["sound_s"])
    if made is not None:
        known = heard.heard_of(sound, take["sound_s"] + heard.REACH_S)
        defects += heard.faults(made, known, wanted=request["wants_sound"])
    return {"defects": [one.as_json() for one in defects]}
