"""Pictures as a player shows them: turned, square, and in the colours that the clip's tags mean."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.media.asked import Picking
from lib.media.binary import ffmpeg
from lib.media.probe import probe
from lib.media.stills.files import png
from lib.media.stills.shown import square
from lib.media.stills.taking import take
from lib.media.trim import Span
from tests.media.barcoded import ffmpeg_run, number_in, write
from tests.media.conftest import Clip

pytestmark = pytest.mark.anyio
PATCHES = np.array(
    [
        [255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255],
        [255, 0, 255], [255, 255, 255], [0, 0, 0], [128, 128, 128], [200, 120, 60],
    ]
)  # fmt: skip
SIDE = 32


def patched(path: Path, patches: np.ndarray, filters: str, *coding: str, height: int = 64) -> Path:
    """A clip of one picture with patches side by side; values from 0 to 1."""
    row = np.repeat(np.round(patches * 65535).astype("<u2"), SIDE, axis=0)
    raw = np.repeat(row[None], height, axis=0).tobytes()
    shape = ("-f", "rawvideo", "-pix_fmt", "rgb48le", "-s", f"{SIDE * len(patches)}x{height}", "-i", "-")
    argv = [str(ffmpeg()), "-v", "error", *shape, "-vf", filters, *coding, str(path)]
    done = subprocess.run(argv, input=raw, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return path


async def still(path: Path, suffix: str = "png", number: int = 0) -> np.ndarray:
    output = path.with_name(f"still.{suffix}")
    await take(Picking(path, await probe(path), output, Span(0, 1), numbers=(number,)))
    return np.asarray(Image.open(output)).astype(int)


def middles(pixels: np.ndarray) -> np.ndarray:
    """The patches of a picture."""
    return pixels[pixels.shape[0] // 2, SIDE // 2 :: SIDE]


@pytest.mark.parametrize(
    ("matrix", "tag", "levels", "pixel_format"),
    [
        ("bt601", "smpte170m", "tv", "yuv420p"),
        ("bt601", "smpte170m", "pc", "yuv420p"),
        ("bt709", "bt709", "tv", "yuv420p"),
        ("bt709", "bt709", "pc", "yuv444p"),
        ("bt709", "bt709", "tv", "yuv422p10le"),
        ("bt2020", "bt2020nc", "tv", "yuv420p"),
        ("bt2020", "bt2020nc", "pc", "yuv420p10le"),
    ],
)
async def test_tagged_colours(tmp_path: Path, matrix: str, tag: str, levels: str, pixel_format: str) -> None:
    """The colours that were encoded come out again, by whatever matrix and range they are tagged with."""
    filters = f"scale=out_color_matrix={matrix}:out_range={levels}:flags=accurate_rnd,format={pixel_format}"
    tags = f"setparams=colorspace={tag}:range={levels}:color_primaries=bt709:color_trc=bt709"
    path = patched(tmp_path / "clip.mkv", PATCHES / 255, f"{filters},{tags}", "-c:v", "libx264", "-qp", "1")
    assert np.abs(middles(await still(path)) - PATCHES).max() <= 3


@pytest.mark.parametrize(("matrix", "height"), [("bt601", 64), ("bt709", 720)])
async def test_untagged_colours(tmp_path: Path, matrix: str, height: int) -> None:
    """Without tags, a large picture is taken for BT.709 and a small one for BT.601, as players do."""
    filters = f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p,setparams=colorspace=unknown"
    path = patched(tmp_path / "clip.mp4", PATCHES / 255, filters, "-c:v", "libx264", "-qp", "1", height=height)
    assert np.abs(middles(await still(path)) - PATCHES).max() <= 3


def pq(nits: np.ndarray) -> np.ndarray:
    """SMPTE ST 2084."""
    light = (nits / 10_000) ** 0.1593017578125
    return ((0.8359375 + 18.8515625 * light) / (1 + 18.6875 * light)) ** 78.84375


def hlg(light: np.ndarray) -> np.ndarray:
    """ARIB STD-B67, light from 0 to 1."""
    high = 0.17883277 * np.log(np.maximum(12 * light - 0.28466892, 1e-9)) + 0.55991073
    return np.where(light <= 1 / 12, np.sqrt(3 * light), high)


TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])  # BT.2087


def hdr(path: Path, coded: np.ndarray, transfer: str, more: str = "") -> Path:
    params = f"log-level=none:lossless=1:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:range=limited{more}"
    filters = "scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10le"
    tags = ("-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv")
    return patched(path, coded, filters, "-c:v", "libx265", "-x265-params", params, *tags)


MASTERED = ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"


@pytest.mark.parametrize("more", ["", MASTERED])
async def test_pq(tmp_path: Path, more: str) -> None:
    """PQ greys become a full scale: black stays, paper white is bright, the brightest is near white, in order."""
    nits = np.array([0, 1, 5, 20, 50, 100, 203, 400, 700, 1000 if more else 4000])
    pixels = middles(await still(hdr(tmp_path / "clip.mp4", pq(nits)[:, None].repeat(3, 1), "smpte2084", more)))
    assert np.abs(pixels - pixels.mean(1, keepdims=True)).max() <= 4
    grey = pixels[:, 0]
    assert (np.diff(grey) > 0).all()
    assert grey[0] <= 3
    assert 100 <= grey[5] <= 170
    assert 145 <= grey[6] <= 215
    assert grey[-1] >= 225


async def test_hlg(tmp_path: Path) -> None:
    """HLG greys likewise; its reference white (light 0.265) is bright and not burnt out."""
    light = np.array([0, 0.005, 0.02, 0.05, 0.1, 0.265, 0.5, 0.7, 0.85, 1])
    grey = middles(await still(hdr(tmp_path / "clip.mp4", hlg(light)[:, None].repeat(3, 1), "arib-std-b67")))[:, 0]
    assert (np.diff(grey) > 0).all()
    assert grey[0] <= 3
    assert 150 <= grey[5] <= 215
    assert grey[-1] >= 245


async def test_wide_colours(tmp_path: Path) -> None:
    """BT.709 colours at 100 nits, sent as BT.2020 PQ, keep their hue: what is not in them stays dark."""
    light = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 0, 1]]) * 100.0
    pixels = middles(await still(hdr(tmp_path / "clip.mp4", pq(light @ TO_2020.T), "smpte2084", MASTERED)))
    lit = light > 0
    assert pixels[lit].min() >= 95
    assert pixels[~lit].max() <= 5


async def test_wide_gamut_without_hdr(tmp_path: Path) -> None:
    """BT.2020 colours at an ordinary brightness are brought to the screen's, their tone kept."""
    light = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0.5], [1, 1, 1]])
    coded = np.where((wide := light @ TO_2020.T) < 0.018, 4.5 * wide, 1.099 * wide**0.45 - 0.099)
    tags = "setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc=bt709"
    filters = f"scale=out_color_matrix=bt2020:out_range=tv,format=yuv444p10le,{tags}"
    path = patched(tmp_path / "clip.mkv", coded, filters, "-c:v", "libx264", "-qp", "1")
    pixels = middles(await still(path))
    wanted = np.where(light < 0.018, 4.5 * light, 1.099 * light**0.45 - 0.099) * 255
    assert np.abs(pixels - wanted).max() <= 6


@pytest.mark.parametrize("mirror", [(), ("-display_hflip",)])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
async def test_turned(clips: dict[str, Clip], tmp_path: Path, degrees: int, mirror: tuple[str, ...]) -> None:
    """However the clip's metadata turn and mirror it, the picture stands as ffmpeg's own player would show it."""
    path, peer = tmp_path / "clip.mp4", tmp_path / "peer.png"
    ffmpeg_run("-display_rotation", str(degrees), *mirror, "-i", clips["plain"].path, "-c", "copy", path)
    ffmpeg_run("-i", path, "-vf", r"select=eq(n\,37)", "-frames:v", "1", "-update", "1", peer)
    wanted, made = np.asarray(Image.open(peer).convert("RGB")).astype(int), await still(path, number=37)
    assert made.shape == wanted.shape
    assert np.abs(made - wanted).mean() < 3


@pytest.mark.parametrize(("aspect", "size"), [("4/3", (128, 64)), ("1/2", (96, 128)), ("1/1", (96, 64))])
async def test_pixels_that_are_not_square(tmp_path: Path, aspect: str, size: tuple[int, int]) -> None:
    """A picture has the shape that a player shows, and none of its pixels is lost."""
    path = tmp_path / "clip.mp4"
    ffmpeg_run("-i", write(tmp_path / "plain.mp4", frames=9), "-vf", f"setsar={aspect}", "-crf", "10", path)
    made = await still(path, number=7)
    assert (made.shape[1], made.shape[0]) == size
    assert number_in(made) == 7


def test_a_senseless_shape_is_not_followed() -> None:
    """Pixels a thousand times as wide as high are a mistake of the file, or worse."""
    assert square(1920, 1080, 1000) == (1920, 1080)
    assert square(720, 576, None) == (720, 576)


async def test_seen_through(tmp_path: Path) -> None:
    """What can be seen through stays so in PNG and WebP, and is white in JPEG; nothing else gets a fourth channel."""
    path, shapes = tmp_path / "clip.gif", [Image.new("RGBA", (40, 30), (0, 0, 0, 0)) for _ in range(2)]
    for place, image in enumerate(shapes):
        image.paste((255, 0, 0, 255), (10 * place, 10, 10 * place + 10, 20))
    shapes[0].save(path, save_all=True, append_images=shapes[1:], disposal=2)
    for suffix in ("png", "webp"):
        pixels = await still(path, suffix, number=1)
        assert pixels.shape[2] == 4
        assert tuple(pixels[15, 15]) == pytest.approx((255, 0, 0, 255), abs=6)
        assert pixels[2, 2, 3] == pixels[15, 5, 3] == 0
    pixels = await still(path, "jpg", number=1)
    assert tuple(pixels[2, 35]) == pytest.approx((255, 255, 255), abs=6)
    assert tuple(pixels[15, 15]) == pytest.approx((255, 0, 0), abs=12)


@pytest.mark.parametrize("shape", [(7, 5, 3), (64, 97, 4), (1, 1, 3)])
def test_png_keeps_every_bit(shape: tuple[int, int, int]) -> None:
    """What our PNG holds, another reader reads, with its comment."""
    pixels = np.random.default_rng(4).integers(0, 256, shape, dtype=np.uint8)
    image = Image.open(io.BytesIO(png(pixels, "said so")))
    assert np.array_equal(np.asarray(image), pixels)
    assert image.info["Comment"] == "said so"
