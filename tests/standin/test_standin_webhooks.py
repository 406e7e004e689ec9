"""Webhooks: the documented body, a signature that verifies, retries, final answers, duplicates, and loopback only."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.standin.conftest import FREE, Hook, Standin, until


def _verify(standin: Standin, headers: dict[str, str], body: bytes) -> None:
    """The steps of the protocol's section 5.2, written for this test alone."""
    lower = {name.lower(): value for name, value in headers.items()}
    names = ("request-id", "user-id", "timestamp", "signature")
    request_id, user, stamp, signature = (lower[f"x-fal-webhook-{name}"] for name in names)
    assert abs(time.time() - int(stamp)) <= 300
    (key,) = standin.anyone.get("/.well-known/jwks.json").json()["keys"]
    assert (key["kty"], key["crv"], len(key["x"])) == ("OKP", "Ed25519", 43)
    signed = "\n".join((request_id, user, stamp, hashlib.sha256(body).hexdigest())).encode()
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    public.verify(bytes.fromhex(signature), signed)


def _submit(standin: Standin, hook: Hook, **payload: Any) -> dict[str, Any]:
    return standin.submit(FREE, {"prompt": "x", **payload}, params={"fal_webhook": hook.url})


def test_a_success_is_delivered_and_its_signature_verifies(standin: Standin, hook: Hook) -> None:
    """The payload is the model's output, and one byte more breaks the signature."""
    request = _submit(standin, hook)
    output = standin.finished(request).json()
    until(lambda: hook.got)
    headers, body, _ = hook.got[0]
    said = json.loads(body)
    assert said == {
        "request_id": request["request_id"],
        "gateway_request_id": request["request_id"],
        "status": "OK",
        "payload": output,
    }
    _verify(standin, headers, body)
    with pytest.raises(InvalidSignature):
        _verify(standin, headers, body + b" ")


def test_a_failure_is_delivered_with_its_error(standin: Standin, hook: Hook) -> None:
    """Status is ERROR, the error names the HTTP status, the payload is the model's error body."""
    _submit(standin, hook, duration="99s")
    until(lambda: hook.got)
    said = json.loads(hook.got[0][1])
    assert (said["status"], said["error"]) == ("ERROR", "Invalid status code: 422")
    assert said["payload"]["detail"][0]["loc"] == ["body", "duration"]


def test_an_unacknowledged_webhook_is_tried_again(standin: Standin, hook: Hook) -> None:
    """500 and 404 are no acknowledgement; the first 2xx ends it."""
    standin.settings(time_scale=0)
    hook.codes = [500, 404]
    _submit(standin, hook)
    until(lambda: len(hook.got) == 3)
    for headers, body, _ in hook.got:
        _verify(standin, headers, body)
    rows = standin.bill()["accepted"]
    assert len(rows) == 1


def test_a_redirect_is_final(standin: Standin, hook: Hook) -> None:
    """3xx is never followed and never tried again."""
    standin.settings(time_scale=0)
    hook.codes = [302]
    standin.finished(_submit(standin, hook))
    second = _submit(standin, hook)
    until(lambda: any(second["request_id"].encode() in body for _, body, _ in hook.got))
    assert len(hook.got) == 2


def test_only_this_machine_gets_webhooks(standin: Standin) -> None:
    """A public address is dropped, and the request is finished all the same."""
    request = standin.submit(params={"fal_webhook": "https://hooks.example/fal"})
    assert standin.finished(request).status_code == 200


def test_a_webhook_can_come_twice(standin: Standin, hook: Hook) -> None:
    """The duplicate has the same request id."""
    standin.fault("duplicate_webhook", "webhook", times=1)
    _submit(standin, hook)
    until(lambda: len(hook.got) == 2)
    assert len({json.loads(body)["request_id"] for _, body, _ in hook.got}) == 1


def test_a_webhook_can_overtake_the_submit_answer(standin: Standin, hook: Hook) -> None:
    """When the client learns its request id, the webhook has been there already."""
    standin.fault("webhook_before_answer", "submit", times=1)
    request = _submit(standin, hook)
    assert [json.loads(body)["request_id"] for _, body, _ in hook.got] == [request["request_id"]]
