"""Fault rules: what goes wrong, for which requests, how often; set over HTTP and counted so that tests can wait."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from lib.standin.places import Place, Route
from lib.standin.tap import first_of

At = Literal["before_accept", "after_accept", "before_body", "mid_body"]
Do = Literal[
    "cut_before", "cut_after", "truncate", "slow", "status", "locked_403", "http_429", "detail_422", "fail",
    "expire_result", "non_json_200", "duplicate_webhook", "webhook_before_answer", "hold",
]  # fmt: skip


class Match(BaseModel):
    """Which requests: every part that is given must fit. `endpoint` is a glob on the full id where it is known."""

    model_config = ConfigDict(extra="forbid")

    route: Route | None = None
    endpoint: str | None = None
    request_id: str | None = None

    def fits(self, place: Place) -> bool:
        """Whether the request is meant."""
        return (
            self.route in (None, place.route)
            and (self.endpoint is None or fnmatchcase(place.endpoint, self.endpoint))
            and self.request_id in (None, place.request_id)
        )


class Fault(BaseModel):
    """What a test asks for. `after` requests pass unharmed first, then `times` are hit (None: all).

    `at` says when a "slow" or "hold" waits; for the made-up answers ("status" and its kin) "after_accept" lets the
    request be accepted before its answer is replaced.
    """

    model_config = ConfigDict(extra="forbid")

    match: Match = Match()
    do: Do
    times: int | None = Field(None, ge=1)
    after: int = Field(0, ge=0)
    at: At | None = None
    seconds: float = Field(1.0, ge=0)
    code: int = Field(500, ge=200, le=599)
    body: Any = None
    headers: dict[str, str] = {}
    retry_after: float | None = None
    error: str | None = None
    error_type: str = "runner_server_error"
    units: float = Field(0.0, ge=0)


class Rule:
    """A fault in force, with its counts."""

    def __init__(self, id: int, fault: Fault) -> None:
        self.id = id
        self.fault = fault
        self.passed = 0
        self.hits = 0
        self.held = 0
        self._release = asyncio.Event()

    def take(self) -> bool:
        """Whether this request is hit; counts it."""
        if self.passed < self.fault.after:
            self.passed += 1
            return False
        if self.fault.times is not None and self.hits >= self.fault.times:
            return False
        self.hits += 1
        return True

    async def hold(self, gone: Awaitable[Any]) -> bool:
        """Waits until the rule is released or `gone` ends; True when it was released."""
        self.held += 1
        try:
            return await first_of(self._release.wait(), gone)
        finally:
            self.held -= 1

    def release(self) -> None:
        """Lets go whoever is held now; who comes later is held anew."""
        self._release.set()
        self._release = asyncio.Event()

    def as_json(self) -> dict[str, Any]:
        """The rule with its counts."""
        return {"id": self.id, "hits": self.hits, "held": self.held, **self.fault.model_dump(mode="json")}


class Faults:
    """The rules in force; the oldest that fits acts."""

    def __init__(self) -> None:
        self._rules: dict[int, Rule] = {}
        self._last_id = 0

    def add(self, fault: Fault) -> Rule:
        """The rule that is now in force."""
        self._last_id += 1
        self._rules[self._last_id] = Rule(self._last_id, fault)
        return self._rules[self._last_id]

    def remove(self, id: int | None = None) -> int:
        """How many rules went: the one of that id, or all. Whoever they hold is let go."""
        gone = [rule for rule in self.rules() if id in (None, rule.id)]
        for rule in gone:
            del self._rules[rule.id]
            rule.release()
        return len(gone)

    def rules(self) -> list[Rule]:
        """All rules, the oldest first."""
        return list(self._rules.values())

    def get(self, id: int) -> Rule | None:
        """The rule of that id."""
        return self._rules.get(id)

    def take(self, place: Place) -> Rule | None:
        """The rule that hits this HTTP request (or webhook delivery), if any."""
        return self._first(place, performing=False)

    def take_failure(self, endpoint: str, request_id: str) -> Rule | None:
        """The "fail" rule that hits this performance, if any; its `route` does not matter."""
        return self._first(Place("submit", endpoint, request_id), performing=True)

    def _first(self, place: Place, *, performing: bool) -> Rule | None:
        for rule in self.rules():
            match = rule.fault.match.model_copy(update={"route": None}) if performing else rule.fault.match
            if (rule.fault.do == "fail") == performing and match.fits(place) and rule.take():
                return rule
        return None
