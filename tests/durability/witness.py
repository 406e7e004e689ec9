"""A stand-in that is quick: the real server, storage, list and bill, with performers that cost no encoder.

`python tests/durability/witness.py FOLDER` serves like `python -m lib standin`. What a step makes is its input with an
own mark at the end, so that every result is real media with bytes (and a hash) of its own.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
from pathlib import Path

from lib.standin.perform import PERFORMERS, Made, Task
from lib.standin.process import serve

QUICK_S = (0.1, 0.4)
PADDING_BYTES = 64 * 1024


async def quick(task: Task) -> Made:
    """The input video, a "free" box with the seed behind it; the same seed makes the same bytes."""
    made = task.folder / "made.mp4"
    shutil.copyfile(task.files["video_url"], made)
    mark = random.Random(task.seed).randbytes(int(task.variant.get("padding_bytes", PADDING_BYTES)))
    with made.open("ab") as file:
        file.write((len(mark) + 8).to_bytes(4, "big") + b"free" + mark)
    task.log("performing")
    await asyncio.sleep(random.Random(task.seed).uniform(*QUICK_S))
    return Made({"video": made}, content_types={"video": "video/mp4"})


if __name__ == "__main__":
    serve(Path(sys.argv[1]), 0, performers=dict.fromkeys(PERFORMERS, quick))
