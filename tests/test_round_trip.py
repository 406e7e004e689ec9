"""Every endpoint, there and back: its documented example through our client to a real stand-in, and the files home."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from lib.catalog import ENDPOINTS
from lib.catalog.fields import MediaKind
from lib.catalog.operation import Endpoint, media_given
from lib.catalog.price import Estimate
from lib.media.probe import probe
from lib.media.samples import sample
from lib.net import Limits, download, open_client
from lib.queue.client import QueueClient
from lib.queue.provider import standin_provider
from lib.queue.status import Completed
from lib.queue.upload import upload
from tests.sampling import documented
from tests.standin.perform_stage import make_clip, make_image

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[1]
TYPES: Mapping[MediaKind, str] = {
    "video": "video/mp4",
    "image": "image/png",
    "audio": "audio/wav",
    "media": "video/mp4",
}
PATIENCE_S = 120
MATCHED = "fal-ai/wan-vace-14b/reframe"
"""Makes as many pictures as it is given, of which it makes no fewer than 81."""
SMALL = Limits(max_bytes=200_000_000, connect_s=5.0, read_s=20.0, total_s=60.0)


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a stand-in answers, started as anybody would start it, its made-up waits taken out."""
    folder = tmp_path_factory.mktemp("round-trip") / "standin"
    argv = [sys.executable, "-m", "lib", "standin", "--port", "0", "--folder", str(folder)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DAILIES_", "FAL_"))}
    with subprocess.Popen(argv, cwd=ROOT, env=kept, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ready, address = process.stdout.readline().split()
            assert ready == "ready"
            turned = httpx.post(f"{address}/_standin/settings", json={"time_scale": 0}, trust_env=False)
            assert turned.status_code == 200
            yield address
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[MediaKind, Path]:
    """One tiny file of each kind: four seconds of 96 x 64 with a tone, a picture of 128 x 128, a spoken sentence."""
    folder = tmp_path_factory.mktemp("samples")
    # Four seconds, since MAGI begins 32 frames before the end and ought to keep some of the clip.
    video = make_clip(folder / "clip.mp4", frames=48)
    image = make_image(folder / "picture.png", 128, 128)
    return {"video": video, "image": image, "audio": sample("speech.wav"), "media": video}


@pytest.fixture
async def net(origin: str) -> AsyncIterator[httpx.AsyncClient]:
    """The guarded way out, which trusts the stand-in alone."""
    async with open_client(trusted=frozenset({origin})) as opened:
        yield opened


def addresses_in(endpoint: Endpoint) -> dict[str, MediaKind]:
    """Path -> kind of every file that the example names, and of the required ones that it leaves empty."""
    given = {path: mark.kind for path, _, mark in media_given(endpoint.validate(endpoint.example))}
    needed = {
        name: mark.kind for name, mark in endpoint.media_in().items() if endpoint.input.model_fields[name].is_required()
    }
    return needed | given


def with_addresses(body: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
    """The body with other addresses at those paths and nothing else changed."""
    changed: dict[str, Any] = copy.deepcopy(dict(body))
    for path, address in addresses.items():
        *above, last = (int(part) if part.isdigit() else part for part in path.split("."))
        place: Any = changed
        for part in above:
            place = place[part]
        place[last] = address
    return changed


def parts_of(value: Any) -> list[Any]:
    """The file, or all files of a list, of which there is at least one."""
    assert value
    return value if isinstance(value, list) else [value]


async def uploaded(
    client: QueueClient, samples: Mapping[MediaKind, Path], kinds: set[MediaKind]
) -> dict[MediaKind, str]:
    return {kind: await upload(client, samples[kind], TYPES[kind], samples[kind].name) for kind in kinds}


@pytest.mark.parametrize("endpoint", [documented(endpoint) for endpoint in ENDPOINTS.values()])
async def test_the_documented_example_comes_back_as_files(
    endpoint: Endpoint, origin: str, net: httpx.AsyncClient, samples: Mapping[MediaKind, Path], tmp_path: Path
) -> None:
    """Sent as documented but for its files, each endpoint answers as documented, delivers, and bills one line.

    What it bills lies within the estimate, so that no cap is overrun by a reservation that was too small.
    """
    client = (await standin_provider(origin, net)).client
    if endpoint.id == MATCHED:
        samples = {**samples, "video": make_clip(tmp_path / "clip.mp4", frames=81)}
    wanted = addresses_in(endpoint)
    at = await uploaded(client, samples, set(wanted.values()))
    body = with_addresses(endpoint.example, {path: at[kind] for path, kind in wanted.items()})
    made = endpoint.validate(body)
    assert made.payload() == body

    with anyio.fail_after(PATIENCE_S):
        ref = await client.submit(endpoint.id, body)
        said = [status async for status in client.stream(ref)]
    assert isinstance(said[-1], Completed)
    result = await client.result(ref)

    output = endpoint.output.model_validate(result.output)
    for name, mark in endpoint.media_out().items():
        for file in parts_of(getattr(output, name)):
            got = await download(net, file if isinstance(file, str) else file.url, tmp_path / name, limits=SMALL)
            told = (got.size_bytes, got.content_type)
            assert isinstance(file, str) or told == (file.file_size, file.content_type)
            assert (await probe(tmp_path / name)).kind == mark.kind

    bill = httpx.get(f"{origin}/_standin/bill", trust_env=False).json()
    (line,) = (line for line in bill["lines"] if line["request_id"] == ref.request_id)
    assert line["endpoint"] == endpoint.id
    price = endpoint.estimate(made, {path: await probe(samples[kind]) for path, kind in wanted.items()})
    assert isinstance(price, Estimate) or line["usd"] is None
    if isinstance(price, Estimate):
        assert price.low_usd <= Decimal(str(line["usd"])) <= price.high_usd
    assert [row["payload"] for row in bill["accepted"] if row["request_id"] == ref.request_id] == [body]
