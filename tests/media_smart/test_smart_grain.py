"""Dark grain, of which usual encoding leaves too little: encoded nearer to the clip until the proof holds."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from lib.errors import BadMedia, MediaError, Unsupported
from lib.media.facts import Facts
from lib.media.join import Transition
from lib.media.probe import probe
from lib.media.proof.measure import ssim
from lib.media.proof.sheet import Check, How, Proof, Seen
from lib.media.smart.boxes import movie
from lib.media.smart.join import smart_join
from lib.media.smart.ladder import CRFS, near_enough
from lib.media.smart.made import Made
from lib.media.smart.reel import Source
from lib.media.smart.track import read_track
from lib.media.smart.trim import smart_trim
from lib.media.trim import Span
from tests.media.barcoded import ffmpeg_run

pytestmark = pytest.mark.anyio
DARK = "testsrc2=s=96x64:r=25:d=2.4,eq=brightness=-0.35:contrast=0.1,noise=alls=6:allf=t:all_seed=3,format=yuv420p"
CODINGS = {
    "h264": ("-c:v", "libx264", "-crf", "6", "-bf", "2"),
    "hevc": ("-c:v", "libx265", "-crf", "4", "-x265-params", "log-level=none"),
    "vp9": ("-c:v", "libvpx-vp9", "-crf", "4", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "8"),
}
MPEG4 = ("-c:v", "mpeg4", "-q:v", "2", "-qmin", "2")
METHODS = {"h264": "smart", "hevc": "exact", "vp9": "smart"}


async def grain(folder: Path, coding: str, options: tuple[str, ...] = ()) -> tuple[Path, Facts]:
    """60 pictures of it, each with grain of its own, and sound."""
    path = folder / f"{coding}.mp4"
    heard = ("-f", "lavfi", "-i", "anoisesrc=r=48000:d=2.4:a=0.3:seed=5")
    ffmpeg_run("-f", "lavfi", "-i", DARK, *heard, *(options or CODINGS[coding]), "-g", "12", "-c:a", "aac", path)
    return path, await probe(path)


def greys(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def found(result: np.ndarray, sources: list[np.ndarray]) -> int:
    """The picture that it is most like."""
    return int(np.argmax([ssim(source, result) for source in sources]))


@pytest.mark.parametrize("coding", CODINGS)
async def test_dark_grain_is_trimmed(tmp_path: Path, coding: str) -> None:
    """A trim shows exactly the pictures asked for, with their grain, and only what must be is encoded."""
    path, facts = await grain(tmp_path, coding)
    made = await smart_trim(path, facts, tmp_path / "out.mp4", [Span(7, 50)])

    shown, sources = greys(tmp_path / "out.mp4"), greys(path)
    assert (made.method, made.proof.holds, made.copied >= 30) == (METHODS[coding], True, METHODS[coding] == "smart")
    assert [found(one, sources) for one in shown] == list(range(7, 50))
    assert min(ssim(*pair) for pair in zip(shown, sources[7:50], strict=True)) > 0.97


@pytest.mark.parametrize("coding", CODINGS)
async def test_dark_grain_fades_to_black(tmp_path: Path, coding: str) -> None:
    """Two such clips are joined through black; outside of the fades each picture is the clips' own."""
    clip = await grain(tmp_path, coding)
    made = await smart_join([clip, clip], tmp_path / "out.mp4", transition=Transition("black", 0.2))

    shown, sources = greys(tmp_path / "out.mp4"), greys(clip[0])
    assert (made.method, made.proof.holds, len(shown)) == (METHODS[coding], True, 120)
    assert [found(one, sources) for one in shown[:55]] == list(range(55))
    assert [found(one, sources) for one in shown[65:]] == list(range(5, 60))
    assert max(one.mean() for one in shown[59:61]) < 4


async def test_sound_pictures_are_not_called_damaged(tmp_path: Path) -> None:
    """A decoder that looks behind a picture's last byte finds zeros there, as in a file of its own."""
    path, _ = await grain(tmp_path, "mpeg4", MPEG4)
    track = read_track(movie(path)[1], b"vide")
    assert track
    with path.open("rb") as file:
        source = Source(track, file.fileno(), 1)
        for _ in range(5):
            assert len(list(source.frames(source.shown))) == 60


def result(*likeness: float, how: How = "encoded", faults: tuple[str, ...] = ()) -> Made:
    """What was made, with a picture of each likeness and other faults."""
    seen = tuple(Seen(Check(n, 0, n, how), False, one) for n, one in enumerate(likeness))
    said = tuple("Unlike." for one in seen if not one.holds) + faults
    proof = Proof(9, 9, 1.0, seen, None, None, None, None, said)
    return Made("smart", "", 0, 9, "none", proof, 0.0, 0.0)


async def climbed(made: dict[int, Made]) -> tuple[list[int], Made | MediaError]:
    """What was tried, and what came of it."""
    tried: list[int] = []

    async def attempt(crf: int) -> Made:
        tried.append(crf)
        return made[crf]

    try:
        return tried, await near_enough(attempt)
    except MediaError as error:
        return tried, error


async def test_what_is_near_enough_is_made_once() -> None:
    """The usual clip is encoded once, as usual; another only until it is near enough."""
    good, poor = result(0.99), result(0.99, 0.97)

    assert await climbed(dict.fromkeys(CRFS, good)) == ([16], good)
    assert await climbed({16: poor, 10: poor, 4: good}) == ([16, 10, 4], good)


@pytest.mark.parametrize("wrong", [result(0.97, how="copied"), result(0.97, faults=("The result has no sound.",))])
async def test_other_faults_are_not_tried_again(wrong: Made) -> None:
    """No encoder mends a copied picture that differs, or a sound that is missing."""
    tried, error = await climbed(dict.fromkeys(CRFS, wrong))

    assert (tried, type(error)) == ([16], BadMedia)


async def test_the_clip_is_not_blamed() -> None:
    """Where the best encoding is not near enough, the error says that, and nothing of damage."""
    tried, error = await climbed(dict.fromkeys(CRFS, result(0.975, 0.96)))

    assert (tried, type(error)) == (list(CRFS), Unsupported)
    assert isinstance(error, MediaError)
    assert "0.960" in error.message
    assert "damaged" not in error.message + error.hint
