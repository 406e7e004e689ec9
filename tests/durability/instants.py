"""The named instants: each kills at exactly one place in the life of a step, then the work goes on."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from lib.errors import NotFound
from tests.durability.chains import EXTEND, INTERPOLATION, LIPSYNC, UPSCALER, Inputs, cutting, gated, single
from tests.durability.place import Place, stop, wait_for_end
from tests.durability.processes import belonging_to, ffmpeg_of, kill, performers_of
from tests.durability.verdict import parts_left
from tests.durability.waiting import until

Instant = Callable[[Place, Inputs], str]
"""Starts a run, kills at the instant, and gives the run's id; nothing that works is left alive."""


def downloading(place: Place, inputs: Inputs) -> str:
    """Half of the result has arrived."""
    run = _while_held(place, inputs, EXTEND, {"route": "file"}, "mid_body")
    assert _states(place, run) == ["completed"], _states(place, run)
    assert parts_left(place), "the half that arrived lies there until the next start"
    return run


def waiting(place: Place, inputs: Inputs) -> str:
    """The worker has asked for the status."""
    here = {"route": "status", "endpoint": INTERPOLATION}
    run = _while_held(place, inputs, INTERPOLATION, here, "after_accept")
    assert _states(place, run) == ["accepted"], _states(place, run)
    return run


def before_saved(place: Place, inputs: Inputs) -> str:
    """The answer has been received, and the request id is not yet in the row."""
    run = _dies(place, inputs, EXTEND, "before_saved")
    assert (_states(place, run), place.bought_for(run)) == (["sending"], 1)
    return run


def before_post(place: Place, inputs: Inputs) -> str:
    """The row says "sending", and nothing has been sent."""
    run = _dies(place, inputs, UPSCALER, "before_post")
    assert (_states(place, run), place.bought_for(run)) == (["sending"], 0)
    return run


def accepted(place: Place, inputs: Inputs) -> str:
    """The provider has accepted, and its answer is still on its way."""
    run = _while_held(place, inputs, LIPSYNC, {"route": "submit", "endpoint": LIPSYNC}, "after_accept")
    assert (_states(place, run), place.bought_for(run)) == (["sending"], 1)
    return run


def cutting_locally(place: Place, inputs: Inputs) -> str:
    """ffmpeg works, stopped in the middle: it dies with the worker all the same."""
    run = place.studio.start(cutting(), inputs.long_clip())
    worker = place.start_worker()
    until(lambda: ffmpeg_of(place.folder), lambda: f"ffmpeg works: {belonging_to(place.folder)} {place.said()}")
    for pid in ffmpeg_of(place.folder):
        kill(pid, signal.SIGSTOP)
    stop(worker)
    until(lambda: not ffmpeg_of(place.folder), "ffmpeg died with its worker")
    assert parts_left(place), "what ffmpeg made so far lies there until the next start"
    return run


def performing(place: Place, inputs: Inputs) -> str:
    """The stand-in performs (for real), and it is the stand-in that dies; the worker starts it again."""
    stop_standin(place)
    place.start_standin(quick=False)
    run = _start(place, inputs, EXTEND)
    worker = place.start_worker()
    until(lambda: performers_of(place.folder), place.said)  # it lives a second or more
    stop_standin(place)
    until(lambda: not performers_of(place.folder), "the performer died with the stand-in")
    until(lambda: place.studio.run(run).ended, place.said)
    stop(worker)
    return run


def looking_through(place: Place, inputs: Inputs) -> str:
    """A take is being looked through, the child stopped in the middle: it dies with the worker."""
    run = _start_gated(place, inputs)
    worker = place.start_worker()
    until(lambda: ffmpeg_of(place.folder), place.said)
    for pid in ffmpeg_of(place.folder):
        kill(pid, signal.SIGSTOP)
    stop(worker)
    until(lambda: not ffmpeg_of(place.folder), lambda: f"the child died with its worker: {belonging_to(place.folder)}")
    assert place.studio.run(run).step("first").state == "running"
    return run


def asked(place: Place, inputs: Inputs) -> str:
    """The question is written down, and nobody has answered; it is answered while nothing runs."""
    run = _start_gated(place, inputs)
    worker = place.start_worker()
    until(lambda: place.studio.run(run).step("first").state == "asking", place.said)
    stop(worker)
    place.studio.decide(run, "first", "accept", attempt=1)
    return run


def answered(place: Place, inputs: Inputs) -> str:
    """A person wanted another take, and the worker dies at once; a second click changes nothing."""
    run = _start_gated(place, inputs)
    worker = place.start_worker()
    until(lambda: place.studio.run(run).step("first").state == "asking", place.said)
    place.studio.decide(run, "first", "redo", attempt=1)
    stop(worker)
    with pytest.raises(NotFound):
        place.studio.decide(run, "first", "redo", attempt=1)
    return run


PAID_INSTANTS: Mapping[str, Instant] = {
    "during download": downloading,
    "during wait": waiting,
    "before the id is saved": before_saved,
    "before POST": before_post,
    "after acceptance": accepted,
}
"""In an order, and with endpoints, in which a run that is being taken up cannot run into the next one's instant."""
OTHER_INSTANTS: Mapping[str, Instant] = {"during ffmpeg": cutting_locally, "during a performance": performing}
"""Those in which it does not matter what a list promises."""

GATE_INSTANTS: Mapping[str, Instant] = {
    "while a take is looked through": looking_through,
    "after the question": asked,
    "after the answer": answered,
}


def meet(place: Place, inputs: Inputs, instants: Mapping[str, Instant]) -> dict[str, str]:
    """Kills at each instant in turn: the name of the instant -> its run."""
    return {name: instant(place, inputs) for name, instant in instants.items()}


def stop_standin(place: Place) -> None:
    """Kills the stand-in, whoever started it, and waits until it is gone."""
    pid = int(json.loads((place.settings.standin_dir / "address.json").read_text())["pid"])
    kill(pid, signal.SIGKILL)
    until(lambda: pid not in belonging_to(place.folder), "the stand-in is gone")


def _start_gated(place: Place, inputs: Inputs) -> str:
    chain = gated()
    return place.studio.start(chain, inputs.of(chain))


def _dies(place: Place, inputs: Inputs, operation: str, at: str) -> str:
    """The run of that operation, after one worker ran into its instant."""
    run = _start(place, inputs, operation)
    code = wait_for_end(place.start_dying_worker(at))
    assert code == -signal.SIGKILL, f"the worker ended with code {code}: {place.said()}"
    return run


def _while_held(place: Place, inputs: Inputs, operation: str, match: dict[str, Any], at: str) -> str:
    """The run of that operation, after a worker was killed while the stand-in held its request."""
    rule = place.fault(match=match, do="hold", at=at, times=1)
    run = _start(place, inputs, operation)
    worker = place.start_worker()
    until(lambda: place.held(rule), place.said)
    stop(worker)
    place.ask("DELETE", f"faults/{rule}")
    return run


def _start(place: Place, inputs: Inputs, operation: str) -> str:
    chain = single(operation)
    return place.studio.start(chain, inputs.of(chain))


def _states(place: Place, run: str) -> list[str]:
    return [step.purchase.state for step in place.studio.run(run).steps if step.purchase]
