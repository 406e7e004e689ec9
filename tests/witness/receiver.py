"""A webhook's receiver, and fal's recipe for checking a delivery, followed once more without the product's code."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ARRIVE_S = 30.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A delivery as it came over the wire."""

    headers: Mapping[str, str]
    body: bytes

    def says(self) -> dict[str, Any]:
        return dict(json.loads(self.body))

    def is_signed(self, jwks: Mapping[str, Any], now: float) -> bool:
        """queue-protocol 5.2, steps 1 to 6."""
        given = {name.lower(): value for name, value in self.headers.items()}
        try:
            first = [given[f"x-fal-webhook-{part}"] for part in ("request-id", "user-id", "timestamp")]
            signature = bytes.fromhex(given["x-fal-webhook-signature"])
        except (KeyError, ValueError):
            return False
        if len(signature) != 64 or abs(now - int(first[2])) > 300:
            return False
        message = "\n".join([*first, hashlib.sha256(self.body).hexdigest()]).encode()
        return any(_opens(key, signature, message) for key in jwks["keys"])


def _opens(key: Mapping[str, str], signature: bytes, message: bytes) -> bool:
    assert (key["kty"], key["crv"], len(key["x"])) == ("OKP", "Ed25519", 43)
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


class Receiver(ThreadingHTTPServer):
    """Takes every POST, answers 200 and keeps it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Taking)
        self._letters: Queue[Letter] = Queue()

    @property
    def url(self) -> str:
        """With a query of its own, which must come back unharmed."""
        return f"http://127.0.0.1:{self.server_port}/hook?step=42&name=a%20b"

    def put(self, letter: Letter) -> None:
        self._letters.put(letter)

    def letter(self) -> Letter:
        """The next delivery; fails the test when none comes in time."""
        return self._letters.get(timeout=ARRIVE_S)


class _Taking(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        here = self.server.url.endswith(self.path)
        self.send_response(200 if here else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if here:
            self.server.put(Letter(dict(self.headers), body))

    def log_message(self, *parts: object) -> None:
        """Tests are quiet."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
