"""A provider as the ledger sees it: what each submit does is scripted, its list is a plain list, time is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lib.errors import DailiesError, UnknownRequest
from lib.queue.client import Submitted
from lib.queue.hosts import Hosts
from lib.queue.provider import Provider
from lib.queue.status import Completed, Status

ORIGIN = "http://provider:80"
Script = Callable[[Mapping[str, Any]], "str | DailiesError"]


@dataclass
class Time:
    """Seconds that pass only in sleeps."""

    now_s: float = 0.0
    at_sleep: Callable[[float], None] | None = None

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        assert self.now_s < 3600, "it never comes to an end"
        if self.at_sleep is not None:
            self.at_sleep(self.now_s)


@dataclass
class Client:
    """`script` is what submits do in turn (an id, or an error), the last one for ever; `posts` what was sent.

    `accepted` are (id, body) that the provider took, of which its list shows those before `shown` (None: all).
    """

    script: list[str | DailiesError]
    accepted: list[tuple[str, Any]] = field(default_factory=list)
    posts: list[Any] = field(default_factory=list)
    list_error: DailiesError | None = None
    looks: int = 0
    at_submit: Callable[[], None] | None = None
    hosts: Hosts = field(default_factory=lambda: Hosts.at(ORIGIN))

    @property
    def wire(self) -> Client:
        return self

    async def submit(self, endpoint: str, payload: Mapping[str, Any]) -> Submitted:
        self.posts.append(dict(payload))
        if self.at_submit is not None:
            self.at_submit()
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, DailiesError):
            raise said
        self.accepted.append((said, dict(payload)))
        return self.reference(endpoint, said)

    def reference(self, endpoint: str, request_id: str) -> Submitted:
        base = f"{ORIGIN}/requests/{request_id}"
        return Submitted(request_id, f"{base}/status", base, f"{base}/cancel")

    async def status(self, ref: Submitted, logs: bool = True) -> Status:
        if ref.request_id not in [request_id for request_id, _ in self.accepted]:
            raise UnknownRequest("not known")
        return Completed()

    async def get(self, url: str, *, params: Mapping[str, Any]) -> Any:
        self.looks += 1
        if self.list_error is not None:
            raise self.list_error
        items = [
            {"request_id": request_id, "json_input": body, "sent_at": "2027-01-15T08:00:00Z"}
            for request_id, body in self.accepted
        ]
        return _Page({"items": items, "has_more": False})

    def provider(self, mode: Any = "live", declared: float | None = None) -> Provider:
        return Provider(mode, self, declared)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Page:
    body: dict[str, Any]

    def json(self) -> dict[str, Any]:
        return self.body
