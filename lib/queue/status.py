"""What the queue says about a request: the three states and nothing else (queue-protocol 2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Log:
    """One line that the model wrote. `timestamp` is as received (ISO 8601), empty where there was none."""

    message: str
    level: str = "INFO"
    source: str = ""
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """Waiting; `position` counts the requests ahead, None where it was not said."""

    position: int | None = None


@dataclass(frozen=True, slots=True)
class InProgress:
    """Running; all log lines so far."""

    logs: tuple[Log, ...] = ()


@dataclass(frozen=True, slots=True)
class Completed:
    """Over, well or not: `error` and `error_type` are empty unless the queue says that it failed."""

    logs: tuple[Log, ...] = ()
    inference_s: float | None = None
    error: str = ""
    error_type: str = ""

    @property
    def failed(self) -> bool:
        return bool(self.error or self.error_type)


Status: TypeAlias = Queued | InProgress | Completed


def parse_status(body: Mapping[str, Any]) -> Status:
    """The status in a body; missing parts are tolerated, an unknown word is progress with a log line saying so."""
    word, logs = body.get("status"), _logs(body.get("logs"))
    if word == "IN_QUEUE":
        position = body.get("queue_position")
        return Queued(position if type(position) is int else None)
    if word == "COMPLETED":
        return Completed(logs, _inference_s(body), _text(body.get("error")), _text(body.get("error_type")))
    if word == "IN_PROGRESS":
        return InProgress(logs)
    return InProgress((*logs, Log(f"The queue answered with a status that is not known: {word!r:.80}", "WARN")))


def _logs(found: Any) -> tuple[Log, ...]:
    return tuple(_log(entry) for entry in found) if isinstance(found, list) else ()


def _log(entry: Any) -> Log:
    if not isinstance(entry, Mapping):
        return Log(str(entry))
    level, source, timestamp = (_text(entry.get(name)) for name in ("level", "source", "timestamp"))
    return Log(_text(entry.get("message")), level or "INFO", source, timestamp)


def _inference_s(body: Mapping[str, Any]) -> float | None:
    metrics = body.get("metrics")
    found = metrics.get("inference_time") if isinstance(metrics, Mapping) else None
    return float(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else None


def _text(found: Any) -> str:
    return "" if found is None else str(found)
