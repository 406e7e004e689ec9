"""Webhooks: signed with Ed25519, delivered to loopback addresses only, tried again until acknowledged."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lib.errors import DailiesError
from lib.net import open_client, origin_of
from lib.standin.clock import Bell, Clock
from lib.standin.database import keep, recall
from lib.standin.faults import Faults
from lib.standin.places import Place
from lib.standin.records import Records, Request

ATTEMPTS = 31  # queue-protocol 5.1: up to 31 attempts, the first times out after 15 s, later ones after 120 s
LONGEST_PAUSE_S = 120.0
USER_ID = "rehearsal"

logger = logging.getLogger(__name__)


def is_loopback(url: str) -> bool:
    """Whether the address is this machine: a rehearsal reaches nothing else."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Signer:
    """The stand-in's own key, made once and kept."""

    def __init__(self, db: sqlite3.Connection) -> None:
        kept = recall(db, "webhook key")
        self._key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(kept)) if kept else Ed25519PrivateKey.generate()
        if kept is None:
            keep(db, "webhook key", self._key.private_bytes_raw().hex())

    def jwks(self) -> dict[str, Any]:
        """The public key as a key set, base64url without padding."""
        x = base64.urlsafe_b64encode(self._key.public_key().public_bytes_raw()).rstrip(b"=").decode()
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "rehearsal", "x": x}]}

    def headers(self, request_id: str, body: bytes, now: float) -> dict[str, str]:
        """The four signature headers over these exact bytes (queue-protocol 5.2)."""
        stamp = str(int(now))
        signed = "\n".join((request_id, USER_ID, stamp, hashlib.sha256(body).hexdigest())).encode()
        return {
            "X-Fal-Webhook-Request-Id": request_id,
            "X-Fal-Webhook-User-Id": USER_ID,
            "X-Fal-Webhook-Timestamp": stamp,
            "X-Fal-Webhook-Signature": self._key.sign(signed).hex(),
        }


class Webhooks:
    """Deliveries under way. An unacknowledged one is taken up again after a restart."""

    def __init__(self, records: Records, signer: Signer, faults: Faults, clock: Clock, bell: Bell) -> None:
        self._records = records
        self._signer = signer
        self._faults = faults
        self._clock = clock
        self._bell = bell
        self._tasks: set[asyncio.Task[None]] = set()

    def resume(self) -> None:
        """Takes up what a kill interrupted."""
        for request in self._records.undelivered():
            self.deliver(request)

    def deliver(self, request: Request) -> None:
        """Begins to deliver, if the request wants it."""
        if request.webhook_open and request.webhook is not None:
            task = asyncio.ensure_future(self._deliver(request, request.webhook))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Ends all deliveries under way; they are resumed at the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def delivered(self, request_id: str) -> None:
        """Returns when the request is finished and its webhook, if it has one, is settled."""
        while True:
            bell = self._bell.next()
            request = self._records.get(request_id)
            if request is None or (request.state == "COMPLETED" and not request.webhook_open):
                return
            await bell.wait()

    async def _deliver(self, request: Request, url: str) -> None:
        rule = self._faults.take(Place("webhook", request.endpoint, request.id))
        if rule is not None and rule.fault.do == "hold":
            await rule.hold(asyncio.Event().wait())
        elif rule is not None and rule.fault.do == "slow":
            await self._clock.sleep(rule.fault.seconds)
        if is_loopback(url):
            await self._persist(request, url)
            if rule is not None and rule.fault.do == "duplicate_webhook":
                await self._persist(request, url)
        else:
            logger.warning("The webhook of %s was dropped: a rehearsal delivers on loopback only.", request.id)
        self._records.save(replace(self._records.get(request.id) or request, webhook_open=False))
        self._bell.ring()

    async def _persist(self, request: Request, url: str) -> None:
        """Until it is acknowledged or refused for good, or the attempts are used up."""
        for attempt in range(ATTEMPTS):
            if await self._once(request, url, 15.0 if attempt == 0 else 120.0):
                return
            await self._clock.sleep(min(LONGEST_PAUSE_S, 2.0 ** (attempt + 1)))

    async def _once(self, request: Request, url: str, timeout_s: float) -> bool:
        """True when there is nothing more to do: 2xx is an acknowledgement, 3xx a final no."""
        body = json.dumps(self._body(request)).encode()
        headers = self._signer.headers(request.id, body, self._clock.now())
        headers["Content-Type"] = "application/json"
        try:
            async with open_client(trusted=frozenset({origin_of(url)})) as client:
                answer = await client.post(url, content=body, headers=headers, timeout=timeout_s)
        except (httpx.HTTPError, DailiesError) as error:
            logger.info("webhook of %s: %s", request.id, error)
            return False
        return answer.status_code < 400

    def _body(self, request: Request) -> Mapping[str, Any]:
        good = request.error is None
        body = {
            "request_id": request.id,
            "gateway_request_id": request.id,
            "status": "OK" if good else "ERROR",
            "payload": self._records.body(request.id),
        }
        return body if good else body | {"error": f"Invalid status code: {request.code}"}
