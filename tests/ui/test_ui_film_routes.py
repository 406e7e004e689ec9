"""What the clip player gets from the server: signed, bounded, made once, and stopped when asked."""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette

from lib.errors import Cancelled, NoSpace
from lib.store.views import Asset
from lib.studio import Studio
from lib.studio.derived import Derived, Making
from lib.ui.links import signature
from lib.ui.routes import routes
from lib.ui.samples import sample_asset
from tests.media.barcoded import noise, number_in, write
from tests.ui.stage import quiet

pytestmark = pytest.mark.anyio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
async def browser(studio: Studio) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=routes(lambda: studio)))
    async with httpx.AsyncClient(transport=transport, base_url="http://dailies.example") as client:
        yield client


def clip(studio: Studio, folder: Path, name: str = "clip.mp4", **how: object) -> Asset:
    return studio.add_file(write(folder / name, **how), name)  # type: ignore[arg-type]


def address(studio: Studio, asset: Asset, path: str, **query: object) -> str:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/film/{asset.sha256}/{path}?key={signature(studio, asset.sha256)}{more}"


async def test_a_strip_is_a_picture_that_may_be_kept(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    """A JPEG of sixteen pictures under the same headers as a file; the second time it is the same one, not remade."""
    asset = clip(studio, tmp_path)
    answer = await browser.get(address(studio, asset, "strip", level=0, block=0))
    assert Image.open(io.BytesIO(answer.content)).size == (16 * 144, 96)
    assert answer.headers["content-type"] == "image/jpeg"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    kept = studio.derived.find(asset.sha256, "strip-0-0.jpg")
    assert kept is not None
    kept.write_bytes(b"kept")
    assert (await browser.get(address(studio, asset, "strip"))).content == b"kept"


async def test_peaks_are_json(studio: Studio, browser: httpx.AsyncClient, tmp_path: Path) -> None:
    """Two seconds of noise: two hundred pairs; half of them in half a clip."""
    asset = clip(studio, tmp_path, sound=noise(2.0))
    whole = (await browser.get(address(studio, asset, "peaks"))).json()
    half = (await browser.get(address(studio, asset, "peaks", level=1, block=1))).json()
    assert (len(whole["low"]), len(half["high"])) == (200, 100)
    assert whole["high"][100:] == half["high"]


async def test_a_sound_alone_has_peaks_and_nothing_else(studio: Studio, browser: httpx.AsyncClient) -> None:
    """A hundred columns a second, in blocks; pictures of it are refused with a sentence."""
    sound = sample_asset(studio, "speech.wav")
    assert sound.facts.duration_s is not None
    whole = (await browser.get(address(studio, sound, "peaks"))).json()
    part = (await browser.get(address(studio, sound, "peaks", level=1, block=0))).json()
    assert len(whole["low"]) == min(round(sound.facts.duration_s * 100), 1024)
    assert max(part["high"]) > 0
    refused = await browser.get(address(studio, sound, "strip"))
    assert (refused.status_code, refused.json()["message"]) == (422, "This is not a video.")


async def test_a_still_is_that_picture(studio: Studio, browser: httpx.AsyncClient, tmp_path: Path) -> None:
    asset = clip(studio, tmp_path, bf="2")
    answer = await browser.get(address(studio, asset, "still/37"))
    assert number_in(np.asarray(Image.open(io.BytesIO(answer.content)))) == 37


async def test_only_uneven_clips_have_a_table_of_times(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    even, uneven = clip(studio, tmp_path), clip(studio, tmp_path, "b.mp4", frames=4, times=[0, 0.1, 0.15, 0.4])
    assert (await browser.get(address(studio, even, "times"))).json() == []
    assert (await browser.get(address(studio, uneven, "times"))).json() == [0, 0.1, 0.15, 0.4]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("strip", {"level": 99, "block": 0}),
        ("strip", {"level": 0, "block": 1}),
        ("strip", {"level": -1, "block": 0}),
        ("strip", {"level": "9" * 5000, "block": 0}),
        ("peaks", {"level": "x", "block": 0}),
        ("peaks", {}),
        ("still/50", {}),
        ("still/99999999999999999999", {}),
    ],
)
async def test_what_is_not_in_the_clip_is_refused(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path, path: str, query: dict[str, object]
) -> None:
    """Beyond its blocks and pictures, and the sound of a silent clip: a sentence, and nothing on disk."""
    asset = clip(studio, tmp_path)
    answer = await browser.get(address(studio, asset, path, **query))
    assert (answer.status_code, answer.headers["cache-control"]) == (422, "no-store")
    assert answer.json()["message"].endswith(".")
    assert studio.derived.size_bytes() == 0


async def test_what_is_no_clip_has_no_strip(studio: Studio, browser: httpx.AsyncClient) -> None:
    answer = await browser.get(address(studio, sample_asset(studio, "speech.wav"), "strip"))
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "strip"), ("GET", "peaks"), ("GET", "times"), ("GET", "still/0"), ("GET", "proxy"), ("POST", "proxy"),
        ("DELETE", "proxy"), ("GET", "proxy.mp4"),
    ],
)  # fmt: skip
async def test_no_signature_no_answer(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path, method: str, path: str
) -> None:
    """Every route: without a key, with another file's, with an old one."""
    asset, other = clip(studio, tmp_path), sample_asset(studio, "bunny.mp4")
    for key in ("", signature(studio, other.sha256), studio.signer.sign(asset.sha256, -1)):
        answer = await browser.request(method, f"/film/{asset.sha256}/{path}?key={key}")
        assert answer.status_code == 404


async def test_a_proxy_is_made_in_the_background_and_kept(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    """None, then made because somebody asked, then there for everybody, with ranges."""
    asset = clip(studio, tmp_path, "clip.ts", bf="2")
    at = address(studio, asset, "proxy")
    assert (await browser.get(at)).json() == {"state": "none"}
    assert (await browser.get(address(studio, asset, "proxy.mp4"))).status_code == 404
    assert (await browser.post(at)).json()["state"] in ("waiting", "making")
    making = studio.derived.making(asset.sha256, "proxy.mp4")
    assert making is not None
    assert making.task is not None
    await making.task
    assert (await browser.get(at)).json() == {"state": "ready"}
    assert (await browser.post(at)).json() == {"state": "ready"}
    part = await browser.get(address(studio, asset, "proxy.mp4"), headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")


async def test_a_still_of_a_stream_comes_from_its_proxy(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    """Where the file has no index and the proxy is there, it is the same picture, found at once."""
    asset = clip(studio, tmp_path, "clip.ts", bf="2", sound=noise(2.0))
    await browser.post(address(studio, asset, "proxy"))
    making = studio.derived.making(asset.sha256, "proxy.mp4")
    assert making is not None
    assert making.task is not None
    made = await making.task
    other = write(tmp_path / "other.mp4", first=500)
    made.write_bytes(other.read_bytes())  # so that it shows where the picture came from
    answer = await browser.get(address(studio, asset, "still/30"))
    assert number_in(np.asarray(Image.open(io.BytesIO(answer.content)))) == 530


async def test_making_a_proxy_can_be_stopped_and_started_again(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    """After the stop nothing is left; a new start makes it, even while the old one is still ending."""
    asset = clip(studio, tmp_path, "clip.mkv", codec="mpeg4", frames=900, size=(640, 480))
    at = address(studio, asset, "proxy")
    await browser.post(at)
    first = studio.derived.making(asset.sha256, "proxy.mp4")
    assert (await browser.request("DELETE", at)).json() == {"state": "none"}
    assert (await browser.post(at)).json()["state"] in ("waiting", "making")
    second = studio.derived.making(asset.sha256, "proxy.mp4")
    assert first is not None
    assert second is not None
    assert first is not second
    assert first.task is not None
    assert second.task is not None
    with pytest.raises(Cancelled):
        await first.task
    assert (await second.task).is_file()
    assert (await browser.get(at)).json() == {"state": "ready"}


async def test_a_proxy_that_fails_says_why_until_tried_again(
    studio: Studio, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    """The state carries the sentence."""
    asset = clip(studio, tmp_path, "clip.ts")
    assert asset.path is not None
    asset.path.write_bytes(bytes(5000))
    await browser.post(address(studio, asset, "proxy"))
    making = studio.derived.making(asset.sha256, "proxy.mp4")
    assert making is not None
    assert making.task is not None
    await asyncio.wait({making.task})
    said = (await browser.get(address(studio, asset, "proxy"))).json()
    assert said["state"] == "failed"
    assert said["message"].endswith(".")
    assert (await browser.post(address(studio, asset, "proxy"))).json()["state"] in ("waiting", "making")


async def test_many_who_ask_for_one_file_have_it_made_once(tmp_path: Path) -> None:
    """Also when the one who asked first gives up."""
    derived, made, gate = Derived(tmp_path / "derived"), [], asyncio.Event()

    async def make(path: Path, making: Making) -> None:
        made.append(path)
        await gate.wait()
        path.write_bytes(b"x")

    asks = [asyncio.create_task(derived.file("a" * 64, "one", make)) for _ in range(5)]
    while not made:
        await asyncio.sleep(0)
    asks[0].cancel()
    gate.set()
    assert {await ask for ask in asks[1:]} == {tmp_path / "derived" / ("a" * 64) / "one"}
    assert len(made) == 1


async def test_two_small_and_one_large_at_once(tmp_path: Path) -> None:
    """The others wait for their turn."""
    derived, gate, busy, most = Derived(tmp_path / "derived"), asyncio.Event(), {}, {}

    def maker(kind: str):  # type: ignore[no-untyped-def]
        async def make(path: Path, making: Making) -> None:
            busy[kind] = busy.get(kind, 0) + 1
            most[kind] = max(most.get(kind, 0), busy[kind])
            await gate.wait()
            busy[kind] -= 1
            path.write_bytes(b"x")

        return make

    makings = [derived.begin("a" * 64, f"small-{n}", maker("small")) for n in range(5)]
    makings += [derived.begin("a" * 64, f"large-{n}", maker("large"), large=True) for n in range(3)]
    while sum(busy.values()) < 3:
        await asyncio.sleep(0)
    assert sum(making.began_s is None for making in makings) == 5
    gate.set()
    await asyncio.gather(*(making.task for making in makings if making.task))
    assert most == {"small": 2, "large": 1}


async def test_a_failure_leaves_nothing_and_is_tried_again(tmp_path: Path) -> None:
    """A full disk is our error; the next one who asks starts anew."""
    derived, tries = Derived(tmp_path / "derived"), []

    async def make(path: Path, making: Making) -> None:
        tries.append(path)
        path.write_bytes(b"half")
        if len(tries) == 1:
            raise OSError(28, "No space left on device")

    with pytest.raises(NoSpace):
        await derived.file("a" * 64, "one", make)
    assert [path for path in (tmp_path / "derived").rglob("*") if path.is_file()] == []
    assert (await derived.file("a" * 64, "one", make)).read_bytes() == b"half"


async def test_what_a_killed_process_left_is_swept_and_what_another_makes_is_not(tmp_path: Path) -> None:
    """A folder in the making belongs to whoever holds its lock."""
    folder = tmp_path / "derived"
    dead = folder / "making" / "dead"
    dead.mkdir(parents=True)
    (dead / "part").write_bytes(b"x")
    first, second, gate, seen = Derived(folder), Derived(folder), asyncio.Event(), []

    async def slow(path: Path, making: Making) -> None:
        path.write_bytes(b"slow")
        seen.append(path)
        await gate.wait()

    async def quick(path: Path, making: Making) -> None:
        path.write_bytes(b"quick")

    asked = asyncio.create_task(first.file("a" * 64, "slow", slow))
    while not seen:
        await asyncio.sleep(0)
    await second.file("b" * 64, "quick", quick)
    assert not dead.exists()
    gate.set()
    assert (await asked).read_bytes() == b"slow"


async def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    """At most so many bytes are kept; clearing removes the rest, and says how much."""
    derived = Derived(tmp_path / "derived", limit_bytes=250)

    async def make(path: Path, making: Making) -> None:
        path.write_bytes(bytes(100))

    for age, name in enumerate(("a", "b")):
        os.utime(await derived.file("a" * 64, name, make), (age, age))
    assert derived.find("a" * 64, "a")  # used just now
    await derived.file("a" * 64, "c", make)
    assert [name for name in "abc" if derived.find("a" * 64, name)] == ["a", "c"]
    assert derived.clear() == 200
    assert derived.size_bytes() == 0


async def test_few_previews_are_kept_and_they_go_first(tmp_path: Path) -> None:
    """Each is as large as its clip: the ones not used for longest go, before anything that was costly to make."""
    derived = Derived(tmp_path / "derived", limit_bytes=1000)

    async def make(path: Path, making: Making) -> None:
        path.write_bytes(bytes(100))

    os.utime(await derived.file("a" * 64, "proxy.mp4", make), (0, 0))
    for age in range(1, 7):
        os.utime(await derived.file("b" * 64, f"preview-{age}.mp4", make), (age, age))
    left = sorted(path.name for path in (tmp_path / "derived" / ("b" * 64)).iterdir())
    assert left == [f"preview-{age}.mp4" for age in range(1, 7)]
    for age in range(7, 11):
        os.utime(await derived.file("b" * 64, f"preview-{age}.mp4", make), (age, age))
    left = sorted(path.name for path in (tmp_path / "derived" / ("b" * 64)).iterdir())
    assert left == sorted(f"preview-{age}.mp4" for age in range(3, 11))
    await derived.file("c" * 64, "peaks.bin", make)
    await derived.file("c" * 64, "strip.jpg", make)
    assert derived.find("a" * 64, "proxy.mp4")
    assert not derived.find("b" * 64, "preview-3.mp4")


async def test_cleaning_up_takes_them_too(studio: Studio, browser: httpx.AsyncClient, tmp_path: Path) -> None:
    asset = clip(studio, tmp_path)
    await browser.get(address(studio, asset, "still/0"))
    assert studio.derived.size_bytes() > 0
    studio.clean(10**12)
    assert studio.derived.size_bytes() == 0
