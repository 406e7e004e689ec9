"""The queue client: submit once, then ask as often as needed (queue-protocol 2)."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import httpx

from lib.errors import InputError, ServerError, TooManyRequests, Unreachable
from lib.net import Limits
from lib.queue.errors import Answer, by_model, refusal, request_failed, too_early
from lib.queue.hosts import Hosts, endpoint_path
from lib.queue.options import SubmitOptions
from lib.queue.status import Completed, Queued, Status, parse_status
from lib.queue.stream import events
from lib.queue.wire import API_LIMITS, Backoff, Sleep, Wire

__all__ = ["CancelAnswer", "Hosts", "QueueClient", "Result", "SubmitOptions", "Submitted"]

_PLAIN = SubmitOptions()
_BACKOFF = Backoff()
_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.5, 5.0
_OURS = frozenset({401, 403, 404, 408, 409, 410, 429})
"""Answers to a result request that speak of the key, the address or the moment, not of the model."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A request at the provider and its addresses; `position` is the number of requests ahead when it was taken."""

    request_id: str
    status_url: str
    response_url: str
    cancel_url: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The model's bare output; `billable_units` in the model's own unit, where it was said."""

    output: dict[str, Any]
    billable_units: Decimal | None = None


class CancelAnswer(Enum):
    """What the provider said; a running request that was asked to stop may still finish and be billed."""

    REQUESTED = "requested"
    ALREADY_COMPLETED = "already completed"
    NOT_FOUND = "not found"


class QueueClient:
    """One provider and one key. Everything may raise QueueError kinds; only `result` raises RequestFailed."""

    def __init__(
        self,
        hosts: Hosts,
        key: str,
        http: httpx.AsyncClient,
        *,
        sleep: Sleep = asyncio.sleep,
        rng: random.Random | None = None,
        backoff: Backoff = _BACKOFF,
        limits: Limits = API_LIMITS,
    ) -> None:
        self.hosts = hosts
        self.wire = Wire(hosts, key, http, sleep=sleep, rng=rng or random.Random(), backoff=backoff, limits=limits)

    def __repr__(self) -> str:
        return f"QueueClient({self.hosts.queue})"

    async def submit(self, endpoint_id: str, payload: Mapping[str, Any], options: SubmitOptions = _PLAIN) -> Submitted:
        """The accepted request. One POST at most reaches a server that could accept it.

        Sent again only where nothing can have been accepted: no connection, or 429. After any other error
        `lib.queue.errors.may_have_been_accepted` says whether a request may exist.
        """
        url, content = f"{self.hosts.queue}/{endpoint_path(endpoint_id)}", _encoded(payload)
        headers = {"Content-Type": "application/json", **options.headers()}

        async def send() -> Answer:
            answer = await self.wire.once(
                "POST", url, headers=headers, content=content, params=options.params(), fresh=True
            )
            if not answer.ok:
                raise refusal(answer)
            return answer

        return self._submitted(endpoint_id, await self.wire.again(send, _not_accepted))

    def reference(self, endpoint_id: str, request_id: str) -> Submitted:
        """A request known by its id alone, with addresses built from the endpoint."""
        url = self.hosts.request_url(endpoint_id, request_id)
        return Submitted(request_id, f"{url}/status", url, f"{url}/cancel")

    async def status(self, ref: Submitted, logs: bool = True) -> Status:
        """Where the request is now."""
        url = self.hosts.on_queue(ref.status_url)
        return parse_status((await self.wire.get(url, params={"logs": int(logs)})).json())

    async def watch(self, ref: Submitted, logs: bool = True) -> AsyncGenerator[Status, None]:
        """Each status by polling, 0.5 s apart at first and 5 s at most; ends after Completed."""
        pause_s = _FIRST_PAUSE_S
        while True:
            status = await self.status(ref, logs)
            yield status
            if isinstance(status, Completed):
                return
            await self.wire.pause(pause_s)
            pause_s = min(_MOST_PAUSE_S, pause_s * 1.3)

    async def stream(self, ref: Submitted, logs: bool = True) -> AsyncGenerator[Status, None]:
        """Each status as the provider sends it; ends after Completed, raises Unreachable if it breaks off before."""
        url = self.hosts.on_queue(ref.status_url).rstrip("/") + "/stream"
        async with aclosing(events(self.wire, url, {"logs": int(logs)})) as found:
            async for event in found:
                status = parse_status(event)
                yield status
                if isinstance(status, Completed):
                    return
        raise Unreachable("The stream of the request's status broke off.", hint="Ask again.", request=ref.request_id)

    async def result(self, ref: Submitted, completed: Completed | None = None) -> Result:
        """The output. `completed` saves asking for the status first.

        Raises RequestFailed where the model failed, UnknownRequest where the result has expired, and ServerError
        (retryable) while the request still runs: whoever waits keeps asking for the status.
        """
        status = completed or await self.status(ref)
        if not isinstance(status, Completed):
            raise _unfinished(status, ref)
        answer = await self._answer(ref, status)
        if too_early(answer) and not status.failed:
            raise _unfinished(status, ref)
        if not answer.ok or status.failed:
            raise request_failed(answer, status, ref.request_id)
        return Result(answer.json(), answer.billable_units)

    async def cancel(self, ref: Submitted) -> CancelAnswer:
        """What the provider says to the wish to cancel. Asking twice does no harm, so it is sent again like a GET."""
        url = self.hosts.on_queue(ref.cancel_url)

        async def send() -> Answer:
            answer = await self.wire.once("PUT", url)
            if answer.ok or answer.status == 404 or _says(answer, "ALREADY_COMPLETED"):
                return answer
            raise refusal(answer)

        answer = await self.wire.again(send, lambda error: error.retryable)
        if answer.status == 404:
            return CancelAnswer.NOT_FOUND
        return CancelAnswer.ALREADY_COMPLETED if _says(answer, "ALREADY_COMPLETED") else CancelAnswer.REQUESTED

    async def _answer(self, ref: Submitted, status: Completed) -> Answer:
        """The result's answer: 2xx or the model's own failure, which is final and not asked for again."""

        def final(answer: Answer) -> bool:
            theirs = status.failed and answer.status != 429
            return theirs or (answer.status not in _OURS and (answer.status < 500 or by_model(answer)))

        return await self.wire.get(self.hosts.on_queue(ref.response_url), final=final)

    def _submitted(self, endpoint_id: str, answer: Answer) -> Submitted:
        """Reads the answer to a submit; addresses that are missing or not on the queue are built instead."""
        body = answer.json()
        request_id, position = body.get("request_id"), body.get("queue_position")
        if not isinstance(request_id, str) or not request_id:
            raise answer.unexpected()
        built = self.reference(endpoint_id, request_id)
        return Submitted(
            request_id,
            status_url=self._own(body.get("status_url"), built.status_url),
            response_url=self._own(body.get("response_url"), built.response_url),
            cancel_url=self._own(body.get("cancel_url"), built.cancel_url),
            position=position if type(position) is int else None,
        )

    def _own(self, returned: Any, built: str) -> str:
        return returned if isinstance(returned, str) and self.hosts.is_queue(returned) else built


def _encoded(payload: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError) as error:
        raise InputError("The input holds a value that cannot be sent as JSON.", hint="Check its numbers.") from error


def _not_accepted(error: Exception) -> bool:
    return isinstance(error, TooManyRequests) or (isinstance(error, Unreachable) and not error.sent)


def _says(answer: Answer, word: str) -> bool:
    return word.encode() in answer.body


def _unfinished(status: Status, ref: Submitted) -> ServerError:
    where = "still waits in the queue" if isinstance(status, Queued) else "is still running"
    hint = "Its result can be fetched when it is done."
    return ServerError(f"The request {where}.", hint=hint, request=ref.request_id)
