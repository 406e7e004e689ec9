"""Uploads: token and single POST, parts, the older storage, and files inside the request."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.responses import JSONResponse, Response

from lib.errors import AuthRefused, BalanceLocked, ServerError, TooLarge
from lib.queue import upload as module
from lib.queue.client import Hosts, QueueClient
from lib.queue.options import Lifecycle
from lib.queue.token import Token
from lib.queue.upload import data_uri, upload
from tests.queue.conftest import KEY
from tests.queue.server import Server, locked, nginx

pytestmark = pytest.mark.anyio

TOKEN, SINGLE, PARTS = "/storage/auth/token", "/files/upload", "/files/upload/multipart"
INITIATE, FILE = "/storage/upload/initiate", "/files/b/0a/x_in.mp4"
BYTES = bytes(range(256)) * 100


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(BYTES)
    return path


def token(server: Server, name: str = "t-1", ends: str = "2099-01-01T00:00:00+00:00") -> Response:
    base = "https://evil.example" if name == "foreign" else server.origin
    return JSONResponse({"token": name, "token_type": "Bearer", "base_url": base, "expires_at": ends})


@pytest.fixture
def storage(server: Server) -> Server:
    """A server on which everything works."""
    url = server.origin + FILE
    server.on("POST", TOKEN, token(server))
    server.on("POST", SINGLE, JSONResponse({"access_url": url}))
    server.on("POST", PARTS, JSONResponse({"access_url": url, "uploadId": "u-1"}))
    for number in range(1, 5):
        server.on("PUT", f"{FILE}/multipart/u-1/{number}", Response(headers={"ETag": f'"e{number}"'}))
    server.on("POST", f"{FILE}/multipart/u-1/complete", JSONResponse({}))
    server.on("POST", INITIATE, JSONResponse({"upload_url": f"{url}?signature=s", "file_url": url}))
    server.on("PUT", FILE, Response())
    return server


async def test_a_small_file_is_one_post_with_the_token(client: QueueClient, storage: Server, clip: Path) -> None:
    """The key buys a token, the token carries the bytes with type and name, and the key stays away from the CDN."""
    assert await upload(client, clip, "video/mp4", "clip.mp4") == storage.origin + FILE
    asked, sent = storage.seen
    assert asked.path == TOKEN
    assert asked.query == {"storage_type": "fal-cdn-v3"}
    assert asked.headers["authorization"] == f"Key {KEY}"
    assert sent.body == BYTES
    assert sent.headers["content-length"] == str(len(BYTES))
    assert sent.headers["content-type"] == "video/mp4"
    assert sent.headers["x-fal-file-name"] == "clip.mp4"
    assert sent.headers["authorization"] == "Bearer t-1"


async def test_an_empty_file_can_be_sent(client: QueueClient, storage: Server, tmp_path: Path) -> None:
    """Nought bytes are a file too."""
    (tmp_path / "none").touch()
    await upload(client, tmp_path / "none", "text/plain", "none")
    assert storage.last("POST", SINGLE).headers["content-length"] == "0"


async def test_a_name_no_header_can_carry_is_made_plain(client: QueueClient, storage: Server, clip: Path) -> None:
    """Line breaks, umlauts and slashes do not get into a header."""
    await upload(client, clip, "video/mp4", "../zoë\r\nX: y/ü.mp4")
    name = storage.last("POST", SINGLE).headers["x-fal-file-name"]
    assert name == ".._zo___X:_y__.mp4"


async def test_a_lifecycle_goes_under_both_names(client: QueueClient, storage: Server, clip: Path) -> None:
    """How long a file is kept is said in both headers; at once means a minute, because 0 would mean for ever."""
    await upload(client, clip, "video/mp4", "clip.mp4", lifecycle=Lifecycle(expires_after_s=0))
    headers = storage.last("POST", SINGLE).headers
    assert headers["x-fal-object-lifecycle"] == '{"expiration_duration_seconds": 60}'
    assert headers["x-fal-object-lifecycle"] == headers["x-fal-object-lifecycle-preference"]


async def test_a_single_post_is_sent_again(client: QueueClient, storage: Server, clip: Path) -> None:
    """An upload that met trouble is sent again, whole."""
    done = JSONResponse({"access_url": storage.origin + FILE})
    storage.on("POST", SINGLE, nginx(502), JSONResponse({"detail": "x"}, 429), done)
    await upload(client, clip, "video/mp4", "clip.mp4")
    assert [one.body for one in storage.seen if one.path == SINGLE] == [BYTES] * 3
    assert storage.count("POST", INITIATE) == 0


async def test_a_refused_token_is_renewed_once(client: QueueClient, storage: Server, clip: Path) -> None:
    """A 401 from the CDN fetches a new token and sends again with that."""
    storage.on("POST", TOKEN, token(storage, "old"), token(storage, "new"))
    done = JSONResponse({"access_url": storage.origin + FILE})
    storage.on("POST", SINGLE, JSONResponse({"detail": "expired"}, 401), done)
    await upload(client, clip, "video/mp4", "clip.mp4")
    used = [one.headers["authorization"] for one in storage.seen if one.path == SINGLE]
    assert used == ["Bearer old", "Bearer new"]


async def test_a_token_is_renewed_when_it_has_run_out(client: QueueClient, storage: Server) -> None:
    """A token is used until shortly before its end, and then fetched anew."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    storage.on("POST", TOKEN, token(storage, "a", "2026-01-01T01:00:00+00:00"), token(storage, "b"))
    kept = Token(client.wire, lambda: now[0])
    assert await kept.header() == {"Authorization": "Bearer a"}
    now[0] += timedelta(minutes=59)
    assert await kept.header() == {"Authorization": "Bearer a"}
    now[0] += timedelta(seconds=45)
    assert await kept.header() == {"Authorization": "Bearer b"}
    assert storage.count("POST", TOKEN) == 2


async def test_a_large_file_goes_in_parts_sorted(client: QueueClient, storage: Server, clip: Path) -> None:
    """Parts are numbered from 1, hold the file's bytes in order, and are listed sorted on completion."""
    url = await upload(client, clip, "video/mp4", "clip.mp4", single_most_bytes=20_000, part_bytes=8_000)
    assert url == storage.origin + FILE
    parts = {int(one.path[-1]): one for one in storage.seen if one.method == "PUT"}
    assert b"".join(parts[number].body for number in sorted(parts)) == BYTES
    assert sorted(parts) == [1, 2, 3, 4]
    listed = storage.last("POST", f"{FILE}/multipart").json
    assert listed == {"parts": [{"partNumber": n, "etag": f'"e{n}"'} for n in (1, 2, 3, 4)]}
    assert {one.headers["authorization"] for one in parts.values()} == {"Bearer t-1"}
    assert storage.last("POST", PARTS).headers["x-fal-file-name"] == "clip.mp4"
    assert SINGLE not in [one.path for one in storage.seen]


async def test_only_the_broken_part_is_sent_again(client: QueueClient, storage: Server, clip: Path) -> None:
    """A part that fails is repeated by itself; an ETag may come in the body instead of the header."""
    storage.on("PUT", f"{FILE}/multipart/u-1/2", nginx(503), JSONResponse({"partNumber": 2, "etag": "from-body"}))
    await upload(client, clip, "video/mp4", "clip.mp4", single_most_bytes=20_000, part_bytes=8_000)
    sent = sorted(one.path[-1] for one in storage.seen if one.method == "PUT")
    assert sent == ["1", "2", "2", "3", "4"]
    assert storage.last("POST", f"{FILE}/multipart").json["parts"][1]["etag"] == "from-body"


async def test_a_part_that_stays_broken_falls_back(client: QueueClient, storage: Server, clip: Path) -> None:
    """When one part cannot be delivered the whole file goes the older way, and no list of parts is sent."""
    storage.on("PUT", f"{FILE}/multipart/u-1/3", nginx(503))
    await upload(client, clip, "video/mp4", "clip.mp4", single_most_bytes=20_000, part_bytes=8_000)
    assert storage.last("PUT", FILE).body == BYTES
    assert storage.count("POST", f"{FILE}/multipart/u-1/complete") == 0


@pytest.mark.parametrize("broken", [TOKEN, SINGLE])
async def test_the_older_storage_is_the_second_way(
    client: QueueClient, storage: Server, clip: Path, broken: str
) -> None:
    """If token or CDN stay broken, two addresses are asked for and the bytes PUT without key and token."""
    storage.on("POST", broken, nginx(503))
    assert await upload(client, clip, "video/mp4", "clip.mp4") == storage.origin + FILE
    asked, sent = storage.seen[-2:]
    assert asked.path == INITIATE
    assert asked.json == {"file_name": "clip.mp4", "content_type": "video/mp4"}
    assert asked.headers["authorization"] == f"Key {KEY}"
    assert (sent.method, sent.path, sent.query) == ("PUT", FILE, {"signature": "s"})
    assert sent.body == BYTES
    assert "authorization" not in sent.headers


async def test_both_ways_broken_raises_the_last(client: QueueClient, storage: Server, clip: Path) -> None:
    """With both ways down the error is a retryable one."""
    storage.on("POST", TOKEN, nginx(503))
    storage.on("POST", INITIATE, nginx(503))
    with pytest.raises(ServerError):
        await upload(client, clip, "video/mp4", "clip.mp4")


@pytest.mark.parametrize(("answer", "kind"), [(locked, BalanceLocked), (lambda: JSONResponse({}, 401), AuthRefused)])
async def test_a_refused_key_ends_it_at_once(
    client: QueueClient, storage: Server, clip: Path, answer: Callable[[], Response], kind: type[Exception]
) -> None:
    """A locked balance or a wrong key is raised at once: the second way would be refused too."""
    storage.on("POST", TOKEN, answer())
    with pytest.raises(kind):
        await upload(client, clip, "video/mp4", "clip.mp4")
    assert len(storage.seen) == 1


async def test_a_foreign_base_url_gets_no_token(client: QueueClient, storage: Server, clip: Path) -> None:
    """A token answer that points elsewhere does not lead the token there."""
    storage.on("POST", TOKEN, token(storage, "foreign"))
    await upload(client, clip, "video/mp4", "clip.mp4", single_most_bytes=20_000, part_bytes=8_000)
    assert storage.last("POST", PARTS).headers["authorization"] == "Bearer foreign"


async def test_a_foreign_access_url_gets_no_token(client: QueueClient, storage: Server, clip: Path) -> None:
    """Parts are not sent to an address outside the CDN; the older way is taken."""
    storage.on("POST", PARTS, JSONResponse({"access_url": "https://evil.example/x", "uploadId": "u-1"}))
    await upload(client, clip, "video/mp4", "clip.mp4", single_most_bytes=20_000, part_bytes=8_000)
    assert storage.last("PUT", FILE).body == BYTES


def test_where_key_and_token_may_go() -> None:
    """Live, the key goes to four hosts and the token to CDN hosts, over https, and neither to a look-alike."""
    live = Hosts.live()
    assert live.takes_key("https://queue.fal.run/x")
    assert live.takes_key("https://api.fal.ai/v1/models")
    assert live.takes_token("https://v3.fal.media/files/upload")
    assert live.takes_token("https://v3b.fal.media/files")
    refused = [
        "http://queue.fal.run/x",
        "https://queue.fal.run:8443/x",
        "https://queue.fal.run.evil.example/",
        "https://fal.ai/",
    ]
    assert not any(map(live.takes_key, [*refused, "https://v3.fal.media/", "https://queue.fal.run@evil.example/"]))
    others = [
        "http://v3b.fal.media/",
        "https://evilfal.media/",
        "https://fal.media.evil.example/",
        "https://queue.fal.run/",
    ]
    assert not any(map(live.takes_token, others))
    assert not Hosts.at("http://127.0.0.1:5").takes_token("https://v3b.fal.media/files")


def test_a_data_uri_holds_the_file(clip: Path) -> None:
    """The address holds type and bytes."""
    start, _, data = data_uri(clip, "video/mp4").partition(",")
    assert start == "data:video/mp4;base64"
    assert base64.b64decode(data) == BYTES


def test_a_data_uri_ends_at_ten_mebi_characters(tmp_path: Path) -> None:
    """The longest file that fits gives at most 10 MiB of characters, one triple more is refused."""
    path, start = tmp_path / "f", len("data:image/png;base64,")
    fits = (module.DATA_URI_MOST - start) // 4 * 3
    path.write_bytes(bytes(fits))
    assert module.DATA_URI_MOST - 4 < len(data_uri(path, "image/png")) <= module.DATA_URI_MOST
    path.write_bytes(bytes(fits + 3))
    with pytest.raises(TooLarge):
        data_uri(path, "image/png")


def test_the_limits_are_the_official_ones() -> None:
    """Above 100 MiB in parts of 10 MiB."""
    assert module.SINGLE_MOST_BYTES == 104_857_600
    assert module.PART_BYTES == 10_485_760
