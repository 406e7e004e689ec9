"""Gaussian-splat scenes: good ones are counted, others are named, bombs do not go off."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import plyfile
import pytest

from lib.errors import BadMedia, TooLarge, Unsupported
from lib.media.mark import REHEARSAL_MARK
from lib.media.probe import probe
from lib.media.scene import read_scene

pytestmark = pytest.mark.anyio
SPLAT = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", "opacity", "scale_0", "scale_1", "scale_2",
         "rot_0", "rot_1", "rot_2", "rot_3"]  # fmt: skip
HEAD = "ply\nformat {format} 1.0\n"


def scene(path: Path, count: int, names: list[str], *, text: bool = False, comment: str = "") -> Path:
    rows = np.zeros(count, dtype=[(name, "f4") for name in names])
    element = plyfile.PlyElement.describe(rows, "vertex")
    plyfile.PlyData([element], text=text, comments=[comment] if comment else []).write(str(path))
    return path


@pytest.mark.parametrize("text", [False, True])
async def test_scene(tmp_path: Path, text: bool) -> None:
    """A scene is counted, in binary and in text, and the probe knows it for one."""
    path = scene(tmp_path / "scene.ply", 123, SPLAT, text=text)
    facts = await probe(path)
    assert (facts.kind, facts.content_type, facts.gaussians) == ("scene", "model/ply", 123)
    assert facts == read_scene(path)
    assert not facts.rehearsal


def test_mark(tmp_path: Path) -> None:
    """A scene that the stand-in made says so in a comment."""
    assert read_scene(scene(tmp_path / "scene.ply", 1, SPLAT, comment=REHEARSAL_MARK)).rehearsal


def test_point_cloud(tmp_path: Path) -> None:
    """A plain point cloud is named as what it is."""
    with pytest.raises(Unsupported, match=r"point cloud or a mesh.*opacity"):
        read_scene(scene(tmp_path / "cloud.ply", 5, ["x", "y", "z"]))


def test_empty_scene(tmp_path: Path) -> None:
    """A scene without Gaussians is no scene."""
    with pytest.raises(BadMedia, match="empty"):
        read_scene(scene(tmp_path / "empty.ply", 0, SPLAT))


def test_large_scene_is_fast(tmp_path: Path) -> None:
    """Half a million Gaussians are counted without reading them."""
    path = scene(tmp_path / "large.ply", 500_000, SPLAT)
    began = time.monotonic()
    assert read_scene(path).gaussians == 500_000
    assert time.monotonic() - began < 1


FLOATS = "".join(f"property float {name}\n" for name in SPLAT)
BOMBS = {
    "count": HEAD + "element vertex 1000000000000\n" + FLOATS + "end_header\n",
    "text": "ply\nformat ascii 1.0\nelement vertex 1000000000000\n" + FLOATS + "end_header\n1 2 3\n",
    "negative": HEAD + "element vertex -5\n" + FLOATS + "end_header\n",
    "words": HEAD + "element vertex many\n" + FLOATS + "end_header\n",
    "twice": HEAD + "element vertex 1\n" + FLOATS + FLOATS + "end_header\n" + "0" * 400,
    "list": HEAD + "element vertex 0\n" + FLOATS + "element face 900000000\nproperty list uchar int i\nend_header\n",
    "no_elements": HEAD + "end_header\n",
    "no_end": HEAD + "element vertex 1\n" + FLOATS,
    "long_line": HEAD + "comment " + "x" * 5_000_000 + "\nelement vertex 1\n" + FLOATS + "end_header\n",
    "properties": HEAD + "element vertex 1\n" + "".join(f"property float p{n}\n" for n in range(3000)) + "end_header\n",
    "odd_type": HEAD + "element vertex 1\nproperty quadruple x\nend_header\n" + "0" * 99,
    "upper_case": "PLY\n",
    "plyers": "plyers are a tool\n",
}


@pytest.mark.parametrize("name", list(BOMBS))
@pytest.mark.parametrize("format", ["binary_little_endian", "binary_big_endian"])
def test_bombs(tmp_path: Path, name: str, format: str) -> None:
    """A header that lies or never ends is refused at once, with a sentence."""
    path = tmp_path / "bomb.ply"
    path.write_text(BOMBS[name].replace("{format}", format))
    began = time.monotonic()
    with pytest.raises((BadMedia, TooLarge, Unsupported)) as caught:
        read_scene(path)
    assert time.monotonic() - began < 0.5
    assert caught.value.hint


def test_truncated(tmp_path: Path) -> None:
    """A scene whose end is missing is refused as incomplete."""
    path = scene(tmp_path / "scene.ply", 100, SPLAT)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(BadMedia, match="incomplete"):
        read_scene(path)
