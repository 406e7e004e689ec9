"""A submit buys once: what the server counted, for each way an answer can go wrong."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.responses import JSONResponse, Response

from lib.errors import (
    AuthRefused,
    BalanceLocked,
    DailiesError,
    InputRefused,
    ProtocolError,
    ServerError,
    TooManyRequests,
    UnknownRequest,
)
from lib.queue.client import QueueClient
from lib.queue.errors import may_have_been_accepted
from tests.queue.server import Server, accepted, field_error, locked, nginx

pytestmark = pytest.mark.anyio

ENDPOINT = "fal-ai/pixverse/extend/fast"
PATH = f"/{ENDPOINT}"
USER_504 = {"X-Fal-Request-Timeout-Type": "user", "x-fal-request-id": "r-1"}

AMBIGUOUS: dict[str, tuple[Callable[[], Response], type[DailiesError]]] = {
    "408": (lambda: JSONResponse({"detail": "timeout"}, 408), ServerError),
    "409": (lambda: JSONResponse({"detail": "conflict"}, 409), ServerError),
    "500 json": (lambda: JSONResponse({"detail": "oops", "error_type": "internal_error"}, 500), ServerError),
    "502 nginx": (lambda: nginx(502), ServerError),
    "503 json": (lambda: JSONResponse({"detail": "busy"}, 503), ServerError),
    "503 nginx": (lambda: nginx(503), ServerError),
    "504 user": (lambda: JSONResponse({"detail": "deadline"}, 504, headers=USER_504), ServerError),
    "200 html": (lambda: nginx(200), ProtocolError),
    "200 empty": (lambda: Response(b""), ProtocolError),
    "200 list": (lambda: JSONResponse(["r-1"]), ProtocolError),
    "200 without id": (lambda: JSONResponse({"status": "IN_QUEUE"}), ProtocolError),
    "302": (lambda: Response(status_code=302, headers={"location": "/elsewhere"}), ProtocolError),
    "307": (lambda: Response(status_code=307, headers={"location": PATH}), ProtocolError),
}

REFUSED: dict[str, tuple[Callable[[], Response], type[DailiesError]]] = {
    "400": (lambda: JSONResponse({"detail": "bad", "error_type": "bad_request"}, 400), InputRefused),
    "401": (lambda: JSONResponse({"detail": "Cannot access application"}, 401), AuthRefused),
    "403": (lambda: JSONResponse({"detail": "not allowed"}, 403), AuthRefused),
    "403 locked": (locked, BalanceLocked),
    "404": (lambda: JSONResponse({"detail": "Application not found"}, 404), UnknownRequest),
    "405": (lambda: JSONResponse({"detail": "Method Not Allowed"}, 405), UnknownRequest),
    "413 nginx": (lambda: nginx(413), InputRefused),
    "422 list": (lambda: field_error("video_url"), InputRefused),
    "422 string": (lambda: JSONResponse({"detail": "the clip is too long"}, 422), InputRefused),
    "422 error object": (
        lambda: JSONResponse({"error": {"type": "validation_error", "message": "no"}}, 422),
        InputRefused,
    ),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
async def test_an_ambiguous_answer_is_one_post(client: QueueClient, server: Server, case: str) -> None:
    """After an answer that leaves acceptance open, exactly one POST was made and the error says so."""
    make, kind = AMBIGUOUS[case]
    server.on("POST", PATH, make())
    with pytest.raises(kind) as caught:
        await client.submit(ENDPOINT, {"prompt": "snow"})
    assert server.count("POST") == 1
    assert len(server.seen) == 1
    assert may_have_been_accepted(caught.value)


@pytest.mark.parametrize("case", REFUSED)
async def test_a_complete_refusal_is_one_post_and_final(client: QueueClient, server: Server, case: str) -> None:
    """A complete 4xx is one POST, and nothing can have been bought."""
    make, kind = REFUSED[case]
    server.on("POST", PATH, make())
    with pytest.raises(kind) as caught:
        await client.submit(ENDPOINT, {"prompt": "snow"})
    assert type(caught.value) is kind
    assert server.count("POST") == 1
    assert not may_have_been_accepted(caught.value)
    assert not caught.value.retryable
    assert "<" not in caught.value.message


async def test_429_is_sent_again_after_the_time_asked_for(
    client: QueueClient, server: Server, slept: list[float]
) -> None:
    """Twice 429 and then an acceptance are three POSTs; Retry-After is waited for, without one the backoff is."""
    asked = JSONResponse({"detail": "slow down"}, 429, headers={"Retry-After": "7"})
    server.on("POST", PATH, asked, JSONResponse({"detail": "slow down"}, 429), accepted(server.origin))
    taken = await client.submit(ENDPOINT, {"prompt": "snow"})
    assert taken.request_id == "r-1"
    assert server.count("POST") == 3
    assert slept[0] == 7.0
    assert 0.5 <= slept[1] <= 1.5


async def test_429_for_ever_ends(client: QueueClient, server: Server, slept: list[float]) -> None:
    """429 for ever is five POSTs and then an error with the time asked for, whose waiting was capped."""
    server.on("POST", PATH, JSONResponse({"detail": "slow"}, 429, headers={"Retry-After": "99999"}))
    with pytest.raises(TooManyRequests) as caught:
        await client.submit(ENDPOINT, {})
    assert server.count("POST") == 5
    assert caught.value.after_s == 99999
    assert slept == [60.0] * 4
    assert not may_have_been_accepted(caught.value)
