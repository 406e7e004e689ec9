"""Submit, status and cancel against a real server: the states, the failures, the addresses."""

from __future__ import annotations

import asyncio
import logging
import traceback

import pytest
from starlette.responses import JSONResponse, Response

from lib.errors import (
    AuthRefused,
    DailiesError,
    InputError,
    InputRefused,
    MissingKey,
    ServerError,
    UnknownRequest,
    Unreachable,
)
from lib.queue.client import CancelAnswer, QueueClient, Submitted
from lib.queue.status import Completed, InProgress, Queued
from tests.queue.conftest import KEY, QUICK, MakeClient
from tests.queue.server import Seen, Server, accepted, completed, locked, nginx, raw_server

pytestmark = pytest.mark.anyio

ENDPOINT = "fal-ai/pixverse/extend/fast"
BASE = "/fal-ai/pixverse/requests/r-1"
VIDEO = {"video": {"url": "https://v3b.fal.media/files/b/0/x.mp4", "content_type": "video/mp4"}}
LOG = {"message": "step 1", "level": "INFO", "source": "USER", "timestamp": "2026-01-01T00:00:00.000Z"}


@pytest.fixture
def ref(client: QueueClient) -> Submitted:
    return client.reference(ENDPOINT, "r-1")


async def test_submit_gives_id_addresses_and_position(client: QueueClient, server: Server) -> None:
    """The answer to a submit is kept as it was given."""
    server.on("POST", f"/{ENDPOINT}", accepted(server.origin, queue_position=4))
    taken = await client.submit(ENDPOINT, {"prompt": "snow", "seed": 7})
    base = server.origin + BASE
    assert taken == Submitted("r-1", f"{base}/status", base, f"{base}/cancel", 4)
    assert server.last("POST").json == {"prompt": "snow", "seed": 7}
    assert server.last("POST").headers["authorization"] == f"Key {KEY}"


@pytest.mark.parametrize("foreign", ["https://evil.example", "http://127.0.0.1:9", "", None, "::::", "ftp://x/y"])
async def test_addresses_elsewhere_are_built_instead(client: QueueClient, server: Server, foreign: str | None) -> None:
    """Returned addresses that are not on the configured queue are never followed; app-only ones are built."""
    answer = {"request_id": "r-1", **dict.fromkeys(("status_url", "response_url", "cancel_url"), foreign)}
    server.on("POST", f"/{ENDPOINT}", JSONResponse(answer))
    base = server.origin + BASE
    assert await client.submit(ENDPOINT, {}) == Submitted("r-1", f"{base}/status", base, f"{base}/cancel", None)


async def test_a_stored_address_elsewhere_gets_its_path_asked_here(client: QueueClient, server: Server) -> None:
    """A stored address of another origin (the stand-in has moved) is asked on the configured queue, key included."""
    server.on("GET", f"{BASE}/status", JSONResponse({"status": "IN_QUEUE", "queue_position": 2}, 202))
    stale = Submitted("r-1", f"https://evil.example{BASE}/status", f"https://evil.example{BASE}", "")
    assert await client.status(stale) == Queued(2)


@pytest.mark.parametrize(
    ("endpoint_id", "path"),
    [
        ("fal-ai/luma-dream-machine/ray-2/modify", "fal-ai/luma-dream-machine"),
        ("fal-ai/video-upscaler", "fal-ai/video-upscaler"),
        ("workflows/me/film/part", "workflows/me/film"),
        ("comfy/me/film", "comfy/me/film"),
        ("1234-my-app", "1234/my-app"),
    ],
)
async def test_a_reference_is_app_only(client: QueueClient, server: Server, endpoint_id: str, path: str) -> None:
    """Status, result and cancel live under owner/alias, one deeper in the two namespaces."""
    built = client.reference(endpoint_id, "a/b?c")
    assert built.response_url == f"{server.origin}/{path}/requests/a%2Fb%3Fc"


@pytest.mark.parametrize(
    "wrong", ["", "fal-ai", "../x", "fal-ai/../../x", "a b/c", "https://x/y", "workflows/me", "a//b"]
)
async def test_what_is_no_endpoint_id_is_said(client: QueueClient, wrong: str) -> None:
    """An id that would change the path is refused before anything is sent."""
    with pytest.raises(InputError):
        client.reference(wrong, "r-1")


async def test_a_payload_that_is_no_json_is_never_sent(client: QueueClient, server: Server) -> None:
    """Not-a-number is refused here, not by the server."""
    with pytest.raises(InputError):
        await client.submit(ENDPOINT, {"scale": float("nan")})
    assert server.seen == []


@pytest.mark.parametrize("code", [200, 202])
async def test_the_status_is_the_body_not_the_code(
    client: QueueClient, server: Server, ref: Submitted, code: int
) -> None:
    """200 and 202 are read alike."""
    server.on("GET", f"{BASE}/status", JSONResponse({"status": "IN_PROGRESS", "logs": [LOG]}, code))
    assert isinstance(await client.status(ref), InProgress)
    assert server.last("GET").query == {"logs": "1"}


async def test_watch_polls_at_a_growing_pace_until_completed(
    client: QueueClient, server: Server, ref: Submitted, slept: list[float]
) -> None:
    """Polling starts half a second apart, grows to five seconds, and ends with Completed."""
    running = JSONResponse({"status": "IN_PROGRESS"}, 202)
    server.on("GET", f"{BASE}/status", *[running] * 14, completed())
    states = [status async for status in client.watch(ref)]
    assert isinstance(states[-1], Completed)
    assert len(states) == 15
    assert 0.45 <= slept[0] <= 0.55
    assert 4.5 <= slept[-1] <= 5.5


async def test_gets_are_sent_again(client: QueueClient, server: Server, ref: Submitted, slept: list[float]) -> None:
    """A status that meets 500, an nginx page, 408 and 429 with Retry-After is asked again until it answers."""
    busy = JSONResponse({"detail": "busy"}, 429, headers={"Retry-After": "3"})
    troubles = [JSONResponse({}, 500), nginx(502), JSONResponse({}, 408), busy]
    server.on("GET", f"{BASE}/status", *troubles, completed())
    assert isinstance(await client.status(ref), Completed)
    assert slept[3] >= 3
    assert all(0.25 <= wait_s <= 15 for wait_s in slept)


async def test_gets_give_up(client: QueueClient, server: Server, ref: Submitted, slept: list[float]) -> None:
    """After five tries the last error stays, and it is retryable."""
    server.on("GET", f"{BASE}/status", nginx(503))
    with pytest.raises(ServerError) as caught:
        await client.status(ref)
    assert len(server.seen) == 5
    assert len(slept) == 4
    assert "<" not in caught.value.message


async def test_an_unknown_request_is_not_asked_again(client: QueueClient, server: Server, ref: Submitted) -> None:
    """404 is final for a GET."""
    server.on("GET", f"{BASE}/status", JSONResponse({"status": "NOT_FOUND"}, 404))
    with pytest.raises(UnknownRequest):
        await client.status(ref)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202), CancelAnswer.REQUESTED),
        (JSONResponse({"success": True}), CancelAnswer.REQUESTED),
        (Response(b""), CancelAnswer.REQUESTED),
        (JSONResponse({"status": "ALREADY_COMPLETED"}, 400), CancelAnswer.ALREADY_COMPLETED),
        (JSONResponse({"status": "NOT_FOUND"}, 404), CancelAnswer.NOT_FOUND),
    ],
)
async def test_cancel_answers(
    client: QueueClient, server: Server, ref: Submitted, answer: Response, expected: CancelAnswer
) -> None:
    """The three answers to a cancel, in every form they are documented in."""
    server.on("PUT", f"{BASE}/cancel", answer)
    assert await client.cancel(ref) is expected


async def test_cancel_is_asked_again_after_trouble(client: QueueClient, server: Server, ref: Submitted) -> None:
    """A cancel may be repeated; a 400 for another reason is not "already completed"."""
    server.on("PUT", f"{BASE}/cancel", nginx(502), JSONResponse({"status": "CANCELLATION_REQUESTED"}, 202))
    assert await client.cancel(ref) is CancelAnswer.REQUESTED
    server.on("PUT", f"{BASE}/cancel", JSONResponse({"detail": "bad id"}, 400))
    with pytest.raises(InputRefused):
        await client.cancel(ref)


async def test_the_key_is_in_no_error_repr_or_log(
    client: QueueClient, server: Server, ref: Submitted, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that quotes the key back does not get it into a message, a traceback, a repr or a log."""

    def quote(seen: Seen) -> Response:
        return JSONResponse({"detail": f"bad key {seen.headers['authorization']}"}, 401)

    server.on("GET", f"{BASE}/status", quote)
    server.on("GET", BASE, lambda seen: Response(seen.headers["authorization"]))
    caplog.set_level(logging.DEBUG)
    shown = [repr(client), repr(client.wire), str(vars(client.hosts) if hasattr(client.hosts, "__dict__") else "")]
    for attempt in (client.status(ref), client.result(ref, Completed())):
        with pytest.raises(DailiesError) as caught:
            await attempt
        shown += [
            "".join(traceback.format_exception(caught.value)),
            str(caught.value.record()),
            repr(vars(caught.value)),
        ]
    assert "[key]" in shown[3]
    assert server.count("GET") == 2
    assert KEY not in "".join(shown) + caplog.text
    assert "planted-secret" not in "".join(shown) + caplog.text


@pytest.mark.parametrize("key", ["id:sec\nret", "id:sécret", "id: secret", "id:\x00"])
async def test_a_key_that_cannot_be_sent_is_not_quoted(make_client: MakeClient, server: Server, key: str) -> None:
    """A key with a line break inside is refused at once, without showing it."""
    with pytest.raises(MissingKey) as caught:
        QueueClient(make_client(server.origin).hosts, key, None)  # type: ignore[arg-type]
    assert "sec" not in str(caught.value)


async def test_a_locked_account_still_collects(client: QueueClient, server: Server, ref: Submitted) -> None:
    """While submits are refused for the balance, a running request's status and result can be had."""
    server.on("POST", f"/{ENDPOINT}", locked())
    server.on("GET", f"{BASE}/status", completed())
    server.on("GET", BASE, JSONResponse(VIDEO))
    with pytest.raises(AuthRefused, match="Exhausted balance"):
        await client.submit(ENDPOINT, {})
    assert (await client.result(ref)).output == VIDEO


async def test_a_silent_status_ends_in_time(make_client: MakeClient) -> None:
    """A host that accepts connections and says nothing is given up within the read limit of each try."""

    async def silent(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    async with raw_server(silent) as raw:
        client = make_client(raw.origin, QUICK)
        with pytest.raises(Unreachable, match="in time"):
            await client.status(client.reference(ENDPOINT, "r-1"))
        assert len(raw.requests) == 5
