"""The limited child itself: takes requests from its input, one JSON object a line, and prints one for each."""

from __future__ import annotations

import errno
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import av

from lib.errors import BadMedia, MediaError, NoSpace, TooLarge, Unsupported
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
    "gate": "lib.media.gates.work:judge",
    "seam": "lib.media.seam.find:find",
}
"""What may be asked for, and the function that does it."""
REPORTING = ("join", "cut", "preview", "take", "sheet", "prove", "gate", "seam")
"""Those that say how far they are."""


def main() -> None:
    """Works until its input ends."""
    av.logging.set_level(None)
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), flush=True)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    """What came of it. An exception that is a fault of ours is left to end this child, which tells it as such."""
    try:
        return _done(request)
    except MediaError as error:
        return {"error": error.record()}
    except MemoryError:
        return {"error": TooLarge("This needs more memory than a step may use.", hint="").record()}
    except av.error.FFmpegError as error:
        return {"error": BadMedia(f"The clip cannot be worked on ({error.strerror}).", hint="").record()}
    except OSError as error:
        return {"error": _of_the_disk(error).record()}
    except ValueError as error:
        if not _is_of_av(error):
            raise
        said = "The clip's pictures or sound have a form that cannot be worked on here."
        return {"error": Unsupported(said, hint="Convert it to H.264 with AAC sound first.").record()}


def _of_the_disk(error: OSError) -> MediaError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoSpace("The disk is full.", hint="Free some space, then start this step again.")
    if error.errno == errno.EFBIG:
        said = "The result grew past the largest size that a file may have here."
        return TooLarge(said, hint="Use a shorter clip or a smaller picture.")
    return MediaError(f"A file could not be read or written ({error.strerror or error}).", hint="Start it again.")


def _is_of_av(error: ValueError) -> bool:
    """Whether PyAV raised it: so it refuses forms that it has no way for."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return place is not None and Path(place.tb_frame.f_code.co_filename).parts[:1] == ("av",)


def _done(request: dict[str, Any]) -> dict[str, Any]:
    # Each work is imported when it is due: imports are most of the time that a small cut takes.
    module, name = WORKS[request["do"]].split(":")
    work = getattr(import_module(module), name)
    done: dict[str, Any] = work(request, Steps()) if request["do"] in REPORTING else work(request)
    return done
