"""Draws the proof of a result inside a limited child: pairs of pictures, what was found of each, and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lib.media.proof.judge import picked, read
from lib.media.proof.peek import opened, start_s

WIDE, LABEL, GAP, MARGIN = 320, 26, 8, 24
COLUMNS = 2  # pairs beside each other
PAPER, INK, FAINT = (250, 250, 248), (30, 30, 30), (100, 100, 100)


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture of a clip, and the one of the result that should be it."""

    made: int
    source: Image.Image
    result: Image.Image
    source_label: str
    made_label: str


def sheet(request: dict[str, Any]) -> dict[str, Any]:
    """Writes the PNG `to` and says its size. `pairs` are {clip, made, place: {at_s, slack_s}, and two labels}."""
    whole = _drawn(_pairs(request), request["lines"], request["font"])
    whole.save(request["to"])
    return {"size": whole.size}


def _pairs(request: dict[str, Any]) -> list[Pair]:
    asked = request["pairs"]
    with opened(request["output"]) as output:
        made = read(output, sound=False)
        times = {one["made"]: made.at(one["made"], one["place"]["slack_s"]) for one in asked}
        results = {number: _picture(frame) for number, frame in picked(output, times)}
    pairs = []
    for number, clip in enumerate(request["clips"]):
        with opened(clip["path"]) as source:
            zero_s = start_s(source) + clip["zero_s"]
            mine = {n: one for n, one in enumerate(asked) if one["clip"] == number}
            due = {n: (zero_s + one["place"]["at_s"], one["place"]["slack_s"]) for n, one in mine.items()}
            for n, frame in picked(source, due):
                one = mine[n]
                labels = (one["source_label"], one["made_label"])
                pairs.append(Pair(one["made"], _picture(frame), results[one["made"]], *labels))
    return sorted(pairs, key=lambda pair: pair.made)


def _picture(frame: Any) -> Image.Image:
    """As it is shown, in the sheet's size."""
    whole = np.rot90(frame.to_ndarray(format="rgb24"), round(frame.rotation / 90) % 4)
    picture = Image.fromarray(np.ascontiguousarray(whole))
    width, height = picture.size
    scale = WIDE / max(width, height)
    return picture.resize((max(round(width * scale), 1), max(round(height * scale), 1)))


def _drawn(pairs: Sequence[Pair], lines: Sequence[str], font: str) -> Image.Image:
    high = max((one.height for pair in pairs for one in (pair.source, pair.result)), default=0)
    cell = (2 * WIDE + GAP, high + LABEL + GAP)
    columns = min(COLUMNS, max(len(pairs), 1))
    rows, top = -(-len(pairs) // columns), MARGIN + LABEL * len(lines) + GAP
    whole = Image.new("RGB", (columns * (cell[0] + MARGIN) + MARGIN, top + rows * cell[1] + MARGIN), PAPER)
    pen, large, small = ImageDraw.Draw(whole), ImageFont.truetype(font, 16), ImageFont.truetype(font, 13)
    for number, line in enumerate(lines):
        pen.text((MARGIN, MARGIN + number * LABEL), line, INK, large)
    for number, pair in enumerate(pairs):
        left, up = MARGIN + number % columns * (cell[0] + MARGIN), top + number // columns * cell[1]
        for place, (picture, label) in enumerate(((pair.source, pair.source_label), (pair.result, pair.made_label))):
            at = left + place * (WIDE + GAP)
            whole.paste(picture, (at, up + LABEL))
            pen.text((at, up + 6), label, FAINT, small)
    return whole
