"""The platform's routes about models and money: catalogue, prices, usage, OpenAPI (queue-protocol 6)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from lib.catalog import ENDPOINTS
from lib.catalog.operation import Endpoint
from lib.standin.guests import Guests
from lib.standin.listing import many, page, refused
from lib.standin.openapi import document
from lib.standin.rates import catalogue_price
from lib.standin.recent import MOST_IDS, Recent, iso
from lib.standin.records import BillLine, Records


class Platform:
    """Routes over the catalog and the bill."""

    def __init__(self, records: Records, recent: Recent, guests: Guests) -> None:
        self._records = records
        self._guests = guests
        self._recent = recent

    async def models(self, http: HttpRequest) -> Response:
        """The catalogue, filtered by id or text, with OpenAPI documents when asked."""
        expand, wanted = "openapi-3.0" in many(http, "expand"), http.query_params.get("q", "").lower()
        asked = [ENDPOINTS[one] for one in many(http, "endpoint_id") or ENDPOINTS if one in ENDPOINTS]
        found, tail = page(http, [one for one in asked if wanted in f"{one.id} {one.title}".lower()])
        return JSONResponse({"models": [_model(endpoint, expand) for endpoint in found], **tail})

    async def pricing(self, http: HttpRequest) -> Response:
        """Unit prices; an endpoint without a published one is left out."""
        asked = many(http, "endpoint_id")
        if not asked or len(asked) > MOST_IDS:
            return refused(400, "validation_error", f"endpoint_id must be given 1 to {MOST_IDS} times")
        found, tail = page(http, [_price(one) for one in asked if catalogue_price(one)[0] is not None])
        return JSONResponse({"prices": found, **tail})

    async def estimate(self, http: HttpRequest) -> Response:
        """What so many units would cost."""
        wanted = await http.json()
        total = 0.0
        for one, amount in wanted.get("endpoints", {}).items():
            total += (catalogue_price(one)[0] or 0.0) * float(amount.get("unit_quantity") or amount["call_quantity"])
        body = {"estimate_type": wanted.get("estimate_type"), "total_cost": round(total, 6), "currency": "USD"}
        return JSONResponse(body)

    async def usage(self, http: HttpRequest) -> Response:
        """The bill of the asked time, as one bucket."""
        start, end = self._recent.span(http)
        lines = [line for line in self._records.bill() if start <= line.at < end]
        used = [_used(one, lines) for one in dict.fromkeys(line.endpoint for line in lines)]
        series = [{"bucket": iso(start), "results": used}]
        return JSONResponse({"time_series": series, "summary": used, "next_cursor": None, "has_more": False})

    async def openapi(self, http: HttpRequest) -> Response:
        """Public: the document of one endpoint; 404 with `null` for an unknown one."""
        found = self._guests.document(http.query_params.get("endpoint_id", ""))
        return JSONResponse(None, 404) if found is None else JSONResponse(found)

    async def meta(self, http: HttpRequest) -> Response:
        """Where webhooks come from."""
        return JSONResponse({"webhook_ip_ranges": ["127.0.0.0/8"]})

    async def balance(self, http: HttpRequest) -> Response:
        """A bare number: a rehearsal has no money."""
        return JSONResponse(0.0)

    async def realtime_token(self, http: HttpRequest) -> Response:
        """A stub: no endpoint of the catalog has a realtime side."""
        return JSONResponse("rehearsal")


def _model(endpoint: Endpoint, expand: bool) -> dict[str, Any]:
    metadata = {
        "display_name": endpoint.title,
        "category": "video-to-video",
        "description": endpoint.about,
        "status": "active",
        "tags": [],
        "model_url": f"https://fal.run/{endpoint.id}",
        "group": {"key": endpoint.family, "label": endpoint.family},
        "kind": "inference",
    }
    model: dict[str, Any] = {"endpoint_id": endpoint.id, "metadata": metadata}
    return model | ({"openapi": document(endpoint)} if expand else {})


def _price(endpoint: str) -> dict[str, Any]:
    price, unit = catalogue_price(endpoint)
    return {"endpoint_id": endpoint, "unit_price": price, "unit": unit, "currency": "USD"}


def _used(endpoint: str, lines: list[BillLine]) -> dict[str, Any]:
    own = [line for line in lines if line.endpoint == endpoint]
    quantity, cost = sum(line.units for line in own), sum(float(line.usd or 0) for line in own)
    return _price(endpoint) | {"quantity": quantity, "cost": cost}
