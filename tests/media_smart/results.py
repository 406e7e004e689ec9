"""Results of every kind, for readers that are not ours: a cut, two parts, joins, a preview."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from lib.media.join import Transition
from lib.media.probe import probe
from lib.media.smart.join import smart_join
from lib.media.smart.preview import preview
from lib.media.smart.trim import smart_trim
from lib.media.trim import Span
from tests.media.barcoded import noise, write

GOP = {"g": "12", "bf": "2"}


async def _clip(folder: Path, name: str = "clip.mp4", **more: Any) -> Any:
    path = write(folder / name, **({"frames": 60, "sound": noise(2.4), **GOP} | more))
    return path, await probe(path)


async def one_part(folder: Path, output: Path) -> list[int]:
    await smart_trim(*await _clip(folder), output, [Span(7, 51)])
    return list(range(7, 51))


async def two_parts(folder: Path, output: Path) -> list[int]:
    await smart_trim(*await _clip(folder), output, [Span(3, 20), Span(31, 52)])
    return [*range(3, 20), *range(31, 52)]


async def vp9_part(folder: Path, output: Path) -> list[int]:
    more = {"codec": "libvpx-vp9", "bf": "0", "deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "0"}
    await smart_trim(*await _clip(folder, **more), output, [Span(7, 51)])
    return list(range(7, 51))


async def av1_part(folder: Path, output: Path) -> list[int]:
    more = {"codec": "libsvtav1", "bf": "0", "preset": "11", "crf": "20", "svtav1-params": "lp=1"}
    await smart_trim(*await _clip(folder, **more), output, [Span(7, 51)])
    return list(range(7, 51))


async def joined(folder: Path, output: Path) -> list[int]:
    clips = [
        await _clip(folder, "one.mp4", frames=25, sound=noise(1)),
        await _clip(folder, "two.mp4", frames=25, first=25, sound=noise(1, seed=2), profile="baseline", bf="0"),
    ]
    await smart_join(clips, output, model=0)
    return list(range(50))


async def paused(folder: Path, output: Path) -> list[int]:
    """The last clip begins anew behind five black pictures, whose number is 0."""
    clips = [await _clip(folder, f"{n}.mp4", frames=25, first=25 * n, sound=noise(1, seed=n)) for n in range(2)]
    await smart_join(clips, output, transition=Transition("gap", 0.2))
    return [*range(25), *[0] * 5, *range(25, 50)]


async def previewed(folder: Path, output: Path) -> list[int]:
    await preview(*await _clip(folder), output, [Span(7, 51)])
    return list(range(7, 51))


async def previewed_parts(folder: Path, output: Path) -> list[int]:
    await preview(*await _clip(folder), output, [Span(3, 20), Span(31, 52)])
    return [*range(3, 20), *range(31, 52)]


RESULTS: dict[str, Callable[[Path, Path], Coroutine[Any, Any, list[int]]]] = {
    made.__name__: made
    for made in (one_part, two_parts, vp9_part, av1_part, joined, paused, previewed, previewed_parts)
}
