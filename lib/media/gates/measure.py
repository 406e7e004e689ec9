"""What is wrong with a take: its facts, and what a limited child sees and hears in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lib.errors import MediaError
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.gates import told
from lib.media.gates.defect import KINDS, Defect, Expected, defect_of
from lib.media.limits import Limits
from lib.media.progress import OnProgress
from lib.media.smart.child import child
from lib.media.smart.running import Progress, Running

Clip = tuple[Path, Facts]
JUDGED = ("video", "audio")
GATE_LIMITS = Limits(deadline_s=900.0)


async def measure(
    take: Clip,
    expected: Expected,
    folder: Path,
    *,
    pictures: Clip | None = None,
    sound: Clip | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Defect]:
    """What is wrong with the take, in the order of KINDS; nothing for what is neither video nor sound.

    `pictures` is the clip or picture that it was made of and `sound` the file that it should sound like, where there
    are any. Works in a private folder in `folder`. A take that cannot be looked through is a Defect ("unreadable").
    Raises Cancelled.
    """
    facts = take[1]
    if facts.kind not in JUDGED:
        return []
    found = list(told.faults(facts, expected))
    request = {
        "do": "gate", "take": _file(take), "input": _file(pictures) if pictures else None,
        "sound": _file(sound) if sound else None, "differs": expected.differs,
        "wants_sound": bool(expected.has_sound),
    }  # fmt: skip
    try:
        found += await _looked_through(request, folder, Running(Progress(on_progress), cancelled, GATE_LIMITS))
    except MediaError as error:
        found.append(Defect("unreadable", f"The take could not be checked: {error.message}", source="the take itself"))
    return sorted(found, key=lambda one: KINDS.index(one.kind))


async def _looked_through(request: dict[str, Any], folder: Path, running: Running) -> Sequence[Defect]:
    with private_folder(folder) as own:
        async with child(own, running.limits) as worker:
            said = await worker.ask(request, running.watch(0, 1))
    return [defect_of(one) for one in said["defects"]]


def _file(clip: Clip) -> dict[str, Any]:
    path, facts = clip
    return {
        "path": str(path.absolute()),
        "size": facts.size_bytes,
        "frames": facts.frames,
        "zero_s": facts.picture_start_s,
        "has_sound": facts.has_sound,
        "sound_s": facts.duration_s or facts.audio_duration_s or 0.0,
    }
