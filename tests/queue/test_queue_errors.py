"""Every shape of an error body becomes one sentence with its fields (queue-protocol 3)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from lib.errors import DailiesError, InputRefused, ServerError, Unreachable
from lib.net import unreachable
from lib.queue.errors import Answer, Complaint, field_path, may_have_been_accepted, read_complaint, refusal
from tests.queue.server import NGINX


def answer(body: Any, status: int = 422, **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return Answer(status, sent, raw, "POST https://queue.fal.run/a/b")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "string_too_long", "ctx": {"max": 9}}]},
            Complaint("", {"prompt": "too long"}, "string_too_long"),
        ),
        (
            {
                "detail": [
                    {"loc": ["body", "loras", 0, "path"], "msg": "m"},
                    {"loc": ["body", "seed"], "msg": "n", "type": "t"},
                ]
            },
            Complaint("", {"loras.0.path": "m", "seed": "n"}, "t"),
        ),
        (
            {"detail": [{"loc": ["body", "a"], "msg": "one"}, {"loc": ["body", "a"], "msg": "two"}]},
            Complaint("", {"a": "one; two"}, ""),
        ),
        ({"detail": [{"loc": ["body"], "msg": "whole", "type": "t"}]}, Complaint("whole", {}, "t")),
        ({"detail": [{"loc": ["query", "logs"], "msg": "bad"}]}, Complaint("", {"query.logs": "bad"}, "")),
        ({"detail": ["plain", {"msg": "more"}]}, Complaint("plain; more", {}, "")),
        ({"detail": {"loc": ["body", "a"], "msg": "single"}}, Complaint("", {"a": "single"}, "")),
        ({"detail": "text", "error_type": "bad_request"}, Complaint("text", {}, "bad_request")),
        ({"error": {"type": "not_found", "message": "no"}}, Complaint("no", {}, "not_found")),
        ({"error": "text", "error_type": "runner_server_error"}, Complaint("text", {}, "runner_server_error")),
        ({"message": "text"}, Complaint("text", {}, "")),
        ({"status": "NOT_FOUND"}, Complaint()),
        ({"detail": None}, Complaint()),
        ({"detail": []}, Complaint()),
        ("text", Complaint("text")),
        (None, Complaint()),
        (b"plain words", Complaint("plain words")),
        (NGINX.encode(), Complaint()),
        (b"", Complaint()),
        (b"\xff\xfe", Complaint("\ufffd\ufffd")),
        (b"[" * 100_000, Complaint("[" * 500)),
    ],
)
def test_each_shape_is_read(body: Any, said: Complaint) -> None:
    """Text, fields and type are found in every documented shape, and in those nobody documented."""
    assert read_complaint(answer(body)) == said


def test_the_type_may_stand_in_a_header() -> None:
    """Without a type in the body the header's counts."""
    assert read_complaint(answer({"detail": "x"}, 503, X_Fal_Error_Type="runner_disconnected")).error_type == (
        "runner_disconnected"
    )


@pytest.mark.parametrize(
    ("loc", "path"),
    [
        (["body", "a", 0, "b"], "a.0.b"),
        (["body"], ""),
        ([], ""),
        (None, ""),
        ("prompt", "prompt"),
        (["a", "body"], "a.body"),
    ],
)
def test_a_path_is_dotted_without_body(loc: Any, path: str) -> None:
    """The path is the one the form knows."""
    assert field_path(loc) == path


def test_a_refused_input_keeps_its_fields_and_reads_as_a_sentence() -> None:
    """The message names the field, `fields` maps it, and the record of the run keeps both."""
    body = {"detail": [{"loc": ["body", "video_url"], "msg": "cannot be fetched", "type": "file_download_error"}]}
    error = refusal(answer(body))
    assert isinstance(error, InputRefused)
    assert error.message == "The provider refused the input. It says: video_url: cannot be fetched"
    assert "Upload it again" in error.hint
    assert error.record()["fields"] == {"video_url": "cannot be fetched"}
    assert error.request == "POST https://queue.fal.run/a/b"


@pytest.mark.parametrize("status", [*range(300, 309), *range(400, 432), 451, 499, *range(500, 512), 599])
def test_every_status_has_an_error_with_sentence_and_hint(status: int) -> None:
    """No status is without sentence and hint; only what leaves acceptance open is ambiguous for a submit."""
    error = refusal(answer({"detail": "x"}, status))
    assert error.message.endswith((".", "x"))
    assert error.hint
    ambiguous = status < 400 or status in (408, 409) or status >= 500
    assert may_have_been_accepted(error) is ambiguous
    assert error.retryable is (status in (408, 409, 429) or status >= 500)


@pytest.mark.parametrize(
    ("header", "after_s"),
    [("5", 5.0), ("0.5", 0.5), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None), ("nan", None)],
)
def test_retry_after_is_read_if_it_is_a_number(header: str, after_s: float | None) -> None:
    """Odd values count as none."""
    assert answer({}, 429, Retry_After=header).after_s == after_s


@pytest.mark.parametrize("units", ["", "x", "NaN", "Infinity"])
def test_units_that_are_no_number_are_unknown(units: str) -> None:
    """What cannot be read is not taken for nothing."""
    assert answer({}, 200, x_fal_billable_units=units).billable_units is None


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (httpx.ConnectError("refused"), False),
        (httpx.ConnectTimeout("slow"), False),
        (httpx.PoolTimeout("full"), False),
        (httpx.UnsupportedProtocol("x"), False),
        (httpx.ReadTimeout("slow"), True),
        (httpx.WriteTimeout("slow"), True),
        (httpx.ReadError("reset"), True),
        (httpx.WriteError("reset"), True),
        (httpx.CloseError("reset"), True),
        (httpx.RemoteProtocolError("cut"), True),
        (httpx.LocalProtocolError("odd"), True),
        (httpx.DecodingError("odd"), True),
        (TimeoutError(), True),
    ],
)
def test_only_what_comes_before_the_first_byte_is_not_sent(error: Exception, sent: bool) -> None:
    """Of all transport errors exactly those of connecting are certain that nothing was sent."""
    ours = unreachable(error, "POST https://queue.fal.run/a/b")
    assert isinstance(ours, Unreachable)
    assert ours.sent is sent
    assert "queue.fal.run" in ours.message


def test_other_errors_have_nothing_accepted() -> None:
    """An error that is not of the wire says nothing was accepted; a server error says it may have been."""
    assert not may_have_been_accepted(DailiesError("x"))
    assert may_have_been_accepted(ServerError("x"))
