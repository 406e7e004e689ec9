"""Clips of other colours in one track: each looks in the result as it does alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import av
import numpy as np
import pytest

from lib.media.colour import BT601, BT709, matrix_of
from lib.media.facts import Facts
from lib.media.fit import remake
from lib.media.probe import probe
from lib.media.run import run
from lib.media.smart import exact
from lib.media.smart.join import smart_join
from lib.media.trim import Span
from lib.media.work import carry_out
from tests.media.barcoded import ffmpeg_run

pytestmark = pytest.mark.anyio
BARS = "testsrc2=s=96x64:r=25:d=0.4"
PLAIN_RED = "color=c=0xdc1e28:s=96x64:r=25:d=0.4"


def tagged(matrix: str, transfer: str = "bt709") -> str:
    return f"setparams=colorspace={matrix}:color_primaries=bt709:color_trc={transfer}:range=tv"


async def clip(folder: Path, name: str, filters: str, *, of: str = PLAIN_RED) -> tuple[Path, Facts]:
    path = folder / name
    ffmpeg_run("-f", "lavfi", "-i", of, "-vf", f"format=gbrp,{filters}", "-crf", "8", path)
    return path, await probe(path)


def in_matrix(matrix: str) -> str:
    """A picture in that matrix, which says so."""
    return f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv420p,{tagged(matrix)}"


def hdr(transfer: str) -> str:
    """The same picture as it is written in HDR."""
    into = f"zscale=tin=bt709:min=bt709:pin=bt709:rin=tv:t={transfer}:m=bt2020nc:p=bt2020:r=tv:npl=203"
    tags = f"setparams=colorspace=bt2020nc:color_primaries=bt2020:color_trc={transfer}:range=tv"
    return f"{in_matrix('bt709')},{into},format=yuv420p10le,{tags}"


def pictures(path: Path) -> list[np.ndarray]:
    """As coded: all planes of each."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray().astype(int) for frame in container.decode(video=0)]


@pytest.mark.parametrize(("first", "second"), [("bt709", "smpte170m"), ("smpte170m", "bt709"), ("bt709", "bt2020nc")])
async def test_another_matrix_is_converted(tmp_path: Path, first: str, second: str) -> None:
    """The same red, coded by another matrix, has the same code in the result: it is not only called so."""
    clips = [await clip(tmp_path, f"{n}.mp4", in_matrix(matrix)) for n, matrix in enumerate((first, second))]
    made = await smart_join(clips, tmp_path / "out.mp4", model=0)

    shown = pictures(tmp_path / "out.mp4")
    assert (made.method, made.copied, len(shown)) == ("smart", 10, 20)
    assert np.abs(shown[15] - shown[5]).max() <= 3
    assert (await probe(tmp_path / "out.mp4")).colour_matrix == first


async def test_what_is_encoded_anew_keeps_saying_its_colours(tmp_path: Path) -> None:
    """HEVC in HDR beside H.264: all is encoded, and still called what it is."""
    path = tmp_path / "one.mp4"
    ffmpeg_run(
        "-f", "lavfi", "-i", BARS, "-vf", f"format=gbrp,{hdr('smpte2084')}", "-c:v", "libx265", "-x265-params",
        "log-level=none", path,
    )  # fmt: skip
    clips = [(path, await probe(path)), await clip(tmp_path, "two.mp4", in_matrix("bt709"), of=BARS)]
    made = await smart_join(clips, tmp_path / "out.mp4", model=0)

    facts = await probe(tmp_path / "out.mp4")
    assert (made.method, facts.colour_transfer, facts.colour_matrix) == ("exact", "smpte2084", "bt2020nc")
    assert facts.bit_depth == 10


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
async def test_hdr_beside_the_usual_range(tmp_path: Path, transfer: str) -> None:
    """Brought to HDR, a clip looks as its own HDR version; the other way its brightness comes down into the range."""
    plain = await clip(tmp_path, "plain.mp4", in_matrix("bt709"), of=BARS)
    deep = await clip(tmp_path, "deep.mp4", hdr(transfer), of=BARS)
    up = await smart_join([deep, plain], tmp_path / "up.mp4", model=0)
    down = await smart_join([plain, deep], tmp_path / "down.mp4", model=0)

    assert (up.copied, down.copied) == (10, 10)
    shown = pictures(tmp_path / "up.mp4")
    assert np.abs(shown[15] - shown[5]).mean() < 8  # of 1023
    luma = [picture[:64] for picture in pictures(tmp_path / "down.mp4")]
    assert 0.6 < luma[15].mean() / luma[5].mean() < 1.1
    assert np.corrcoef(luma[15].ravel(), luma[5].ravel())[0, 1] > 0.95


async def remade(clip: tuple[Path, Facts], output: Path) -> None:
    await carry_out(remake.build(clip, output, remake.Form()))


async def cut(clip: tuple[Path, Facts], output: Path) -> None:
    await run(exact.build(*clip, output, [Span(0, 2)]))


@pytest.mark.parametrize("make", [remade, cut])
@pytest.mark.parametrize("size", ["1280x720", "96x64"])
async def test_a_clip_in_rgb_is_seen_as_it_was(
    tmp_path: Path, make: Callable[[tuple[Path, Facts], Path], Awaitable[None]], size: str
) -> None:
    """It gets a matrix, and says which: a player that takes large pictures for BT.709 is not deceived."""
    path = tmp_path / "rgb.mkv"
    ffmpeg_run("-f", "lavfi", "-i", f"color=c=0xdc1e28:s={size}:r=10:d=0.3", "-pix_fmt", "bgr0", "-c:v", "ffv1", path)
    await make((path, await probe(path)), tmp_path / "out.mp4")

    facts = await probe(tmp_path / "out.mp4")
    assert facts.colour_matrix == ("bt709" if "720" in size else "bt470bg")
    with av.open(str(tmp_path / "out.mp4")) as container:
        shown = next(container.decode(video=0)).to_ndarray(format="rgb24")[10, 10].astype(int)
    assert np.abs(shown - (220, 30, 40)).max() <= 4


async def test_an_untagged_clip_made_large(tmp_path: Path) -> None:
    """A small clip that says nothing is taken for BT.601, and made large for BT.709: it looks the same."""
    path = tmp_path / "small.mp4"
    coded = "format=gbrp,scale=out_color_matrix=bt601:out_range=tv,format=yuv420p,setparams=colorspace=unknown"
    ffmpeg_run("-f", "lavfi", "-i", PLAIN_RED, "-vf", coded, path)
    facts = await probe(path)
    assert facts.colour_matrix is None
    await carry_out(remake.build((path, facts), tmp_path / "out.mp4", remake.Form(size=(1280, 720))))

    with av.open(str(tmp_path / "out.mp4")) as container:
        shown = next(container.decode(video=0)).reformat(format="rgb24", src_colorspace=BT709).to_ndarray()
    assert np.abs(shown[10, 10].astype(int) - (220, 30, 40)).max() <= 4


def test_what_nobody_says() -> None:
    """Players take small pictures for BT.601 and large ones for BT.709."""
    assert (matrix_of(2, 480), matrix_of(None, 720), matrix_of(9, 480)) == (BT601, BT709, 9)
