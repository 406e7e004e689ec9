"""What the provider knows beside the queue: recent requests, prices, schemas (queue-protocol 6)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from lib.errors import ProtocolError, UnknownRequest
from lib.net import Limits
from lib.queue.client import QueueClient
from lib.queue.hosts import endpoint_path

_PAGE_MOST = 100
_PAGES_MOST = 200
_IDS_MOST = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A request in the provider's list. `json_input` is None where payloads are not kept; `ended` False may mean
    running, or that the end was not said.
    """

    request_id: str
    sent_at: datetime | None
    json_input: dict[str, Any] | None
    ended: bool


@dataclass(frozen=True, slots=True)
class UnitPrice:
    """A price as listed today: so much of `currency` per `unit` ("megapixels", "seconds")."""

    endpoint_id: str
    price: Decimal
    unit: str
    currency: str


async def recent_requests(
    client: QueueClient, endpoint_id: str, since: datetime, *, until: datetime | None = None
) -> list[Listed]:
    """All requests to the endpoint since then, every page. Raises rather than giving a part of the list."""
    window = {"start": _iso(since)} | ({"end": _iso(until)} if until else {})
    asked = {"endpoint_id": endpoint_path(endpoint_id), "expand": "payloads", "limit": _PAGE_MOST, **window}
    url, found = f"{client.hosts.platform}/models/requests/by-endpoint", dict[str, Listed]()
    async for page in _pages(client, url, asked):
        # Pages can shift while they are read; a request that shows up twice is one request.
        found |= {listed.request_id: listed for listed in map(_listed, _objects(page, "items", url))}
    return list(found.values())


async def prices(client: QueueClient, endpoint_ids: Sequence[str]) -> dict[str, UnitPrice]:
    """Listed prices by endpoint id; an endpoint without one is missing."""
    found, url = dict[str, UnitPrice](), f"{client.hosts.platform}/models/pricing"
    for start in range(0, len(endpoint_ids), _IDS_MOST):
        asked = {"endpoint_id": ",".join(endpoint_ids[start : start + _IDS_MOST])}
        async for page in _pages(client, url, asked):
            found |= {price.endpoint_id: price for price in map(_price, _objects(page, "prices", url)) if price}
    return found


async def openapi(client: QueueClient, endpoint_id: str, *, limits: Limits | None = None) -> dict[str, Any]:
    """The endpoint's OpenAPI document; it is public, no key is sent. Raises UnknownRequest."""
    url = f"{client.hosts.site}/api/openapi/queue/openapi.json"
    answer = await client.wire.get(url, params={"endpoint_id": endpoint_path(endpoint_id)}, key=False, limits=limits)
    if answer.body.strip() == b"null":
        message = f"The provider has no endpoint {endpoint_id}."
        raise UnknownRequest(message, hint="Check its id.", request=answer.request)
    return answer.json()


async def _pages(client: QueueClient, url: str, asked: Mapping[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """Each page, following the cursor. Raises ProtocolError where the cursor leads nowhere new."""
    cursor, seen = "", set[str]()
    for _ in range(_PAGES_MOST):
        page = (await client.wire.get(url, params={**asked, **({"cursor": cursor} if cursor else {})})).json()
        yield page
        cursor = str(page.get("next_cursor") or "")
        if not cursor or page.get("has_more") is False:
            return
        if cursor in seen:
            raise _broken(url)
        seen.add(cursor)
    raise _broken(url)


def _objects(page: Mapping[str, Any], name: str, url: str) -> list[dict[str, Any]]:
    found = page.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise _broken(url)
    return found


def _listed(item: Mapping[str, Any]) -> Listed:
    given, request_id = item.get("json_input"), str(item.get("request_id") or "")
    if not request_id:
        raise _broken("the list of requests")
    ended = any(item.get(name) is not None for name in ("ended_at", "status_code"))
    sent_at = _moment(item.get("sent_at")) or _moment(item.get("started_at"))
    return Listed(request_id, sent_at, given if isinstance(given, dict) else None, ended)


def _price(item: Mapping[str, Any]) -> UnitPrice | None:
    price = item.get("unit_price")
    if not isinstance(price, (int, float)):
        return None
    return UnitPrice(
        str(item.get("endpoint_id")), Decimal(str(price)), str(item.get("unit")), str(item.get("currency"))
    )


def _moment(found: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(found)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _broken(where: str) -> ProtocolError:
    return ProtocolError("The provider's list is not understood.", hint="Try again later.", request=where)
