"""The platform side: recent requests, models, prices, usage, OpenAPI, and the proxy address."""

from __future__ import annotations

from typing import Any

import pytest

from lib.catalog import ENDPOINTS
from tests.standin.conftest import FREE, Standin, until

LIST = "/v1/models/requests/by-endpoint"


def _listed(standin: Standin, **asked: Any) -> list[dict[str, Any]]:
    answer = standin.http.get(LIST, params={"endpoint_id": FREE, **asked})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def test_the_list_shows_queued_running_and_finished(standin: Standin) -> None:
    """Every accepted request is listed at once, the latest first, with its exact input when asked."""
    standin.finished(standin.submit(payload={"prompt": "one"}))
    standin.stage.open.clear()
    standin.stage.tasks.clear()
    standin.running(standin.submit(payload={"prompt": "two"}))
    standin.submit(payload={"prompt": "three"})
    third, second, first = _listed(standin, expand="payloads")
    assert [item["json_input"]["prompt"] for item in (first, second, third)] == ["one", "two", "three"]
    assert first["status_code"] == 200
    assert first["json_output"]["video"]["url"]
    assert "ended_at" not in second
    assert second["started_at"]
    assert third["started_at"] is None
    assert "json_input" not in _listed(standin)[0]


def test_the_list_can_lag(standin: Standin) -> None:
    """Within the lag an accepted request is not listed; afterwards it is."""
    standin.settings(list_lag_s=1.0)
    standin.submit()
    assert _listed(standin) == []
    until(lambda: len(_listed(standin)) == 1)


def test_what_the_list_promises_can_be_set(standin: Standin) -> None:
    """The promise is 1 s unless a test takes it back, which null does."""
    info = standin.anyone.get("/_standin/info").json()
    assert (info["rehearsal"], info["list_complete_after_s"]) == (True, 1.0)
    standin.settings(list_complete_after_s=None)
    assert standin.anyone.get("/_standin/info").json()["list_complete_after_s"] is None


def test_the_list_pages_through_everything_once(standin: Standin) -> None:
    """Cursors give each request once, even when new ones arrive between two pages."""
    standin.stage.open.clear()
    made = [standin.submit()["request_id"] for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = standin.http.get(LIST, params={"endpoint_id": FREE, "limit": 2, "cursor": cursor}).json()
        seen += [item["request_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)
        standin.submit()
    assert seen == made[::-1]


def test_the_list_filters(standin: Standin) -> None:
    """By endpoint, id, time and how it ended."""
    good = standin.submit()
    bad = standin.submit(payload={"prompt": "x", "duration": "99s"})
    standin.finished(good)
    standin.finished(bad)
    assert [item["request_id"] for item in _listed(standin, status="user_error")] == [bad["request_id"]]
    assert [item["request_id"] for item in _listed(standin, request_id=good["request_id"])] == [good["request_id"]]
    sent_at = _listed(standin, request_id=bad["request_id"])[0]["sent_at"]
    assert [item["request_id"] for item in _listed(standin, start=sent_at)] == [bad["request_id"]]
    assert [item["request_id"] for item in _listed(standin, end=sent_at)] == [good["request_id"]]
    assert standin.http.get(LIST, params={"endpoint_id": "fal-ai/lynx"}).json()["items"] == []


def test_unkept_payloads_are_not_listed(standin: Standin) -> None:
    """X-Fal-Store-IO: 0 and a deletion both remove the payload from the list, not the request."""
    kept = standin.submit()
    standin.submit(headers={"X-Fal-Store-IO": "0"})
    first, second = _listed(standin, expand="payloads")
    assert "json_input" not in first
    assert "json_input" in second
    assert standin.http.delete(f"/v1/models/requests/{kept['request_id']}/payloads").status_code == 200
    assert all("json_input" not in item for item in _listed(standin, expand="payloads"))


@pytest.mark.parametrize(
    "asked", [{}, {"endpoint_id": FREE, "start": "yesterday"}, {"endpoint_id": FREE, "limit": "x"}]
)
def test_a_bad_question_is_a_validation_error(standin: Standin, asked: dict[str, str]) -> None:
    """The platform's own error shape says what cannot be read."""
    answer = standin.http.get(LIST, params=asked)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "validation_error")


def test_the_list_is_for_keys_and_not_for_pages(standin: Standin) -> None:
    """Payloads are nobody else's business: no answer without a key, none to a web page, none to a rebound name."""
    asked = {"endpoint_id": FREE}
    assert standin.anyone.get(LIST, params=asked).status_code == 401
    for headers in ({"Origin": "http://page.example"}, {"Host": "evil.example"}):
        assert standin.http.get(LIST, params=asked, headers=headers).status_code == 403


@pytest.mark.parametrize("prefix", ["/v1", ""])
def test_models_and_prices(standin: Standin, prefix: str) -> None:
    """All endpoints are listed; prices are numbers with a unit, and an unpublished one is left out."""
    models = standin.http.get(f"{prefix}/models").json()
    assert {model["endpoint_id"] for model in models["models"]} == set(ENDPOINTS)
    asked = {"endpoint_id": "fal-ai/pixverse/lipsync,fal-ai/video-upscaler"}
    (price,) = standin.http.get(f"{prefix}/models/pricing", params=asked).json()["prices"]
    assert (price["endpoint_id"], price["unit_price"], price["unit"]) == ("fal-ai/pixverse/lipsync", 0.04, "seconds")
    wanted = {"estimate_type": "unit_price", "endpoints": {"fal-ai/pixverse/lipsync": {"unit_quantity": 100}}}
    estimate = standin.http.post(f"{prefix}/models/pricing/estimate", json=wanted).json()
    assert estimate["total_cost"] == pytest.approx(4.0)


def test_usage_sums_the_bill(standin: Standin) -> None:
    """What was billed shows as quantity and cost per endpoint."""
    standin.finished(standin.submit())
    (used,) = standin.http.get("/v1/models/usage").json()["summary"]
    assert (used["endpoint_id"], used["quantity"], used["cost"]) == (FREE, 1.0, 0.5)


@pytest.mark.parametrize("endpoint", sorted(ENDPOINTS))
def test_each_endpoint_has_an_openapi_document(standin: Standin, endpoint: str) -> None:
    """Input and output are found by following the references; order and media hints are there."""
    answer = standin.anyone.get("/api/openapi/queue/openapi.json", params={"endpoint_id": endpoint})
    document = answer.json()
    schemas = document["components"]["schemas"]

    def named(content: dict[str, Any]) -> dict[str, Any]:
        return dict(schemas[content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]])

    base = f"/{endpoint}"
    given = named(document["paths"][base]["post"]["requestBody"]["content"])
    result = document["paths"][base + "/requests/{request_id}"]["get"]["responses"]["200"]["content"]
    assert document["openapi"] == "3.0.4"
    assert document["info"]["x-fal-metadata"]["endpointId"] == endpoint
    assert len(document["paths"]) == 4
    assert given["x-fal-order-properties"] == list(ENDPOINTS[endpoint].input.model_fields)
    assert set(named(result)["properties"]) == set(ENDPOINTS[endpoint].output.model_fields)
    hints = {name: field["ui"]["field"] for name, field in given["properties"].items() if "ui" in field}
    assert hints.keys() >= ENDPOINTS[endpoint].media_in().keys()
    unresolved = [ref for ref in _refs(document) if ref.rsplit("/", 1)[1] not in schemas]
    assert unresolved == []


def _refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in _refs(value)]
    return [ref for value in node for ref in _refs(value)] if isinstance(node, list) else []


def test_an_unknown_endpoint_has_no_document(standin: Standin) -> None:
    """404 with a bare null."""
    answer = standin.anyone.get("/api/openapi/queue/openapi.json", params={"endpoint_id": "fal-ai/no-such"})
    assert (answer.status_code, answer.json()) == (404, None)


def _proxied(standin: Standin, method: str, target: str, **more: Any) -> Any:
    return standin.anyone.request(method, "/api/fal/proxy", headers={"x-fal-target-url": target}, **more)


def test_the_proxy_stands_for_every_host(standin: Standin) -> None:
    """Queue, direct call, storage and platform are reached through the one address, with its own key."""
    request = _proxied(standin, "POST", f"https://queue.fal.run/{FREE}?fal_max_queue_length=5", json={"prompt": "x"})
    assert request.status_code == 200
    target = f"https://queue.fal.run/fal-ai/luma-dream-machine/requests/{request.json()['request_id']}"
    until(lambda: _proxied(standin, "GET", f"{target}/status?logs=1").status_code == 200)
    assert _proxied(standin, "GET", f"{target}/status?logs=1").json()["logs"]
    assert _proxied(standin, "GET", target).json()["video"]
    assert _proxied(standin, "PUT", f"{target}/cancel").status_code == 400
    assert _proxied(standin, "POST", f"https://fal.run/{FREE}", json={"prompt": "x"}).json()["video"]
    upload = "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3"
    begun = _proxied(standin, "POST", upload, json={"file_name": "a.txt", "content_type": "text/plain"}).json()
    assert begun["upload_url"].startswith(standin.origin)
    assert _proxied(standin, "GET", "https://api.fal.ai/v1/models").json()["models"]


@pytest.mark.parametrize("target", ["", "https://evil.example/x", "https://queue.fal.run.evil.example/x"])
def test_the_proxy_knows_fal_hosts_only(standin: Standin, target: str) -> None:
    """Any other target is 400."""
    assert _proxied(standin, "POST", target, json={}).status_code == 400


def test_faults_apply_behind_the_proxy(standin: Standin) -> None:
    """A rule on submits hits a proxied submit as well."""
    standin.fault("http_429", "submit", times=1)
    target = f"https://queue.fal.run/{FREE}"
    assert _proxied(standin, "POST", target, json={"prompt": "x"}).status_code == 429
    assert _proxied(standin, "POST", target, json={"prompt": "x"}).status_code == 200
