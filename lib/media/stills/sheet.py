"""The child's part of a contact sheet: small pictures in rows and columns, with their times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lib.errors import TooLarge
from lib.media.limits import MAX_PIXELS
from lib.media.proof.measure import Array
from lib.media.smart.report import Steps
from lib.media.stills.choose import Chosen, Clip
from lib.media.stills.clock import Clock
from lib.media.stills.files import write
from lib.media.stills.judge import Box, judged_cells, truth
from lib.media.stills.reader import Reader
from lib.media.stills.shown import as_shown

GAP = 8
GROUND, INK = (24, 24, 24), (225, 225, 225)
TALLEST = 4  # times as high as wide, for very narrow clips


def sheet(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """Writes the sheet into `request["folder"]`; says the pictures' numbers, times and the sheet's size, and how like
    each is to the clip's own and to those beside it.
    """
    columns = request["columns"]
    across = _across(request["width"], columns)
    steps.plan(len(request["numbers"]))
    cells, numbers, times_s, own = [], [], [], []
    with Reader(request["source"], steps.moved) as reader:
        clip = Clip(reader, Clock(**request["clock"]), request["zero_s"])
        for number, frame, *_ in _pictures(clip, request):
            cells.append(as_shown(frame, reader.stream.sample_aspect_ratio, (across, TALLEST * across)))
            own.append(truth(frame, cells[-1].shape[1::-1], GROUND[0]))
            numbers.append(number)
            times_s.append(round(frame.time - clip.zero_s, 6))
            steps.encoded()
    labels = [clock_text(time_s) for time_s in times_s] if request["timecode"] else []
    pixels, boxes = laid_out(cells, labels, (request["rows"], columns), request["width"], request["font"])
    path = Path(request["folder"]) / f"sheet{request['suffix']}"
    write(pixels, path, request["comment"])
    size = (pixels.shape[1], pixels.shape[0])
    found = judged_cells(path, size, boxes, own)
    return {"frames": numbers, "times_s": times_s, "likeness": found, "width": size[0], "height": size[1]}


def _pictures(clip: Clip, request: dict[str, Any]) -> Iterator[Chosen]:
    numbers, reach = request["numbers"], request["reach"]
    if not reach:
        return map(clip.alone, numbers)
    return (clip.key_before(number, number - reach) or clip.alone(number) for number in numbers)


def _across(width: int, columns: int) -> int:
    """How wide a place is, in pixels."""
    return (width - GAP * (columns + 1)) // columns


def laid_out(
    cells: list[Array], labels: list[str], shape: tuple[int, int], width: int, font: str
) -> tuple[Array, list[Box]]:
    """The cells in (rows, columns), `width` pixels wide in all, each in the middle of its place with its label under
    it; and where each is.
    """
    rows, columns = shape
    across = _across(width, columns)
    margin = (width - columns * (across + GAP) + GAP) // 2  # a few pixels cannot be shared among the places
    down = max(cell.shape[0] for cell in cells)
    letters = ImageFont.truetype(font, max(across // 14, 9)) if labels else None
    under = letters.size * 3 // 2 if letters else 0
    size = (width, rows * (down + under + GAP) + GAP)
    if size[0] * size[1] > MAX_PIXELS:
        raise TooLarge(f"The sheet would have {size[0]} x {size[1]} pixels.", hint="Choose a narrower one.")
    image, boxes = Image.new("RGB", size, GROUND), list[Box]()
    draw = ImageDraw.Draw(image)
    for place, cell in enumerate(cells):
        row, column = divmod(place, columns)
        left, top = margin + column * (across + GAP), GAP + row * (down + under + GAP)
        small = Image.fromarray(cell)
        corner = (left + (across - small.width) // 2, top + (down - small.height) // 2)
        boxes.append((*corner, *small.size))
        image.paste(small, corner, small if small.mode == "RGBA" else None)
        if letters:
            draw.text((left + across // 2, top + down + under // 2), labels[place], INK, letters, anchor="mm")
    return np.asarray(image), boxes


def clock_text(time_s: float) -> str:
    """ "00:05:04.100": hours, minutes, seconds and thousandths."""
    thousandths = round(time_s * 1000)
    minutes, seconds = divmod(thousandths, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds // 1000:02d}.{seconds % 1000:03d}"
