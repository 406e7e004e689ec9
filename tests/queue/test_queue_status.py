"""What the queue's words mean."""

from __future__ import annotations

import pytest

from lib.queue.status import Completed, InProgress, Log, Queued, parse_status

LOG = {"message": "step 1", "level": "INFO", "source": "USER", "timestamp": "2026-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"status": "IN_QUEUE", "queue_position": 3}, Queued(3)),
        ({"status": "IN_QUEUE"}, Queued(None)),
        ({"status": "IN_QUEUE", "queue_position": "3"}, Queued(None)),
        ({"status": "IN_PROGRESS", "logs": [LOG]}, InProgress((Log("step 1", "INFO", "USER", LOG["timestamp"]),))),
        ({"status": "IN_PROGRESS", "logs": {"a": 1}}, InProgress()),
        ({"status": "IN_PROGRESS", "logs": ["plain", {}]}, InProgress((Log("plain"), Log("")))),
        ({"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 2}}, Completed((), 2.0)),
        ({"status": "COMPLETED", "metrics": {"inference_time": None}}, Completed()),
        ({"status": "COMPLETED", "error": "x", "error_type": "y"}, Completed((), None, "x", "y")),
    ],
)
def test_a_status_is_read_with_parts_missing(body: dict[str, object], status: object) -> None:
    """Each state is read whatever optional part is missing or odd."""
    assert parse_status(body) == status


@pytest.mark.parametrize("body", [{"status": "FAILED"}, {"status": None}, {}, {"status": ["IN_QUEUE"]}])
def test_an_unknown_word_is_progress_that_says_so(body: dict[str, object]) -> None:
    """A word that the protocol does not know neither crashes nor ends the wait."""
    status = parse_status(body)
    assert isinstance(status, InProgress)
    assert "not known" in status.logs[-1].message
