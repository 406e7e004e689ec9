"""Finds the seam of two clips inside a limited child: opens both, and keeps small pictures around the seam."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from av.video.reformatter import Interpolation

from lib.media.proof.measure import Array
from lib.media.proof.peek import opened, track
from lib.media.seam.align import align
from lib.media.smart.report import Steps
from lib.media.stills.reader import Told

SIZE = (144, 80)  # of what is looked at, whatever the clips' own
MOST = 1500  # pictures of each clip that are looked at: the first one's last, the second one's first


def find(request: dict[str, Any], steps: Steps) -> dict[str, Any]:
    """{position, overlap, likeness, why, tone} of the clips `source` and `extended` ({path, size}).

    `ratio` is how many pictures of the first one of the second lasts. With an `overlap` that is known only the tone is
    found. `tone` are (constant, linear, square) for luma and two of (constant, linear) for chroma, by which the second
    clip gets the first one's colours.
    """
    source, extended = request["source"], request["extended"]
    steps.expect(source["size"] + extended["size"])
    first, second = _pictures(source["path"], steps.moved, last=True), _pictures(extended["path"], steps.moved)
    known = request["overlap"]
    if known is None:
        found = align(first[:, 0], second[:, 0], request["ratio"])
        said: dict[str, Any] = {
            "position": found.position,
            "overlap": found.overlap,
            "likeness": found.likeness,
            "why": found.why,
        }
    else:
        said = {"position": len(first) - known * request["ratio"], "overlap": known, "likeness": None, "why": ""}
    return said | {"tone": _tone(first, second, said["position"], request["ratio"]), "looked_at": len(first)}


def _pictures(path: str, told: Told, *, last: bool = False) -> Array:
    """Small pictures as (luma, blue, red), the clip's first MOST or its last."""
    kept: deque[Array] = deque(maxlen=MOST)
    with opened(path) as container:
        stream = track(container, "video")
        for packet in container.demux(stream):
            told(packet.size)
            for frame in packet.decode():
                if last or len(kept) < MOST:
                    kept.append(_small(frame))
    return np.stack(list(kept))


def _small(frame: Any) -> Array:
    made = frame.reformat(*SIZE, "yuv444p", interpolation=Interpolation.AREA, dst_color_range=1)
    planes: Array = made.to_ndarray().reshape(3, SIZE[1], SIZE[0])
    return planes


def _tone(first: Array, second: Array, position: float, ratio: float) -> list[list[float]]:
    """What brings the second clip's colours to the first one's, by pictures of the same moment (or nearly)."""
    numbers = [n for n in range(len(second)) if position + n * ratio <= len(first) - 0.5][-8:] or [0]
    at = [min(round(position + number * ratio), len(first) - 1) for number in numbers]
    first, second = (pictures[places].astype(np.float32) for pictures, places in ((first, at), (second, numbers)))
    luma = _curve(second[:, 0], first[:, 0], 2)
    return [luma, *(_curve(second[:, one] - 128, first[:, one] - 128, 1) for one in (1, 2))]


def _curve(made: Array, wanted: Array, degree: int) -> list[float]:
    """The curve (constant first) that brings one to the other; the plain line where all is of one colour."""
    if float(made.std()) < 1:
        return [float(wanted.mean() - made.mean()), 1.0, 0.0][: degree + 1]
    return [float(value) for value in np.polyfit(made.ravel(), wanted.ravel(), degree)[::-1]]
