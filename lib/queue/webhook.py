"""Proof that a webhook comes from the provider: Ed25519 over four lines (queue-protocol 5.2)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lib.errors import AuthRefused, ProtocolError
from lib.queue.client import QueueClient

_HEADERS = tuple(f"x-fal-webhook-{name}" for name in ("request-id", "user-id", "timestamp", "signature"))
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")
_SKEW_S = 300
_KEPT_S = 24 * 3600.0
_REFETCH_AFTER_S = 60.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook that was proved. It is a hint: ask the queue. It may come twice, and `payload` may be None."""

    request_id: str
    ok: bool
    payload: dict[str, Any] | None
    error: str


def verify(headers: Mapping[str, str], body: bytes, keys: Sequence[Ed25519PublicKey], now: float) -> Delivery:
    """The delivery in the raw `body`, if one of `keys` signed it within 300 s of `now` (Unix seconds).

    Raises AuthRefused where it is not proved, ProtocolError for a body that is not a delivery.
    """
    letter = _letter(headers, body, now)
    if not letter.signed_by(keys):
        raise AuthRefused("The webhook is not signed by the provider.", hint="Ignore it; the queue is asked anyway.")
    return _delivery(body, letter.request_id)


class KeyRing:
    """The provider's keys, kept for a day; fetched again when none fits, once a minute at most."""

    def __init__(self, client: QueueClient, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._clock = clock
        self._keys: tuple[Ed25519PublicKey, ...] = ()
        self._fetched_at = self._asked_at = float("-inf")

    async def verify(self, headers: Mapping[str, str], body: bytes) -> Delivery:
        """As the function, with the provider's published keys. Raises also what fetching them raises."""
        now = self._clock()
        letter = _letter(headers, body, now)
        stale = now - self._fetched_at > _KEPT_S
        if (stale or not letter.signed_by(self._keys)) and now - self._asked_at >= _REFETCH_AFTER_S:
            await self._fetch(now)
        return verify(headers, body, self._keys if now - self._fetched_at <= _KEPT_S else (), now)

    async def _fetch(self, now: float) -> None:
        # Set first: a forger must not be able to make us ask over and over, not even while asking fails.
        self._asked_at = now
        answer = await self._client.wire.get(f"{self._client.hosts.rest}/.well-known/jwks.json", key=False)
        self._keys = parse_keys(answer.json())
        self._fetched_at = now


def parse_keys(body: Mapping[str, Any]) -> tuple[Ed25519PublicKey, ...]:
    """The Ed25519 keys of a JWKS document; entries of other kinds or with damage are left out."""
    entries = body.get("keys")
    found = (_key(entry) for entry in entries) if isinstance(entries, list) else ()
    return tuple(key for key in found if key is not None)


def _key(entry: Any) -> Ed25519PublicKey | None:
    if not isinstance(entry, Mapping) or entry.get("crv") != "Ed25519" or not isinstance(entry.get("x"), str):
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(entry["x"] + "=" * (-len(entry["x"]) % 4)))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is signed, and the signature: 64 bytes, or nothing where its form is wrong."""

    request_id: str
    message: bytes
    signature: bytes

    def signed_by(self, keys: Sequence[Ed25519PublicKey]) -> bool:
        return any(_fits(key, self) for key in keys)


def _letter(headers: Mapping[str, str], body: bytes, now: float) -> _Letter:
    lower = {name.lower(): value for name, value in headers.items()}
    if not all(lower.get(name) for name in _HEADERS):
        raise AuthRefused("The webhook lacks its signature headers.", hint="Ignore it; the queue is asked anyway.")
    request_id, user_id, timestamp, signature = (lower[name] for name in _HEADERS)
    if not re.fullmatch(r"[0-9]{1,15}", timestamp) or abs(now - int(timestamp)) > _SKEW_S:
        raise AuthRefused("The webhook is too old, or dated in the future.", hint="Check this machine's clock.")
    message = "\n".join((request_id, user_id, timestamp, hashlib.sha256(body).hexdigest())).encode()
    return _Letter(request_id, message, bytes.fromhex(signature) if _SIGNATURE.fullmatch(signature) else b"")


def _fits(key: Ed25519PublicKey, letter: _Letter) -> bool:
    try:
        key.verify(letter.signature, letter.message)
    except InvalidSignature:
        return False
    return True


def _delivery(body: bytes, request_id: str) -> Delivery:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _not_understood(body) from error
    if not isinstance(found, dict) or found.get("request_id") != request_id:
        raise _not_understood(body)
    payload, said = found.get("payload"), found.get("error") or found.get("payload_error") or ""
    kept = payload if isinstance(payload, dict) else None
    return Delivery(request_id, found.get("status") == "OK", kept, str(said))


def _not_understood(body: bytes) -> ProtocolError:
    shown = body[:500].decode("utf-8", "replace")
    return ProtocolError("The webhook is not understood.", hint="The queue is asked anyway.", body=shown)
