"""A Gaussian-splat scene in a PLY file: is it one, and how many Gaussians it has."""

from __future__ import annotations

import re
from pathlib import Path

import plyfile

from lib.errors import BadMedia, TooLarge, Unsupported
from lib.media.facts import Facts
from lib.media.mark import REHEARSAL_MARK

HEADER_BYTES = 64 * 1024
MAX_PROPERTIES = 256
SPLAT = ("x", "y", "z", "f_dc_0", "opacity", "scale_0", "rot_0")
BYTES = {
    "char": 1, "uchar": 1, "int8": 1, "uint8": 1, "short": 2, "ushort": 2, "int16": 2, "uint16": 2,
    "int": 4, "uint": 4, "int32": 4, "uint32": 4, "float": 4, "float32": 4, "double": 8, "float64": 8,
}  # fmt: skip
HINT = "Choose a 3D Gaussian-splat scene, such as lyra-2/splat returns."


def read_scene(path: Path) -> Facts:
    """Facts of the scene at `path` (a real file: from memory the parser is 100,000 times slower).

    The header is checked before the parser sees it, since a header can make the parser busy for seconds. Raises
    BadMedia, Unsupported (a point cloud or a mesh) or TooLarge.
    """
    size = path.stat().st_size
    header = _header(path)
    _check_sizes(header, size - sum(len(line) + 1 for line in header))
    try:
        vertices = plyfile.PlyData.read(str(path), mmap="c")["vertex"]
    except KeyError as error:
        raise _not_splats(()) from error
    except (plyfile.PlyParseError, ValueError) as error:
        raise BadMedia(f"The PLY file is damaged ({error}).", hint=HINT) from error
    names = [prop.name for prop in vertices.properties]
    if not set(SPLAT) <= set(names):
        raise _not_splats(names)
    if vertices.count == 0:
        raise BadMedia("The scene is empty: it has no Gaussians.", hint=HINT)
    marked = any(REHEARSAL_MARK in line for line in header)
    return Facts(kind="scene", content_type="model/ply", size_bytes=size, gaussians=vertices.count, rehearsal=marked)


def _header(path: Path) -> list[str]:
    """Its lines up to end_header, which must lie in the first 64 KB."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if not re.match(rb"ply\r?\n", head):
        raise BadMedia("This is not a PLY file.", hint=HINT)
    found = re.search(rb"\nend_header\r?\n", head)
    if found is None:
        raise BadMedia("The PLY file has no proper header.", hint=HINT)
    return head[: found.end()].decode("ascii", "replace").splitlines()


def _check_sizes(header: list[str], size: int) -> None:
    """Raises where the header promises more than `size` bytes of points can be, or more than a scene needs."""
    if sum(line.startswith("property") for line in header) > MAX_PROPERTIES:
        raise TooLarge(f"The PLY file has more than {MAX_PROPERTIES} properties per point.", hint=HINT)
    if "format ascii 1.0" not in header and _promised_bytes(header) > size:
        raise BadMedia("The PLY file is incomplete: it holds fewer points than its header says.", hint=HINT)
    # In text every value takes two bytes at least: a digit and what separates it from the next.
    if "format ascii 1.0" in header and 2 * _values(header) > size + 1:
        raise BadMedia("The PLY file is incomplete: it holds fewer points than its header says.", hint=HINT)


def _promised_bytes(header: list[str]) -> int:
    return sum(count * sum(BYTES.get(kind, 1) for kind in kinds) for count, kinds in _elements(header))


def _values(header: list[str]) -> int:
    return sum(count * len(kinds) for count, kinds in _elements(header))


def _elements(header: list[str]) -> list[tuple[int, list[str]]]:
    """(count, the type of each property) per element; a list property counts as the type of its length."""
    elements: list[tuple[int, list[str]]] = []
    for line in header:
        words = line.split()
        if words[:1] == ["element"]:
            if len(words) != 3 or not re.fullmatch(r"\d{1,18}", words[2]):
                raise BadMedia("The PLY file's header is damaged (number of points).", hint=HINT)
            elements.append((int(words[2]), []))
        elif words[:1] == ["property"] and elements and len(words) >= 3:
            elements[-1][1].append(words[2] if words[1] == "list" else words[1])
    return elements


def _not_splats(names: tuple[str, ...] | list[str]) -> Unsupported:
    what = "a plain point cloud or a mesh" if {"x", "y", "z"} <= set(names) else "no scene with points"
    missing = ", ".join(name for name in SPLAT if name not in names)
    return Unsupported(f"The PLY file is {what}, not a Gaussian-splat scene (it lacks {missing}).", hint=HINT)
