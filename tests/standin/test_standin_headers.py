"""What headers and query parameters of a submit ask for, and what web pages are allowed."""

from __future__ import annotations

from tests.standin.conftest import FREE, Standin, until


def test_a_start_deadline_ends_in_504_of_type_user(standin: Standin) -> None:
    """A request that does not start in the client's time fails as request_timeout, unbilled."""
    standin.stage.open.clear()
    standin.running(standin.submit())
    late = standin.submit(headers={"X-Fal-Request-Timeout": "0.2"})
    answer = standin.finished(late)
    assert (answer.status_code, answer.json()["error_type"]) == (504, "request_timeout")
    assert answer.headers["x-fal-request-timeout-type"] == "user"
    assert standin.bill()["lines"] == []


def test_a_start_deadline_must_be_a_number_above_a_tenth(standin: Standin) -> None:
    """Too short or unreadable deadlines are refused before anything is accepted."""
    for wrong in ("0.1", "soon"):
        answer = standin.http.post(f"/{FREE}", json={"prompt": "x"}, headers={"X-Fal-Request-Timeout": wrong})
        assert answer.status_code == 400


def test_a_full_queue_can_be_refused(standin: Standin) -> None:
    """fal_max_queue_length=0 is 429 as soon as one waits on the endpoint, and not before."""
    standin.stage.open.clear()
    standin.running(standin.submit(params={"fal_max_queue_length": "0"}))
    standin.submit(params={"fal_max_queue_length": "0"})
    answer = standin.http.post(f"/{FREE}", json={"prompt": "x"}, params={"fal_max_queue_length": "0"})
    assert answer.status_code == 429
    assert len(standin.bill()["accepted"]) == 2


def test_unknown_fal_headers_are_ignored(standin: Standin) -> None:
    """A header that nobody knows changes nothing."""
    headers = {"X-Fal-Runner-Hint": "a", "x-fal-something": "b", "x-app-fal-disable-fallback": "true"}
    assert standin.finished(standin.submit(headers=headers)).status_code == 200


def test_runner_failures_are_put_back_unless_forbidden(standin: Standin) -> None:
    """A 503 of the runner is performed again; with X-Fal-No-Retry it is the end."""
    lost = {"code": 503, "error_type": "runner_disconnected", "times": 1}
    standin.fault("fail", **lost)
    assert standin.finished(standin.submit()).status_code == 200
    standin.fault("fail", **lost)
    failed = standin.finished(standin.submit(headers={"X-Fal-No-Retry": "1"}))
    assert (failed.status_code, failed.json()["error_type"]) == (503, "runner_disconnected")
    assert failed.headers["x-fal-needs-retry"] == failed.headers["x-fal-retryable"] == "true"


def test_a_body_that_is_no_object_is_refused_at_once(standin: Standin) -> None:
    """Broken JSON and a list are 422, and nothing is accepted."""
    for content in (b"{", b"[1]", b""):
        assert standin.http.post(f"/{FREE}", content=content).status_code == 422
    assert standin.bill()["accepted"] == []


def test_pages_of_any_origin_may_call_the_queue(standin: Standin) -> None:
    """Preflights and answers carry CORS headers; a bare OPTIONS is answered as well."""
    asked = {
        "Origin": "http://page.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,x-fal-file-name",
    }
    preflight = standin.anyone.options(f"{standin.origin}/{FREE}", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "PUT" in preflight.headers["access-control-allow-methods"]
    answer = standin.http.post(f"/{FREE}", json={"prompt": "x"}, headers={"Origin": "http://page.example"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-fal-request-id" in answer.headers["access-control-expose-headers"]
    assert standin.anyone.options(f"{standin.origin}/{FREE}").status_code == 204


def test_the_queue_delay_is_scaled_by_the_clock(standin: Standin) -> None:
    """An hour in the line passes at once when the time scale is 0, and holds otherwise."""
    standin.settings(queue_delay_s=3600)
    request = standin.submit()
    assert standin.status(request)["status"] == "IN_QUEUE"
    standin.settings(time_scale=0)
    until(lambda: standin.status(request)["status"] == "COMPLETED")
