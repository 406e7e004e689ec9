"""The queue as clients meet it: submit, status, stream, result, cancel, direct call, headers."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.standin.conftest import FREE, Standin

APP = "fal-ai/luma-dream-machine"


def test_submit_answers_200_with_app_only_urls_on_the_asked_host(standin: Standin) -> None:
    """The three addresses leave the sub-path out and stand on the host that the client used."""
    port = standin.origin.rsplit(":", 1)[1]
    answer = standin.http.post(f"http://localhost:{port}/{FREE}", json={"prompt": "x"})
    body, base = answer.json(), f"http://localhost:{port}/{APP}/requests/"
    assert answer.status_code == 200
    assert body["status"] == "IN_QUEUE"
    assert body["queue_position"] == 0
    assert body["response_url"] == base + body["request_id"]
    assert body["status_url"] == body["response_url"] + "/status"
    assert body["cancel_url"] == body["response_url"] + "/cancel"
    assert answer.headers["x-fal-request-id"] == body["request_id"]
    assert uuid.UUID(body["request_id"]).version == 7


@pytest.mark.parametrize("authorization", ["", "Key", "Bearer abc", "abc"])
def test_no_key_is_401_and_accepts_nothing(standin: Standin, authorization: str) -> None:
    """Only `Authorization: Key …` opens the queue."""
    answer = standin.anyone.post(
        f"{standin.origin}/{FREE}", json={"prompt": "x"}, headers={"Authorization": authorization}
    )
    assert answer.status_code == 401
    assert standin.bill()["accepted"] == []


def test_keys_can_be_named(standin: Standin) -> None:
    """With a list of keys every other key is refused, for requests that exist as well."""
    request = standin.submit()
    standin.settings(keys=["good:key"])
    assert standin.http.get(request["status_url"]).status_code == 401
    good = standin.http.get(request["status_url"], headers={"Authorization": "Key good:key"})
    assert good.status_code in (200, 202)


def test_unknown_request_is_404_even_without_a_key(standin: Standin) -> None:
    """Status, result and cancel of an unknown id say NOT_FOUND."""
    base = f"{standin.origin}/{APP}/requests/{uuid.uuid4()}"
    for answer in (
        standin.anyone.get(base + "/status"),
        standin.anyone.get(base),
        standin.anyone.put(base + "/cancel"),
    ):
        assert answer.status_code == 404
        assert answer.json() == {"status": "NOT_FOUND"}


def test_a_request_is_not_found_under_another_app(standin: Standin) -> None:
    """The path's app must be the request's own."""
    request = standin.submit()
    other = request["status_url"].replace(APP, "fal-ai/pixverse")
    assert standin.http.get(other).status_code == 404


@pytest.mark.parametrize("namespace", ["workflows", "comfy"])
def test_namespaces_shift_the_paths_by_one(standin: Standin, namespace: str) -> None:
    """In a namespace the app has three parts, and status and result are found there."""
    request = standin.submit(f"{namespace}/{FREE}")
    assert request["response_url"] == f"{standin.origin}/{namespace}/{APP}/requests/{request['request_id']}"
    assert standin.finished(request).status_code == 200
    assert standin.http.get(f"/{APP}/requests/{request['request_id']}").status_code == 404


@pytest.mark.parametrize("endpoint", ["fal-ai/no-such", "workflows/me/mine", "comfy/me/mine"])
def test_unknown_endpoint_is_404(standin: Standin, endpoint: str) -> None:
    """Nothing is accepted for an endpoint that does not exist, in namespaces too."""
    assert standin.http.post(f"/{endpoint}", json={}).status_code == 404


def test_every_spelling_of_the_paths_is_served(standin: Standin) -> None:
    """Full sub-path, /response and trailing slashes lead to the same request."""
    request = standin.submit()
    standin.finished(request)
    tails = ["", "/", "/response", "/response/", "/status", "/status/?logs=0"]
    for path in [f"/{app}/requests/{request['request_id']}{tail}" for app in (APP, FREE) for tail in tails]:
        assert standin.http.get(path).status_code == 200, path


def test_strict_mode_answers_405_to_the_sub_path(standin: Standin) -> None:
    """With strict paths the sub-path is refused as the live queue is said to do, the app-only path served."""
    standin.settings(strict_paths=True)
    request = standin.submit()
    assert standin.http.get(f"/{FREE}/requests/{request['request_id']}/status").status_code == 405
    assert standin.http.get(request["status_url"]).status_code in (200, 202)


@pytest.mark.parametrize(("logs", "shown"), [("1", True), ("true", True), ("0", False), ("false", False), ("", False)])
def test_status_through_its_three_states(standin: Standin, logs: str, shown: bool) -> None:
    """202 with a position, 202 with logs, 200 with logs and metrics; logs is always there and null unless asked."""
    standin.stage.open.clear()
    first, second = standin.submit(), standin.submit()
    standin.running(first)
    running = standin.http.get(first["status_url"], params={"logs": logs})
    waiting = standin.http.get(second["status_url"], params={"logs": logs})
    assert (running.status_code, running.json()["status"]) == (202, "IN_PROGRESS")
    assert bool(running.json()["logs"]) is shown
    assert (waiting.status_code, waiting.json()["status"], waiting.json()["queue_position"]) == (202, "IN_QUEUE", 0)
    standin.stage.open.set()
    standin.finished(first)
    done = standin.http.get(first["status_url"], params={"logs": logs})
    assert (done.status_code, done.json()["status"]) == (200, "COMPLETED")
    assert done.json()["metrics"]["inference_time"] > 0
    assert bool(done.json()["logs"]) is shown
    for body in (running.json(), waiting.json(), done.json()):
        assert {"request_id", "response_url", "status_url", "cancel_url"} <= body.keys()


def test_log_lines_have_their_four_parts(standin: Standin) -> None:
    """A line has message, level, source USER and an ISO time."""
    request = standin.submit()
    standin.finished(request)
    (line,) = standin.status(request)["logs"]
    assert line["message"] == f"rehearsing {FREE}"
    assert (line["level"], line["source"]) == ("INFO", "USER")
    assert line["timestamp"].endswith("+00:00")


def test_one_performs_while_the_others_queue_in_order(standin: Standin) -> None:
    """One encoder: the second and third wait at positions 0 and 1, and a low priority goes behind all."""
    standin.stage.open.clear()
    first = standin.submit()
    low = standin.submit(headers={"X-Fal-Queue-Priority": "low"})
    second, third = standin.submit(), standin.submit()
    standin.running(first)
    assert [standin.status(one)["queue_position"] for one in (second, third, low)] == [0, 1, 2]
    assert len(standin.stage.tasks) == 1


def test_result_is_the_bare_output_with_its_units(standin: Standin) -> None:
    """The output has no envelope, its file can be fetched by anybody, and the billable units are said."""
    answer = standin.finished(standin.submit())
    video = answer.json()["video"]
    assert answer.status_code == 200
    assert answer.headers["x-fal-billable-units"] == "1.0"
    fetched = standin.anyone.get(video["url"])
    assert fetched.headers["content-type"] == video["content_type"] == "video/mp4"
    assert len(fetched.content) == video["file_size"] == standin.stage.clip.stat().st_size


def test_result_too_early_is_400(standin: Standin) -> None:
    """A running request has a detail text instead of a result."""
    standin.stage.open.clear()
    answer = standin.http.get(standin.submit()["response_url"])
    assert (answer.status_code, answer.json()) == (400, {"detail": "Request is still in progress"})


def test_a_cancelled_queued_request_is_gone_and_free(standin: Standin) -> None:
    """It leaves the line at once, says client_cancelled and 499, and is on no bill."""
    standin.stage.open.clear()
    first, second = standin.submit(), standin.submit()
    standin.running(first)
    answer = standin.http.put(second["cancel_url"])
    assert (answer.status_code, answer.json()) == (202, {"status": "CANCELLATION_REQUESTED"})
    status = standin.status(second)
    assert (status["status"], status["error_type"]) == ("COMPLETED", "client_cancelled")
    result = standin.http.get(second["response_url"])
    assert (result.status_code, result.json()["error_type"]) == (499, "client_cancelled")
    assert result.headers["x-fal-error-type"] == "client_cancelled"
    standin.stage.open.set()
    standin.finished(first)
    assert [line["request_id"] for line in standin.bill()["lines"]] == [first["request_id"]]


def test_a_cancelled_running_request_stops(standin: Standin) -> None:
    """The performer is interrupted, the request ends as 499, and the next one runs."""
    standin.stage.open.clear()
    first, second = standin.submit(), standin.submit()
    standin.running(first)
    assert standin.http.put(first["cancel_url"]).status_code == 202
    assert standin.finished(first).status_code == 499
    standin.stage.open.set()
    assert standin.finished(second).status_code == 200


def test_cancelling_a_finished_request_is_400(standin: Standin) -> None:
    """There is nothing left to cancel, and that is said."""
    request = standin.submit()
    standin.finished(request)
    answer = standin.http.put(request["cancel_url"])
    assert (answer.status_code, answer.json()) == (400, {"status": "ALREADY_COMPLETED"})


def _events(lines: Any) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def test_the_status_stream_ends_after_completed(standin: Standin) -> None:
    """Events are status bodies, only changes are sent, each log line once, and COMPLETED is the last one."""
    standin.stage.open.clear()
    request = standin.submit()
    with standin.http.stream("GET", request["status_url"] + "/stream?logs=1") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        seen = _events([next(lines)])
        standin.stage.open.set()
        seen += _events(lines)
    states = [event["status"] for event in seen]
    assert states == sorted(states, key=["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].index)
    assert states.count("COMPLETED") == 1
    assert [line["message"] for event in seen for line in event.get("logs") or ()] == [f"rehearsing {FREE}"]


def test_the_direct_call_answers_in_one_connection(standin: Standin) -> None:
    """fal.run lies under /fal-run; its stream has the output as its last event."""
    answer = standin.http.post(f"/fal-run/{FREE}", json={"prompt": "x"})
    assert answer.status_code == 200
    assert answer.json()["video"]["url"].startswith(standin.origin)
    stream = standin.http.post(f"/fal-run/{FREE}/stream", json={"prompt": "x"})
    assert stream.headers["content-type"].startswith("text/event-stream")
    assert _events(stream.text.splitlines())[-1].keys() == answer.json().keys()
    assert _events(standin.http.post(f"/{FREE}/stream", json={"prompt": "x"}).text.splitlines())[-1]["video"]
    refused = standin.http.post(f"/fal-run/{FREE}", json={"prompt": "x", "duration": "99s"})
    assert refused.status_code == 422
