"""Draws a strip, inside the limited child: opens the foreign file, decodes few pictures, writes one JPEG."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import av
from PIL import Image

from lib.errors import BadMedia
from lib.media.proof.peek import opened, pictures, start_s, track

QUALITY = 75
NARROWEST, WIDEST = 20, 320
BACKGROUND = (24, 24, 24)
TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
FEW_PACKETS = 400
"""After a seek a key picture comes soon, or the file has no index worth the name."""


def draw(request: dict[str, Any]) -> dict[str, Any]:
    """The size of the strip that was written to `request["output"]`."""
    source, wanted = request["path"], request["wanted"]
    shown = list(_exact(source, wanted)) if request["exact"] else list(_nearest(source, wanted))
    size = _tile_size(next((one for one in shown if one is not None), None), request)
    strip = Image.new("RGB", (size[0] * len(shown), size[1]), BACKGROUND)
    for place, frame in enumerate(shown):
        if frame is not None:
            strip.paste(_small(frame, size, request["rotation"]), (place * size[0], 0))
    strip.save(Path(request["output"]), "JPEG", quality=QUALITY)
    return {"width": strip.width, "height": strip.height}


def _exact(source: str, wanted: list[list[float]]) -> Iterator[Any]:
    """The very pictures. Where a damaged clip lacks one, the rest stays empty."""
    given = 0
    with opened(source) as container:
        start = start_s(container)
        try:
            for frame in pictures(container, [(start + due, slack) for due, slack in wanted]):
                yield frame
                given += 1
        except BadMedia:
            if not given:
                raise
            yield from [None] * (len(wanted) - given)


def _nearest(source: str, wanted: list[list[float]]) -> Iterator[Any]:
    """The key picture at or before each time."""
    with opened(source) as container:
        start = start_s(container)
        stream = track(container, "video")
        stream.codec_context.thread_count = 1  # threads would hold the picture back until more packets come
        for due, _ in wanted:
            container.seek(round((start + due) * av.time_base))
            yield _key_picture(container, stream)


def _key_picture(container: Any, stream: Any) -> Any:
    """The first key picture from here on, taken out of the decoder at once; None where none comes soon."""
    packets = islice(container.demux(stream), FEW_PACKETS)
    packet = next((one for one in packets if one.is_keyframe and one.size), None)
    if packet is None:
        return None
    try:
        return next(iter([*stream.codec_context.decode(packet), *stream.codec_context.decode(None)]), None)
    except av.error.InvalidDataError:  # one damaged picture of many
        return None


def _tile_size(frame: Any, request: dict[str, Any]) -> tuple[int, int]:
    if frame is None:
        raise BadMedia("Not one picture of the clip can be read.", hint="The clip is probably damaged.")
    with opened(request["path"]) as container:
        aspect = track(container, "video").sample_aspect_ratio or 1
    shape = float(aspect) * frame.width / frame.height
    if request["rotation"] in (90, 270):
        shape = 1 / shape
    return min(max(round(request["height"] * shape), NARROWEST), WIDEST), request["height"]


def _small(frame: Any, size: tuple[int, int], rotation: int) -> Image.Image:
    width, height = size[::-1] if rotation in (90, 270) else size
    picture: Image.Image = frame.to_image(width=width, height=height, interpolation="AREA")
    return picture.transpose(TURNS[rotation]) if rotation in TURNS else picture
