"""The data folder's own secret, and what is signed with it: links to files, and permission to go live."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path


class Signer:
    """Signs short texts with an expiry; the secret lies in the folder, readable by its owner only."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._secret = _secret(folder / "secret")
        self._clock = clock

    def sign(self, text: str, valid_s: float) -> str:
        """ "<expiry>.<signature>" for this text."""
        expiry = str(int(self._clock() + valid_s))
        return f"{expiry}.{self._mac(text, expiry)}"

    def valid(self, text: str, signature: str) -> bool:
        """Whether the signature is ours, for this text, and not expired."""
        expiry, _, mac = signature.partition(".")
        in_time = expiry.isdecimal() and int(expiry) >= self._clock()
        return hmac.compare_digest(mac.encode(), self._mac(text, expiry).encode()) and in_time

    def mark(self, text: str) -> str:
        """A mark by which the same text is known again, and nothing else of it."""
        return self._mac(text, "mark")

    def _mac(self, text: str, expiry: str) -> str:
        return hmac.new(self._secret, f"{text}\n{expiry}".encode(), hashlib.sha256).hexdigest()


def _secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        _write_private(fresh, secrets.token_bytes(32))
        try:
            os.link(fresh, path)  # of two processes that start together, the first one's secret counts
        except FileExistsError:
            return path.read_bytes()
        finally:
            fresh.unlink()
    return path.read_bytes()


def _write_private(path: Path, content: bytes) -> None:
    """On disk before it has its name: a secret that a power cut left empty would sign for everybody."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
