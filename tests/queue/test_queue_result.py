"""Results against a real server: outputs, failures of the model, and what is neither."""

from __future__ import annotations

from decimal import Decimal

import pytest
from starlette.responses import JSONResponse, Response

from lib.errors import (
    AuthRefused,
    DailiesError,
    ProtocolError,
    RequestFailed,
    ServerError,
    UnknownRequest,
)
from lib.queue.client import QueueClient, Submitted
from lib.queue.status import Completed
from tests.queue.server import Server, completed, field_error, nginx

pytestmark = pytest.mark.anyio

ENDPOINT = "fal-ai/pixverse/extend/fast"
BASE = "/fal-ai/pixverse/requests/r-1"
VIDEO = {"video": {"url": "https://v3b.fal.media/files/b/0/x.mp4", "content_type": "video/mp4"}}
LOG = {"message": "step 1", "level": "INFO", "source": "USER", "timestamp": "2026-01-01T00:00:00.000Z"}


@pytest.fixture
def ref(client: QueueClient) -> Submitted:
    return client.reference(ENDPOINT, "r-1")


async def test_a_result_is_the_bare_output_with_units(client: QueueClient, server: Server, ref: Submitted) -> None:
    """The output comes without an envelope, what it cost comes from the header, exactly."""
    server.on("GET", f"{BASE}/status", completed())
    server.on("GET", BASE, JSONResponse(VIDEO, headers={"x-fal-billable-units": "4.05"}))
    result = await client.result(ref)
    assert result.output == VIDEO
    assert result.billable_units == Decimal("4.05")


async def test_a_known_completion_saves_the_question(client: QueueClient, server: Server, ref: Submitted) -> None:
    """With the status at hand only the result is asked for."""
    server.on("GET", BASE, JSONResponse(VIDEO))
    assert (await client.result(ref, Completed())).billable_units is None
    assert [one.path for one in server.seen] == [BASE]


@pytest.mark.parametrize("word", ["IN_QUEUE", "IN_PROGRESS"])
async def test_a_result_too_early_is_retryable(client: QueueClient, server: Server, ref: Submitted, word: str) -> None:
    """While the request runs, result raises a retryable error and does not ask for the output."""
    server.on("GET", f"{BASE}/status", JSONResponse({"status": word}, 202))
    with pytest.raises(ServerError) as caught:
        await client.result(ref)
    assert caught.value.retryable
    assert server.count("GET", BASE) == 1


async def test_400_on_a_result_is_too_early(client: QueueClient, server: Server, ref: Submitted) -> None:
    """A 400 that names neither field nor type means that the request still runs, even if the status ran ahead."""
    server.on("GET", BASE, JSONResponse({"detail": "Request is still in progress"}, 400))
    with pytest.raises(ServerError) as caught:
        await client.result(ref, Completed())
    assert caught.value.retryable


async def test_a_400_of_the_model_is_its_failure(client: QueueClient, server: Server, ref: Submitted) -> None:
    """A 400 with a type is the model's own answer, not a call to wait."""
    body = {"detail": [{"loc": ["body"], "msg": "upstream said no", "type": "downstream_service_error"}]}
    server.on("GET", BASE, JSONResponse(body, 400))
    with pytest.raises(RequestFailed) as caught:
        await client.result(ref, Completed())
    assert caught.value.error_type == "downstream_service_error"
    assert "upstream said no" in caught.value.message


async def test_completed_is_not_success(client: QueueClient, server: Server, ref: Submitted) -> None:
    """Completed followed by 422: the failure carries fields, logs, type, and that nothing was billed."""
    server.on("GET", f"{BASE}/status", completed(logs=[LOG]))
    server.on("GET", BASE, field_error("images", 0, "image_url"))
    with pytest.raises(RequestFailed) as caught:
        await client.result(ref)
    failure = caught.value
    assert failure.fields == {"images.0.image_url": "cannot be fetched"}
    assert failure.logs == ["step 1"]
    assert failure.error_type == "file_download_error"
    assert failure.billed is False
    assert failure.request == "r-1"
    assert not failure.retryable


@pytest.mark.parametrize(
    ("units", "code", "billed"),
    [
        ("0", 422, False),
        ("0.0", 422, False),
        ("2.5", 422, True),
        (None, 422, None),
        (None, 500, False),
        ("1", 500, True),
    ],
)
async def test_whether_a_failure_was_billed(
    client: QueueClient, server: Server, *, units: str | None, code: int, billed: bool | None
) -> None:
    """The header decides; without it a failure from 500 on is free and any other is left open."""
    headers = {"x-fal-request-id": "r-1"} | ({} if units is None else {"x-fal-billable-units": units})
    server.on("GET", BASE, JSONResponse({"detail": "failed"}, code, headers=headers))
    with pytest.raises(RequestFailed) as caught:
        await client.result(client.reference(ENDPOINT, "r-1"), Completed())
    assert caught.value.billed is billed


@pytest.mark.parametrize("code", [200, 401, 404, 422, 500, 503])
async def test_a_completion_with_an_error_is_a_failure(
    client: QueueClient, server: Server, ref: Submitted, code: int
) -> None:
    """Once the queue says that it failed, no answer of the result makes it good or is waited for."""
    server.on("GET", BASE, JSONResponse({}, code))
    status = Completed((), None, "Runner disconnected", "runner_disconnected")
    with pytest.raises(RequestFailed, match="Runner disconnected") as caught:
        await client.result(ref, status)
    assert caught.value.error_type == "runner_disconnected"
    assert len(server.seen) == 1


async def test_a_cancelled_request_says_so(client: QueueClient, server: Server, ref: Submitted) -> None:
    """499 of a request that honoured the cancel is a failure of type client_cancelled."""
    body = {"detail": "cancelled", "error_type": "client_cancelled"}
    server.on("GET", BASE, JSONResponse(body, 499))
    with pytest.raises(RequestFailed, match="was cancelled") as caught:
        await client.result(ref, Completed())
    assert caught.value.error_type == "client_cancelled"


async def test_a_proxy_in_the_way_is_not_the_model(client: QueueClient, server: Server, ref: Submitted) -> None:
    """An nginx 502 before the result is asked again, and is no failure of the model."""
    server.on("GET", BASE, nginx(502), JSONResponse(VIDEO))
    assert (await client.result(ref, Completed())).output == VIDEO


@pytest.mark.parametrize(("code", "kind"), [(404, UnknownRequest), (410, UnknownRequest), (401, AuthRefused)])
async def test_a_result_that_cannot_be_had(
    client: QueueClient, server: Server, ref: Submitted, code: int, kind: type[DailiesError]
) -> None:
    """An expired result and a refused key are told apart from a failure of the model."""
    server.on("GET", BASE, JSONResponse({"detail": "no"}, code))
    with pytest.raises(kind):
        await client.result(ref, Completed())


@pytest.mark.parametrize("answer", [Response(b"not json"), JSONResponse([1]), JSONResponse(None), nginx(200)])
async def test_a_result_that_is_no_object(
    client: QueueClient, server: Server, ref: Submitted, answer: Response
) -> None:
    """A 200 that is not a JSON object is a protocol error with the beginning of its body."""
    server.on("GET", BASE, answer)
    with pytest.raises(ProtocolError) as caught:
        await client.result(ref, Completed())
    assert caught.value.body == answer.body.decode()[:500]


async def test_an_answer_without_end_is_cut_off(client: QueueClient, server: Server, ref: Submitted) -> None:
    """An answer above the size limit is not read to its end."""
    server.on("GET", BASE, Response(b"x" * 3_000_000))
    with pytest.raises(ProtocolError, match="too large"):
        await client.result(ref, Completed())
