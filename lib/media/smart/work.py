"""The limited child itself: takes requests from its input, one JSON object a line, and prints one for each."""

from __future__ import annotations

import json
import sys
from typing import Any

import av

from lib.errors import BadMedia, MediaError, TooLarge
from lib.media.smart.report import Steps


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
    if request["do"] == "prove":
        from lib.media.proof.judge import judge  # noqa: PLC0415

        return judge(request)
    if request["do"] == "promise":
        from lib.media.proof import promise  # noqa: PLC0415

        return promise.judge(request)
    if request["do"] == "cut":
        from lib.media.smart.cutter import cut  # noqa: PLC0415

        return cut(request, Steps())
    if request["do"] == "take":
        from lib.media.stills.work import take  # noqa: PLC0415

        return take(request, Steps())
    if request["do"] == "sheet":
        from lib.media.stills.sheet import sheet  # noqa: PLC0415

        return sheet(request, Steps())
    if request["do"] == "strip":
        from lib.media.film.draw import draw  # noqa: PLC0415

        return draw(request)
    from lib.media.smart.joiner import join, look  # noqa: PLC0415

    return look(request) if request["do"] == "look" else join(request, Steps())
