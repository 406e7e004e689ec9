"""The limited child itself: takes requests from its input, one JSON object a line, and prints one for each."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any

import av

from lib.errors import BadMedia, MediaError, TooLarge
from lib.media.smart.report import Steps

WORKS = {
    "look": "lib.media.smart.joiner:look",
    "join": "lib.media.smart.joiner:join",
    "cut": "lib.media.smart.cutter:cut",
    "preview": "lib.media.smart.edits:preview",
    "take": "lib.media.stills.work:take",
    "sheet": "lib.media.stills.sheet:sheet",
    "strip": "lib.media.film.draw:draw",
    "speak": "lib.media.sound.speech:write_speech",
    "prove": "lib.media.proof.judge:judge",
    "proof sheet": "lib.media.proof.draw:sheet",
    "promise": "lib.media.proof.promise:judge",
}
"""What may be asked for, and the function that does it."""
REPORTING = ("join", "cut", "preview", "take", "sheet")
"""Those that say how far they are."""


def main() -> None:
    """Works until its input ends."""
    av.logging.set_level(None)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return _done(request)
    except MediaError as error:
        return {"error": error.record()}
    except MemoryError:
        return {"error": TooLarge("This needs more memory than a step may use.", hint="").record()}
    except av.error.FFmpegError as error:
        return {"error": BadMedia(f"The clip cannot be worked on ({error.strerror}).", hint="").record()}


def _done(request: dict[str, Any]) -> dict[str, Any]:
    # Each work is imported when it is due: imports are most of the time that a small cut takes.
    module, name = WORKS[request["do"]].split(":")
    work = getattr(import_module(module), name)
    done: dict[str, Any] = work(request, Steps()) if request["do"] in REPORTING else work(request)
    return done
