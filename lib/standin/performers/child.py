"""The child process of one performance: `python -m lib.standin.performers.child TASK.json`.

It writes one JSON object per line: {"log": text} any number of times, then {"made": ...} or {"error": ...}.
"""

from __future__ import annotations

import errno
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from lib.standin.performers.part import Part, Played, Refused


def main(path: str) -> int:
    """Plays the part in the task file; the exit code."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not stand between our lines
    script = json.loads(Path(path).read_text(encoding="utf-8"))
    part = Part.read(script, out)
    performer = importlib.import_module(f"lib.standin.performers.{script['module']}")
    if "cv2" in sys.modules:
        sys.modules["cv2"].setNumThreads(part.threads)
    try:
        played: Played = performer.perform(part)
    except Refused as error:
        return _fail(part, {"kind": "refused", "field": error.field, "message": error.message})
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        return _fail(part, {"kind": "full"})
    files = {name: str(file) for name, file in played.files.items()}
    part.say({"made": {"files": files, "values": dict(played.values)}})
    return 0


def _fail(part: Part, error: dict[str, Any]) -> int:
    part.say({"error": error})
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
