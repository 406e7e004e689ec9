"""fal's own Python client, sync and async, in an environment of its own against a real stand-in process."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lib.errors import AuthRefused
from lib.media.probe import probe_blocking
from lib.queue.webhook import parse_keys, verify
from tests.witness.conftest import Large
from tests.witness.environments import HERE, Official
from tests.witness.receiver import Receiver
from tests.witness.rehearsal import Rehearsal, until

EXTEND = "fal-ai/pixverse/extend/fast"
UPSCALER = "fal-ai/video-upscaler"
GIVEN = {"video_url": "https://example.com/never-read.mp4"}


@pytest.fixture(params=["sync", pytest.param("async", marks=pytest.mark.long)])
def official(request: pytest.FixtureRequest, rehearsal: Rehearsal, python_folder: Path) -> Official:
    """The client in one flavour."""
    command = (str(python_folder / "bin" / "python"), str(HERE / "drive.py"))
    return Official(command, python_folder, rehearsal.origin, request.param)


def test_subscribe_shows_the_queue_the_logs_and_the_result(
    official: Official, rehearsal: Rehearsal, clip: Path, tmp_path: Path
) -> None:
    """From queued over working to completed, lines of the log on the way, and a result that continues the clip."""
    rehearsal.settings(time_scale=1, queue_delay_s=1)
    given = {"prompt": "it goes on", "resolution": "360p", "seed": 7}
    found = official("subscribe", video=clip, endpoint=EXTEND, given=given)
    updates = found["updates"]
    assert list(dict.fromkeys(one["kind"] for one in updates)) == ["Queued", "InProgress", "Completed"]
    assert updates[0]["position"] == 0
    assert {"message", "timestamp", "level", "source"} <= updates[-1]["logs"][0].keys()
    assert updates[-1]["metrics"]["inference_time"] > 0
    assert updates[-1]["error"] is None
    assert rehearsal.request(found["enqueued"][0])["payload"]["seed"] == 7
    made = probe_blocking(rehearsal.save(found["result"]["video"], tmp_path / "made.mp4"))
    assert made.kind == "video"
    assert made.rehearsal
    assert (made.duration_s or 0) > (probe_blocking(clip).duration_s or 0) + 1


def test_everything_can_be_asked_by_id_alone(
    official: Official, rehearsal: Rehearsal, clip: Path, tmp_path: Path
) -> None:
    """Status and result by endpoint and id equal those of the handle; what cannot be answered is refused."""
    found = official("by_id", video=clip)
    base = f"{rehearsal.origin}/{UPSCALER}/requests/{found['request_id']}"
    assert found["urls"] == [f"{base}/status", base, f"{base}/cancel"]
    assert found["again"] == found["result"]
    assert (found["status"]["kind"], found["without_logs"]["logs"]) == ("Completed", None)
    assert found["status"]["logs"]
    assert (found["too_late"]["status"], found["too_late"]["body"]) == (400, {"status": "ALREADY_COMPLETED"})
    assert (found["unknown"]["status"], found["unknown"]["body"]) == (404, {"status": "NOT_FOUND"})
    made = probe_blocking(rehearsal.save(found["result"]["video"], tmp_path / "made.mp4"))
    assert (made.width, made.height, made.frames) == (96, 72, probe_blocking(clip).frames)


@pytest.mark.parametrize("endpoint", [UPSCALER, f"workflows/{UPSCALER}"])
def test_cancel_takes_a_waiting_request_out_of_the_queue(
    official: Official, rehearsal: Rehearsal, clip: Path, endpoint: str
) -> None:
    """It ends without having run, and nothing is bought; in a namespace as well."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    found = official("cancel", endpoint=endpoint, video=clip, scale=2, once="Queued")
    assert (found["ended"]["status"], found["ended"]["error_type"]) == (499, "client_cancelled")
    assert (found["final"]["kind"], found["final"]["error_type"]) == ("Completed", "client_cancelled")
    taken = rehearsal.request(found["request_id"])
    assert taken["attempts"] == 0
    assert rehearsal.bought_with(taken["payload"]["video_url"]) == []


def test_cancel_stops_a_running_request(official: Official, rehearsal: Rehearsal, long_work: Path) -> None:
    """One that had begun is stopped long before it would have been done."""
    found = official("cancel", endpoint=UPSCALER, video=long_work, scale=6, once="InProgress")
    assert (found["ended"]["status"], found["ended"]["error_type"]) == (499, "client_cancelled")
    assert found["ended"]["headers"]["x-fal-request-id"] == found["request_id"]
    assert found["final"]["kind"] == "Completed"
    assert rehearsal.request(found["request_id"])["attempts"] == 1


def test_small_uploads_are_served_as_they_were(official: Official, rehearsal: Rehearsal, clip: Path) -> None:
    """Bytes, text, a file, the other repository: the same bytes, type and name for anybody, for the asked time."""
    found = official("uploads", video=clip)
    wanted = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert {rehearsal.sha256(found[name]) for name in ("bytes", "file", "other")} == {wanted}
    assert found["file"].endswith("_clip.mp4")
    text = rehearsal.http.get(found["text"])
    assert (text.text, text.headers["content-type"].split(";")[0]) == ("a line", "text/plain")
    part = rehearsal.http.get(found["file"], headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content, part.headers["content-type"]) == (206, b"ftyp", "video/mp4")
    until(lambda: rehearsal.http.head(found["short"]).status_code == 404)


def test_an_upload_that_fails_goes_to_the_other_repository(
    official: Official, rehearsal: Rehearsal, clip: Path
) -> None:
    """After the token the first upload is refused; the client puts the file by a signed address instead."""
    rehearsal.fault("status", "upload", after=1, times=1, code=500)
    found = official("upload", file=clip)
    assert rehearsal.sha256(found["file"]) == hashlib.sha256(clip.read_bytes()).hexdigest()


def test_a_large_upload_comes_together_from_its_parts(official: Official, rehearsal: Rehearsal, large: Large) -> None:
    """101 MiB in eleven parts, ten at a time and listed in the order in which they were done."""
    found = official("upload", file=large.path)
    assert rehearsal.sha256(found["file"]) == large.sha256
    assert found["file"].endswith("_large.bin")


def test_a_webhook_is_delivered_and_can_be_verified(
    official: Official, rehearsal: Rehearsal, receiver: Receiver, clip: Path
) -> None:
    """The published key opens the signature, by fal's recipe and by ours; a changed byte or a late hour closes both."""
    request_id = official("webhook", video=clip, url=receiver.url, scale=1)["request_id"]
    letter, now = receiver.letter(), time.time()
    jwks = rehearsal.http.get("/.well-known/jwks.json").json()
    assert letter.is_signed(jwks, now)
    delivery = verify(letter.headers, letter.body, parse_keys(jwks), now)
    assert (delivery.request_id, delivery.ok, delivery.payload) == (request_id, True, letter.says()["payload"])
    assert rehearsal.sha256(letter.says()["payload"]["video"]["url"])
    changed = replace(letter, body=letter.body + b" ")
    for wrong, read_at in ((changed, now), (letter, now + 301), (letter, now - 301)):
        assert not wrong.is_signed(jwks, read_at)
        with pytest.raises(AuthRefused):
            verify(wrong.headers, wrong.body, parse_keys(jwks), read_at)


def test_a_failure_comes_by_webhook_as_well(
    official: Official, rehearsal: Rehearsal, receiver: Receiver, clip: Path
) -> None:
    """A refused input is delivered as an error with the model's own words, signed like a success."""
    request_id = official("webhook", video=clip, url=receiver.url, scale=1000)["request_id"]
    letter, now = receiver.letter(), time.time()
    says = letter.says()
    assert (says["request_id"], says["status"], says["error"]) == (request_id, "ERROR", "Invalid status code: 422")
    assert says["payload"]["detail"][0]["loc"] == ["body", "scale"]
    assert letter.is_signed(rehearsal.http.get("/.well-known/jwks.json").json(), now)


def test_the_direct_call_answers_with_the_output(
    official: Official, rehearsal: Rehearsal, clip: Path, tmp_path: Path
) -> None:
    """fal.run gives the output in one answer, its stream the same as one event."""
    found = official("direct", video=clip)
    for made in (found["result"], *found["events"]):
        facts = probe_blocking(rehearsal.save(made["video"], tmp_path / "made.mp4"))
        assert (facts.width, facts.height) == (128, 96)
    assert len(found["events"]) == 1


def test_what_the_model_refuses_names_the_field(official: Official) -> None:
    """A 422 with the list that says which field and why, and no unit billed."""
    found = official("refused", endpoint=UPSCALER, given={"scale": 2})
    assert (found["status"], found["headers"]["x-fal-billable-units"]) == (422, "0")
    assert [problem["loc"] for problem in found["message"]] == [["body", "video_url"]]
    unknown = official("refused", endpoint="fal-ai/no-such-model", given={})
    assert unknown["status"] == 404


def test_a_wrong_key_and_a_locked_account_are_refused(official: Official, rehearsal: Rehearsal) -> None:
    """401 for a key that nobody has, 403 for an account without a balance."""
    rehearsal.settings(keys=["another:key"])
    assert official("refused", endpoint=UPSCALER, given={})["status"] == 401
    rehearsal.settings(keys=None)
    rehearsal.fault("locked_403", "submit")
    assert official("refused", endpoint=UPSCALER, given={})["status"] == 403


def test_a_model_that_fails_says_so_in_its_status(official: Official, rehearsal: Rehearsal) -> None:
    """Completed is not success: the error stands in the last update, and the result is the failure."""
    rehearsal.fault("fail", "submit", code=500, error="The model broke", error_type="runner_server_error")
    found = official("refused", endpoint=UPSCALER, given=GIVEN)
    assert (found["status"], found["message"]) == (500, "The model broke")
    assert found["error_type"] == "runner_server_error"


def test_a_request_that_does_not_start_in_time_is_given_up(official: Official, rehearsal: Rehearsal) -> None:
    """start_timeout is the provider's clock: 504, and never performed."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    found = official("refused", endpoint=UPSCALER, given=GIVEN, start_timeout=1.1)
    assert (found["status"], found["error_type"]) == (504, "request_timeout")
    assert rehearsal.request(found["headers"]["x-fal-request-id"])["attempts"] == 0


def test_a_client_that_stops_waiting_cancels(official: Official, rehearsal: Rehearsal) -> None:
    """client_timeout is the client's own clock: it sends a cancel, and the request leaves the queue."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    found = official("refused", endpoint=UPSCALER, given=GIVEN, client_timeout=2, start_timeout=60)
    until(lambda: rehearsal.request(found["request_id"])["state"] == "COMPLETED")
    assert rehearsal.request(found["request_id"])["attempts"] == 0


def test_too_many_requests_is_tried_again_and_bought_once(official: Official, rehearsal: Rehearsal, clip: Path) -> None:
    """429 is the one refusal after which it is safe to send the submit once more."""
    rehearsal.settings(time_scale=1, queue_delay_s=60)
    rehearsal.fault("http_429", "submit", times=2, retry_after=1)
    found = official("cancel", endpoint=UPSCALER, video=clip, scale=2, once="Queued")
    video_url = rehearsal.request(found["request_id"])["payload"]["video_url"]
    assert rehearsal.taken_with(video_url) == [found["request_id"]]
