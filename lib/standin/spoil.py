"""Fault rules at work: wraps the stand-in's application and spoils what a rule asks to have spoiled."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lib.standin.clock import Clock
from lib.standin.faults import Fault, Faults, Rule
from lib.standin.made_up import made_up
from lib.standin.places import Place
from lib.standin.tap import HalfWay, Swallow, buffered, cut, first_of, gone

Locate = Callable[[str, str], Place | None]
"""(method, path) -> the place, with the full endpoint id where a request is known."""
Delivered = Callable[[str], Awaitable[None]]
"""request id -> returns when its webhook has been delivered."""


class Spoiled:
    """The application with the rules of `faults` applied. Without a matching rule it only passes through."""

    def __init__(self, app: ASGIApp, faults: Faults, clock: Clock, locate: Locate, delivered: Delivered) -> None:
        self._app = app
        self._faults = faults
        self._clock = clock
        self._locate = locate
        self._delivered = delivered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = self._locate(scope["method"], scope["path"]) if scope["type"] == "http" else None
        rule = self._faults.take(place) if place else None
        try:
            if rule is None:
                await self._app(scope, receive, send)
            else:
                await self._spoil(rule, scope, receive, send)
        except ClientDisconnect:
            return  # there is nobody left to answer, and nothing was accepted

    async def _spoil(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        match rule.fault.do:
            case "cut_before":
                await cut(scope, receive)
            case "cut_after":
                await self._app(scope, receive, Swallow())
                await cut(scope, receive)
            case "truncate":
                half = HalfWay(send, lambda: cut(scope, receive, flush=True), then="nothing")
                await self._app(scope, receive, half)
            case "slow" | "hold":
                await self._wait(rule, scope, receive, send)
            case "webhook_before_answer":
                await self._late_answer(scope, receive, send)
            case _:
                await self._answer(rule.fault, scope, receive, send)

    async def _answer(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.at == "after_accept":
            await self._app(scope, receive, Swallow())
        else:
            receive, _ = await buffered(receive)  # a client is heard out before it is refused
        await made_up(fault)(scope, receive, send)

    async def _late_answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        kept = Swallow()
        await self._app(scope, receive, kept)
        body = json.loads(kept.body or b"{}")
        if "request_id" in body:
            await self._delivered(body["request_id"])
        for message in kept.messages:
            await send(message)

    async def _wait(self, rule: Rule, scope: Scope, receive: Receive, send: Send) -> None:
        at = rule.fault.at or "after_accept"
        if at == "before_accept":
            again, whole = await buffered(receive)
            # A client that gave up meanwhile must not have anything accepted for it later.
            if whole and await self._pause(rule, receive):
                await self._app(scope, again, send)
        elif at == "mid_body":
            await self._app(scope, receive, HalfWay(send, lambda: self._pause(rule, receive), then="rest"))
        else:
            await self._app(scope, receive, self._gate(rule, at, receive, send))

    def _gate(self, rule: Rule, at: str, receive: Receive, send: Send) -> Send:
        opened = False

        async def gated(message: Message) -> None:
            nonlocal opened
            due = message["type"] == ("http.response.start" if at == "after_accept" else "http.response.body")
            if due and not opened:
                opened = True
                await self._pause(rule, receive)
            await send(message)

        return gated

    async def _pause(self, rule: Rule, receive: Receive) -> bool:
        """Waits as the rule says; False when the client went away first."""
        if rule.fault.do == "hold":
            return await rule.hold(gone(receive))
        return await first_of(self._clock.sleep(rule.fault.seconds), gone(receive))


def locator(find: Callable[[str, str], Place | None], endpoint_of: Callable[[str], str | None]) -> Locate:
    """`find` with the full endpoint id put in for a known request."""

    def locate(method: str, path: str) -> Place | None:
        place = find(method, path)
        known: Any = endpoint_of(place.request_id) if place and place.request_id else None
        return Place(place.route, known, place.request_id) if place and known else place

    return locate
