"""Only the provider's own deliveries pass, and its keys are fetched seldom."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.responses import JSONResponse

from lib.errors import AuthRefused, ProtocolError, ServerError
from lib.queue.client import QueueClient
from lib.queue.webhook import Delivery, KeyRing, parse_keys, verify
from tests.queue.server import Server, nginx

NOW = 1_790_000_000.0
JWKS = "/.well-known/jwks.json"
OURS, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
BODY = json.dumps({"request_id": "r-1", "status": "OK", "payload": {"a": 1}}, indent=1).encode()


def jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    raw = key.public_key().public_bytes_raw()
    return {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(raw).decode().rstrip("=")}


def signed(
    body: bytes = BODY, key: Ed25519PrivateKey = OURS, at: float = NOW, request_id: str = "r-1"
) -> dict[str, str]:
    digest = hashlib.sha256(body).hexdigest()
    message = f"{request_id}\nuser-1\n{int(at)}\n{digest}".encode()
    return {
        "X-Fal-Webhook-Request-Id": request_id,
        "X-Fal-Webhook-User-Id": "user-1",
        "X-Fal-Webhook-Timestamp": str(int(at)),
        "X-Fal-Webhook-Signature": key.sign(message).hex(),
    }


KEYS = (OTHER.public_key(), OURS.public_key())


def test_a_signed_delivery_passes_with_any_key() -> None:
    """The bytes that were signed pass, whichever of the keys fits and however the headers are spelled."""
    expected = Delivery("r-1", True, {"a": 1}, "")
    assert verify(signed(), BODY, KEYS, NOW) == expected
    assert verify({name.lower(): value for name, value in signed().items()}, BODY, KEYS, NOW + 300) == expected


@pytest.mark.parametrize(
    ("body", "delivery"),
    [
        ({"status": "ERROR", "payload": {"detail": []}, "error": "no"}, Delivery("r-1", False, {"detail": []}, "no")),
        ({"status": "OK", "payload": None, "payload_error": "too big"}, Delivery("r-1", True, None, "too big")),
        ({"status": "ERROR"}, Delivery("r-1", False, None, "")),
    ],
)
def test_what_a_delivery_says(body: dict[str, object], delivery: Delivery) -> None:
    """Errors and missing payloads are given as they are."""
    raw = json.dumps({"request_id": "r-1", **body}).encode()
    assert verify(signed(raw), raw, KEYS, NOW) == delivery


@pytest.mark.parametrize("name", list(signed()))
def test_every_header_counts(name: str) -> None:
    """A header missing, empty, or changed by one character is refused."""
    good = signed()
    for bad in ({**good, name: ""}, {key: value for key, value in good.items() if key != name}):
        with pytest.raises(AuthRefused):
            verify(bad, BODY, KEYS, NOW)
    flipped = good[name][:-1] + ("0" if good[name][-1] != "0" else "1")
    with pytest.raises(AuthRefused):
        verify({**good, name: flipped}, BODY, KEYS, NOW)


@pytest.mark.parametrize("signature", ["zz" * 64, "00" * 64, "00" * 63, "٠" * 128, " " + "0" * 127])
def test_a_signature_of_wrong_form_is_refused(signature: str) -> None:
    """Bad hex, bad length and digits of other scripts are refused, not a crash."""
    with pytest.raises(AuthRefused):
        verify({**signed(), "X-Fal-Webhook-Signature": signature}, BODY, KEYS, NOW)


@pytest.mark.parametrize("now", [NOW + 301, NOW - 301])
def test_a_delivery_out_of_time_is_refused(now: float) -> None:
    """More than five minutes off in either direction is refused although the signature fits."""
    with pytest.raises(AuthRefused, match="old"):
        verify(signed(), BODY, KEYS, now)


@pytest.mark.parametrize("body", [BODY + b" ", json.dumps(json.loads(BODY)).encode()])
def test_the_raw_bytes_are_what_is_signed(body: bytes) -> None:
    """One byte more, or the same JSON written anew, is not what was signed."""
    with pytest.raises(AuthRefused):
        verify(signed(), body, KEYS, NOW)


@pytest.mark.parametrize("body", [b"no json", b"[]", b'{"request_id": "r-2", "status": "OK"}'])
def test_a_signed_body_that_is_no_delivery(body: bytes) -> None:
    """A signature does not make a delivery of something else, nor of another request's."""
    with pytest.raises(ProtocolError):
        verify(signed(body), body, KEYS, NOW)


def test_damaged_keys_are_left_out() -> None:
    """One bad entry does not hide the good one."""
    entries = [
        1,
        {},
        {"crv": "Ed25519", "x": "!"},
        {"crv": "Ed25519", "x": "AAAA"},
        {"crv": "P-256", "x": "A"},
        jwk(OURS),
    ]
    assert len(parse_keys({"keys": entries})) == 1
    assert parse_keys({"keys": None}) == ()


@pytest.mark.anyio
async def test_keys_are_kept_for_a_day(client: QueueClient, server: Server) -> None:
    """Two deliveries are one fetch; after 24 hours the keys are fetched again."""
    server.on("GET", JWKS, JSONResponse({"keys": [jwk(OURS)]}))
    now = [NOW]
    ring = KeyRing(client, lambda: now[0])
    for later_s in (0, 3600, 86_399):
        now[0] = NOW + later_s
        assert (await ring.verify(signed(at=now[0]), BODY)).request_id == "r-1"
    assert server.count("GET", JWKS) == 1
    assert "authorization" not in server.last("GET").headers
    now[0] = NOW + 86_401
    await ring.verify(signed(at=now[0]), BODY)
    assert server.count("GET", JWKS) == 2


@pytest.mark.anyio
async def test_a_new_key_is_fetched_but_a_forger_cannot_make_us_ask(client: QueueClient, server: Server) -> None:
    """When no key fits the keys are fetched once more, and then not again for a minute."""
    server.on("GET", JWKS, JSONResponse({"keys": [jwk(OTHER)]}), JSONResponse({"keys": [jwk(OURS)]}))
    now = [NOW]
    ring = KeyRing(client, lambda: now[0])
    for _ in range(5):
        with pytest.raises(AuthRefused):
            await ring.verify(signed(at=now[0]), BODY)
    assert server.count("GET", JWKS) == 1
    now[0] += 61
    assert (await ring.verify(signed(at=now[0]), BODY)).ok
    assert server.count("GET", JWKS) == 2


@pytest.mark.anyio
async def test_what_cannot_be_genuine_fetches_nothing(client: QueueClient, server: Server) -> None:
    """An old delivery, or one without headers, is refused before any key is asked for."""
    ring = KeyRing(client, lambda: NOW)
    for headers in ({}, signed(at=NOW - 999)):
        with pytest.raises(AuthRefused):
            await ring.verify(headers, BODY)
    assert server.seen == []


@pytest.mark.anyio
async def test_keys_that_cannot_be_had_are_not_asked_for_at_once_again(client: QueueClient, server: Server) -> None:
    """A failing key address is tried with backoff once a minute, not for each delivery."""
    server.on("GET", JWKS, nginx(503))
    ring = KeyRing(client, lambda: NOW)
    with pytest.raises(ServerError):
        await ring.verify(signed(), BODY)
    with pytest.raises(AuthRefused):
        await ring.verify(signed(), BODY)
    assert server.count("GET", JWKS) == 5
