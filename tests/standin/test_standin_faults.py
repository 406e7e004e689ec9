"""Fault rules: each does what it says, as often as it says, and a held connection can be seen and let go."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tests.standin.conftest import FREE, Standin, until


def _post(standin: Standin, **more: object) -> httpx.Response:
    return standin.http.post(f"/{FREE}", json={"prompt": "x"}, **more)  # type: ignore[arg-type]


def _accepted(standin: Standin) -> int:
    return len(standin.bill()["accepted"])


@pytest.mark.parametrize(("do", "accepted"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_connection(standin: Standin, do: str, accepted: int) -> None:
    """The client hears nothing in both cases; only the later cut has accepted the request."""
    standin.fault(do, "submit", times=1)
    with pytest.raises(httpx.TransportError):
        _post(standin)
    assert _accepted(standin) == accepted
    assert _post(standin).status_code == 200


def test_a_truncated_answer(standin: Standin) -> None:
    """Headers promise more than arrives."""
    standin.fault("truncate", "submit", times=1)
    with standin.http.stream("POST", f"/{FREE}", json={"prompt": "x"}) as answer:
        received = b""
        with pytest.raises(httpx.RemoteProtocolError):  # noqa: PT012 - what came before the cut matters
            for chunk in answer.iter_raw():
                received += chunk
    assert 0 < len(received) <= int(answer.headers["content-length"]) // 2
    assert _accepted(standin) == 1


def test_a_truncated_file_keeps_its_announced_length(standin: Standin) -> None:
    """Half of a download arrives, then the connection is cut."""
    url = standin.finished(standin.submit()).json()["video"]["url"]
    standin.fault("truncate", "file", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        standin.anyone.get(url)
    assert standin.anyone.get(url).status_code == 200


def test_slow_answers_are_accepted_first(standin: Standin) -> None:
    """A client that gives up waiting has bought the request all the same."""
    standin.fault("slow", "submit", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        _post(standin, timeout=0.3)
    assert _accepted(standin) == 1


def test_held_before_accept_buys_nothing_for_a_client_that_left(standin: Standin) -> None:
    """What was not accepted when the client went is never accepted later."""
    rule = standin.fault("hold", "submit", at="before_accept")
    with pytest.raises(httpx.ReadTimeout):
        _post(standin, timeout=0.3)
    until(lambda: standin.rule(rule)["held"] == 0)
    standin.http.post(f"/_standin/faults/{rule}/release")
    assert _accepted(standin) == 0


def test_slow_waits_are_scaled(standin: Standin) -> None:
    """With time scale 0 an hour is nothing."""
    standin.settings(time_scale=0)
    standin.fault("slow", "submit", seconds=3600)
    assert _post(standin).status_code == 200


@pytest.mark.parametrize(
    ("rule", "code", "kind"),
    [
        ({"do": "status", "code": 409}, 409, "application/json"),
        ({"do": "status", "code": 408, "body": "late"}, 408, "text/plain"),
        ({"do": "status", "code": 502, "body": "<html>nginx</html>"}, 502, "text/html"),
        ({"do": "status", "code": 503, "body": {"detail": "no runner"}}, 503, "application/json"),
        ({"do": "locked_403"}, 403, "application/json"),
        ({"do": "http_429"}, 429, "application/json"),
        ({"do": "detail_422"}, 422, "application/json"),
        ({"do": "non_json_200"}, 200, "text/html"),
    ],
)
def test_made_up_answers(standin: Standin, rule: dict[str, object], code: int, kind: str) -> None:
    """Status and type are as asked, and nothing is accepted."""
    standin.http.post("/_standin/faults", json={"match": {"route": "submit"}, "times": 1, **rule})
    answer = _post(standin)
    assert answer.status_code == code
    assert answer.headers["content-type"].startswith(kind)
    assert _accepted(standin) == 0
    assert _post(standin).json()["status"] == "IN_QUEUE"


def test_a_made_up_answer_can_follow_acceptance(standin: Standin) -> None:
    """A 500 after the request was taken: the worst case for a client."""
    standin.fault("status", "submit", code=500, at="after_accept")
    assert _post(standin).status_code == 500
    assert _accepted(standin) == 1


def test_retry_after_and_own_headers(standin: Standin) -> None:
    """429 says when to come back if asked to; a 504 can carry the user mark."""
    standin.fault("http_429", "submit", retry_after=7, times=1)
    assert _post(standin).headers["retry-after"] == "7"
    standin.fault("status", "submit", code=504, headers={"X-Fal-Request-Timeout-Type": "user"}, times=1)
    assert _post(standin).headers["x-fal-request-timeout-type"] == "user"


def test_locked_leaves_status_open(standin: Standin) -> None:
    """A locked account may still collect: only submit and storage are refused."""
    request = standin.submit()
    standin.fault("locked_403", "submit")
    standin.fault("locked_403", "upload")
    assert "User is locked" in _post(standin).json()["detail"]
    assert standin.http.post("/storage/upload/initiate", json={}).status_code == 403
    assert standin.finished(request).status_code == 200


def test_a_422_can_have_a_text_detail(standin: Standin) -> None:
    """Some endpoints answer a plain string."""
    standin.fault("detail_422", "result", body={"detail": "no faces"})
    assert standin.http.get("/a/b/requests/c").json() == {"detail": "no faces"}


@pytest.mark.parametrize(("code", "units", "billed"), [(500, 0, 0), (422, 2.5, 1)])
def test_a_request_can_complete_with_an_error(standin: Standin, code: int, units: float, billed: int) -> None:
    """Status says COMPLETED with error and type, the result answers the failure; units say whether it was billed."""
    body = {"detail": "out of memory"}
    standin.fault("fail", code=code, body=body, error="boom", error_type="runner_server_error", units=units, times=1)
    request = standin.submit()
    answer = standin.finished(request)
    status = standin.status(request)
    assert (status["status"], status["error"], status["error_type"]) == ("COMPLETED", "boom", "runner_server_error")
    assert (answer.status_code, answer.json()) == (code, body)
    assert float(answer.headers["x-fal-billable-units"]) == units
    assert len(standin.bill()["lines"]) == billed


def test_a_result_can_expire(standin: Standin) -> None:
    """The result is 404 while the status still knows the request."""
    request = standin.submit()
    standin.finished(request)
    standin.fault("expire_result", "result")
    assert standin.http.get(request["response_url"]).status_code == 404
    assert standin.status(request)["status"] == "COMPLETED"


def _held(standin: Standin, rule: int) -> None:
    until(lambda: standin.rule(rule)["held"] == 1)


@pytest.mark.parametrize(
    ("at", "accepted"), [("before_accept", 0), ("after_accept", 1), ("before_body", 1), ("mid_body", 1)]
)
@pytest.mark.parametrize("way", ["release", "delete"])
def test_a_held_connection_is_seen_and_let_go(standin: Standin, at: str, accepted: int, way: str) -> None:
    """While it is held a test can look at that exact instant; let go, the answer arrives whole."""
    rule = standin.fault("hold", "submit", at=at, times=1)
    with ThreadPoolExecutor(1) as pool:
        answer: Future[httpx.Response] = pool.submit(_post, standin)
        _held(standin, rule)
        assert _accepted(standin) == accepted
        if way == "release":
            standin.http.post(f"/_standin/faults/{rule}/release")
        else:
            standin.http.delete(f"/_standin/faults/{rule}")
        assert answer.result(20).json()["status"] == "IN_QUEUE"
    assert _accepted(standin) == 1


def test_a_download_can_be_held_half_way(standin: Standin) -> None:
    """Half of the file is out while the rest waits."""
    url = standin.finished(standin.submit()).json()["video"]["url"]
    rule = standin.fault("hold", "file", at="mid_body")
    with standin.anyone.stream("GET", url) as answer:
        chunks = answer.iter_raw()
        half = next(chunks)
        _held(standin, rule)
        standin.http.delete(f"/_standin/faults/{rule}")
        whole = half + b"".join(chunks)
    assert whole == standin.stage.clip.read_bytes()


def test_after_times_and_match_pick_the_requests(standin: Standin) -> None:
    """The first passes, the second and third are hit, the fourth passes; another endpoint is never hit."""
    rule = standin.http.post(
        "/_standin/faults",
        json={"match": {"route": "submit", "endpoint": "fal-ai/luma*"}, "do": "http_429", "after": 1, "times": 2},
    ).json()
    codes = []
    for _ in range(4):
        codes.append(_post(standin).status_code)
        standin.submit("fal-ai/video-upscaler", {"video_url": "x"})
    assert codes == [200, 429, 429, 200]
    assert standin.rule(rule["id"])["hits"] == 2
    assert [one["id"] for one in standin.http.get("/_standin/faults").json()["rules"]] == [rule["id"]]


def test_a_rule_can_name_one_request_by_its_full_endpoint(standin: Standin) -> None:
    """Status paths carry only the app, yet a rule on the full id fits, and one on another request does not."""
    first, second = standin.submit(), standin.submit()
    match = {"route": "status", "endpoint": FREE, "request_id": first["request_id"]}
    standin.http.post("/_standin/faults", json={"match": match, "do": "status", "code": 500})
    assert standin.http.get(first["status_url"]).status_code == 500
    assert standin.http.get(second["status_url"]).status_code in (200, 202)


def test_a_rule_that_means_nothing_is_refused(standin: Standin) -> None:
    """A misspelt rule must not silently do nothing."""
    for wrong in ({"do": "explode"}, {"do": "slow", "second": 1}, {"match": {"rout": "submit"}, "do": "slow"}):
        assert standin.http.post("/_standin/faults", json=wrong).status_code == 422


@pytest.mark.parametrize("headers", [{"Origin": "http://page.example"}, {"Host": "evil.example"}])
@pytest.mark.parametrize("path", ["info", "bill", "faults", "settings"])
def test_no_web_page_reaches_the_controls(standin: Standin, path: str, headers: dict[str, str]) -> None:
    """An Origin or a foreign host name is refused, and no CORS header invites anybody."""
    answer = standin.anyone.get(f"/_standin/{path}", headers=headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers
    assert standin.anyone.get(f"/_standin/{path}").status_code == 200
