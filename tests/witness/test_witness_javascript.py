"""fal's own JavaScript client on Node, by its middleware and by its proxy, against a real stand-in process."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest

from lib.media.probe import probe_blocking
from lib.queue.webhook import parse_keys, verify
from tests.witness.conftest import Large
from tests.witness.environments import HERE, Official
from tests.witness.receiver import Receiver
from tests.witness.rehearsal import Rehearsal, until

pytestmark = pytest.mark.node
EXTEND = "fal-ai/pixverse/extend/fast"
UPSCALER = "fal-ai/video-upscaler"
GIVEN = {"video_url": "https://example.com/never-read.mp4"}


@pytest.fixture(params=["middleware", "proxy"])
def official(request: pytest.FixtureRequest, rehearsal: Rehearsal, node_folder: Path) -> Official:
    """The client by one of its two ways. By the proxy it has no key: the proxy puts one in."""
    official = Official(("node", str(HERE / "drive.mjs")), node_folder, rehearsal.origin, request.param)
    return official.without_key() if request.param == "proxy" else official


@pytest.mark.parametrize("mode", ["polling", "streaming"])
def test_subscribe_uploads_a_blob_and_follows_the_request(
    official: Official, rehearsal: Rehearsal, clip: Path, tmp_path: Path, mode: str
) -> None:
    """The Blob in the input is uploaded first; then queued, working, completed, by asking or by a stream of events.

    The client drops "extend/fast" from every address but the first, and the strict stand-in insists on that.
    """
    rehearsal.settings(time_scale=1, queue_delay_s=1, strict_paths=True)
    given = {"prompt": "it goes on", "resolution": "360p", "seed": 7}
    found = official("subscribe", video=clip, endpoint=EXTEND, given=given, mode=mode)
    updates, request_id = found["updates"], found["requestId"]
    assert list(dict.fromkeys(one["status"] for one in updates)) == ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]
    assert updates[0]["queue_position"] == 0
    lines = [(line["timestamp"], line["message"]) for line in updates[-1]["logs"]]
    assert len(lines) == len(set(lines)) > 0  # the client adds up what a stream tells: nothing may be told twice
    assert updates[-1]["metrics"]["inference_time"] > 0
    assert found["enqueued"] == [request_id]
    sent = rehearsal.request(request_id)["payload"]
    assert sent == {"video_url": sent["video_url"], **given}
    assert rehearsal.sha256(sent["video_url"]) == hashlib.sha256(clip.read_bytes()).hexdigest()
    made = probe_blocking(rehearsal.save(found["data"]["video"], tmp_path / "made.mp4"))
    assert (made.kind, made.rehearsal) == ("video", True)
    assert (made.duration_s or 0) > (probe_blocking(clip).duration_s or 0) + 1


def test_everything_can_be_asked_by_id_alone(
    official: Official, rehearsal: Rehearsal, clip: Path, tmp_path: Path
) -> None:
    """Status, result and cancel by endpoint and id; what cannot be answered is refused as documented."""
    found = official("by_id", video=clip)
    request_id = found["submitted"]["request_id"]
    base = f"{rehearsal.origin}/{UPSCALER}/requests/{request_id}"
    assert found["submitted"] == {
        "status": "IN_QUEUE", "request_id": request_id, "queue_position": 0,
        "response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel",
    }  # fmt: skip
    assert (found["completed"]["status"], found["completed"]["logs"]) == ("COMPLETED", None)
    assert found["result"]["requestId"] == request_id
    assert (found["too_late"]["status"], found["too_late"]["body"]) == (400, {"status": "ALREADY_COMPLETED"})
    assert (found["unknown"]["status"], found["unknown"]["body"]) == (404, {"status": "NOT_FOUND"})
    made = probe_blocking(rehearsal.save(found["result"]["data"]["video"], tmp_path / "made.mp4"))
    assert (made.width, made.height) == (96, 72)


@pytest.mark.parametrize("endpoint", [UPSCALER, f"workflows/{UPSCALER}"])
def test_cancel_takes_a_waiting_request_out_of_the_queue(
    official: Official, rehearsal: Rehearsal, clip: Path, endpoint: str
) -> None:
    """It ends without having run, and nothing is bought; in a namespace as well."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    found = official("cancel", endpoint=endpoint, video=clip, scale=2, once="IN_QUEUE")
    assert (found["ended"]["status"], found["ended"]["body"]["error_type"]) == (499, "client_cancelled")
    assert (found["final"]["status"], found["final"]["error_type"]) == ("COMPLETED", "client_cancelled")
    taken = rehearsal.request(found["requestId"])
    assert taken["attempts"] == 0
    assert rehearsal.bought_with(taken["payload"]["video_url"]) == []


def test_cancel_stops_a_running_request(official: Official, rehearsal: Rehearsal, long_work: Path) -> None:
    """One that had begun is stopped long before it would have been done."""
    found = official("cancel", endpoint=UPSCALER, video=long_work, scale=6, once="IN_PROGRESS")
    assert (found["ended"]["status"], found["ended"]["body"]["error_type"]) == (499, "client_cancelled")
    assert found["ended"]["requestId"] == found["requestId"]
    assert rehearsal.request(found["requestId"])["attempts"] == 1


def test_uploads_are_served_as_they_were(official: Official, rehearsal: Rehearsal, clip: Path, large: Large) -> None:
    """A Blob, a File, one deep in an input, and 101 MiB in eleven parts: the same bytes, type and name.

    The third part is lost once on its way and sent again.
    """
    before = 3 * 2 + 1 + 2  # three small ones (address, bytes), the large one's address, two parts
    rule = rehearsal.fault("cut_after", "upload", after=before, times=1)
    found = official("uploads", video=clip, large=large.path)
    wanted = hashlib.sha256(clip.read_bytes()).hexdigest()
    nested = found["nested"]["list"]
    assert nested[1:] == [1, None, "text"]
    urls = [found["blob"], found["file"], nested[0][clip.name]]
    assert {rehearsal.sha256(url) for url in urls} == {wanted}
    assert rehearsal.http.head(found["blob"]).headers["content-type"] == "video/mp4"
    assert found["file"].endswith("_two_words.mp4")
    assert rehearsal.sha256(found["large"]) == large.sha256
    assert rehearsal.hits(rule) == 1
    until(lambda: rehearsal.http.head(found["short"]).status_code == 404)


def test_a_webhook_is_delivered_and_can_be_verified(
    official: Official, rehearsal: Rehearsal, receiver: Receiver, clip: Path
) -> None:
    """Its address keeps its own query on the way, and the published key opens the signature."""
    request_id = official("webhook", video=clip, url=receiver.url, scale=1)["requestId"]
    letter, now = receiver.letter(), time.time()
    jwks = rehearsal.http.get("/.well-known/jwks.json").json()
    assert letter.is_signed(jwks, now)
    assert verify(letter.headers, letter.body, parse_keys(jwks), now).request_id == request_id
    assert rehearsal.request(request_id)["webhook"] == receiver.url


def test_the_direct_call_answers_with_the_output(
    official: Official, rehearsal: Rehearsal, clip: Path, tmp_path: Path
) -> None:
    """run() gives the output in one answer, stream() the same as its one and last event."""
    found = official("direct", video=clip)
    assert found["events"] == [found["done"]]
    for made in (found["data"], found["done"]):
        facts = probe_blocking(rehearsal.save(made["video"], tmp_path / "made.mp4"))
        assert (facts.width, facts.height) == (128, 96)


def test_what_the_model_refuses_names_the_field(official: Official) -> None:
    """The client makes a ValidationError of it, with the field in its list."""
    found = official("refused", endpoint=UPSCALER, input={"scale": 2})
    assert (found["name"], found["status"], found["validation"]) == ("ValidationError", 422, True)
    assert [problem["loc"] for problem in found["body"]["detail"]] == [["body", "video_url"]]


def test_a_request_that_does_not_start_in_time_is_given_up(official: Official, rehearsal: Rehearsal) -> None:
    """504 of the type that the client does not ask for again, and never performed."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    results = rehearsal.fault("slow", "result", seconds=0)  # harmless, but it counts
    found = official("refused", endpoint=UPSCALER, input=GIVEN, startTimeout=1.1)
    assert (found["status"], found["body"]["error_type"]) == (504, "request_timeout")
    assert rehearsal.hits(results) == 1
    assert rehearsal.request(found["requestId"])["attempts"] == 0


@pytest.mark.parametrize("mode", ["polling", "streaming"])
def test_a_model_that_fails_ends_the_wait(official: Official, rehearsal: Rehearsal, mode: str) -> None:
    """Completed is not success: the result is the failure, under the request's id."""
    rehearsal.fault("fail", "submit", code=500, error="The model broke")
    found = official("refused", endpoint=UPSCALER, input=GIVEN, mode=mode)
    assert (found["name"], found["status"], found["body"]["detail"]) == ("ApiError", 500, "The model broke")
    assert rehearsal.request(found["requestId"])["state"] == "COMPLETED"


def test_a_client_that_stops_waiting_cancels(official: Official, rehearsal: Rehearsal) -> None:
    """Its own time is up: it sends a cancel, and the request leaves the queue."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    found = official("refused", endpoint=UPSCALER, input=GIVEN, timeout=500)
    assert "timed out" in found["message"]
    until(lambda: rehearsal.accepted()[-1]["state"] == "COMPLETED")
    assert rehearsal.accepted()[-1]["attempts"] == 0


def test_the_proxy_serves_fals_hosts_only(rehearsal: Rehearsal) -> None:
    """Another host in the header, or none, is refused, so that nobody reaches out through it."""
    for headers in ({}, {"x-fal-target-url": "https://example.com/fal-ai/video-upscaler"}):
        assert rehearsal.http.post("/api/fal/proxy", headers=headers, json={}).status_code == 400
