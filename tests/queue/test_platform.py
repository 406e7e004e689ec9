"""Recent requests, prices and schemas."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from starlette.responses import JSONResponse, Response

from lib.errors import AuthRefused, InputError, ProtocolError, UnknownRequest
from lib.queue.client import QueueClient
from lib.queue.platform import Listed, UnitPrice, openapi, prices, recent_requests
from lib.queue.provider import STANDIN_KEY, live_provider, standin_provider
from tests.queue.conftest import KEY
from tests.queue.server import Seen, Server, nginx

pytestmark = pytest.mark.anyio

LIST, PRICING, OPENAPI = "/v1/models/requests/by-endpoint", "/v1/models/pricing", "/api/openapi/queue/openapi.json"
SINCE = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ITEM = {
    "request_id": "r-1",
    "endpoint_id": "a/b",
    "sent_at": "2026-01-01T12:00:01.5Z",
    "started_at": "2026-01-01T12:00:02Z",
}


def page(*items: object, cursor: str | None = None) -> JSONResponse:
    return JSONResponse({"items": items, "next_cursor": cursor, "has_more": cursor is not None})


async def test_all_pages_of_recent_requests_are_read(client: QueueClient, server: Server) -> None:
    """Every page is followed, inputs come as they were sent, and a request on two pages is one."""
    done = ITEM | {"request_id": "r-2", "json_input": {"seed": 7, "scale": 0.1}, "ended_at": "2026-01-01T12:01:00Z"}
    server.on("GET", LIST, page(ITEM, cursor="Mg"), page(done, ITEM))
    found = await recent_requests(client, "a/b", SINCE)
    moment = datetime(2026, 1, 1, 12, 0, 1, 500_000, tzinfo=UTC)
    assert found == [Listed("r-1", moment, None, False), Listed("r-2", moment, {"seed": 7, "scale": 0.1}, True)]
    first, second = (one.query for one in server.seen)
    wanted = {"endpoint_id": "a/b", "expand": "payloads", "limit": "100", "start": "2026-01-01T12:00:00.000Z"}
    assert first == wanted
    assert second == wanted | {"cursor": "Mg"}
    assert server.seen[0].headers["authorization"] == f"Key {KEY}"


@pytest.mark.parametrize(
    "answer",
    [
        JSONResponse({"requests": []}),
        JSONResponse({"items": {}}),
        JSONResponse({"items": [1]}),
        JSONResponse({"items": [{}]}),
        JSONResponse([]),
        Response(b"x"),
        page(ITEM, cursor="for ever"),
    ],
)
async def test_a_list_that_is_not_whole_is_no_list(client: QueueClient, server: Server, answer: Response) -> None:
    """An absence proves something only in a complete list, so anything odd raises instead of shortening it."""
    server.on("GET", LIST, answer)
    with pytest.raises(ProtocolError):
        await recent_requests(client, "a/b", SINCE)


async def test_a_cursor_that_leads_in_a_circle_ends(client: QueueClient, server: Server) -> None:
    """The same cursor twice is given up at once, not after hundreds of pages."""
    server.on("GET", LIST, page(ITEM, cursor="Mg"))
    with pytest.raises(ProtocolError):
        await recent_requests(client, "a/b", SINCE)
    assert server.count("GET") == 2


async def test_a_page_that_fails_is_asked_again(client: QueueClient, server: Server) -> None:
    """Trouble on the second page does not lose it."""
    server.on("GET", LIST, page(ITEM, cursor="Mg"), nginx(502), page(ITEM | {"request_id": "r-2"}))
    assert len(await recent_requests(client, "a/b", SINCE)) == 2


async def test_the_platforms_own_error_shape(client: QueueClient, server: Server) -> None:
    """{"error": {...}} is read like the other shapes."""
    body = {"error": {"type": "authorization_error", "message": "needs an API scope", "request_id": "x"}}
    server.on("GET", LIST, JSONResponse(body, 403))
    with pytest.raises(AuthRefused, match="needs an API scope"):
        await recent_requests(client, "a/b", SINCE)


async def test_prices_are_exact_and_asked_fifty_at_a_time(client: QueueClient, server: Server) -> None:
    """Prices are decimals as written; an endpoint without one is missing."""

    def answer(seen: Seen) -> Response:
        ids = [one for one in seen.query["endpoint_id"].split(",") if one != "a/none"]
        listed = [{"endpoint_id": one, "unit_price": 0.1, "unit": "seconds", "currency": "USD"} for one in ids]
        return JSONResponse({"prices": listed, "next_cursor": None, "has_more": False})

    server.on("GET", PRICING, answer)
    found = await prices(client, ["a/none", *(f"a/m{number}" for number in range(60))])
    assert len(found) == 60
    assert found["a/m59"] == UnitPrice("a/m59", Decimal("0.1"), "seconds", "USD")
    assert [len(one.query["endpoint_id"].split(",")) for one in server.seen] == [50, 11]


async def test_a_schema_is_fetched_without_the_key(client: QueueClient, server: Server) -> None:
    """The OpenAPI document is public; it is asked for by endpoint and without a key."""
    server.on("GET", OPENAPI, JSONResponse({"openapi": "3.0.4"}))
    assert await openapi(client, "a/b/c") == {"openapi": "3.0.4"}
    assert server.last("GET").query == {"endpoint_id": "a/b/c"}
    assert "authorization" not in server.last("GET").headers


@pytest.mark.parametrize("code", [200, 404])
async def test_an_unknown_schema_is_null(client: QueueClient, server: Server, code: int) -> None:
    """An unknown endpoint is answered with null."""
    server.on("GET", OPENAPI, JSONResponse(None, code))
    with pytest.raises(UnknownRequest):
        await openapi(client, "a/b")
    with pytest.raises(InputError):
        await openapi(client, "nonsense")


async def test_providers(client: QueueClient, server: Server) -> None:
    """The stand-in says how far its list can be trusted and never gets the real key; live promises nothing."""
    from lib.net import open_client

    server.on("GET", "/_standin/info", JSONResponse({"list_complete_after_s": 2}), JSONResponse({}))
    server.on("GET", LIST, page())
    async with open_client(trusted=frozenset({server.origin})) as http:
        rehearsal = await standin_provider(server.origin, http)
        await recent_requests(rehearsal.client, "a/b", SINCE)
        assert (rehearsal.mode, rehearsal.list_complete_after_s) == ("rehearsal", 2.0)
        assert (await standin_provider(server.origin, http)).list_complete_after_s is None
        live = live_provider(KEY, http)
        assert (live.mode, live.list_complete_after_s) == ("live", None)
        assert live.client.hosts.queue == "https://queue.fal.run"
    sent = {one.headers.get("authorization") for one in server.seen}
    assert sent == {None, f"Key {STANDIN_KEY}"}
    assert KEY not in repr(live)
