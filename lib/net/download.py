"""Streaming download to a file, with caps on size and time."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import anyio
import httpx

from lib.errors import (
    AuthRefused,
    DailiesError,
    InputError,
    NoSpace,
    ProtocolError,
    ServerError,
    TooLarge,
    TooManyRequests,
    UnknownRequest,
)
from lib.net.faults import TRANSPORT_ERRORS, unreachable
from lib.net.sniff import sniff

OnProgress = Callable[[int, int | None], None]
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_STATUS: dict[int, tuple[type[DailiesError], str, str]] = {
    401: (AuthRefused, "may not be read without permission", "Use an address that is open to everybody."),
    403: (AuthRefused, "may not be read", "The address may have expired; get a new one."),
    404: (UnknownRequest, "does not exist (any more)", "Check the address. Results are kept for a limited time."),
    410: (UnknownRequest, "has been removed", "Results are kept for a limited time."),
    429: (TooManyRequests, "is asked for too often", "Try again in a moment."),
    408: (ServerError, "was not sent in time", "Try again in a moment."),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one exchange: bytes received, seconds to connect, between two reads, and in all."""

    max_bytes: int = 2 * 1024**3
    connect_s: float = 10.0
    read_s: float = 60.0
    total_s: float = 900.0

    @property
    def timeout(self) -> httpx.Timeout:
        """The same for httpx, which knows no total."""
        return httpx.Timeout(self.read_s, connect=self.connect_s, pool=self.connect_s)


@dataclass(frozen=True, slots=True)
class Downloaded:
    """What arrived. `content_type` is told by the bytes, not by the server."""

    size_bytes: int
    sha256: str
    content_type: str


async def download(
    client: httpx.AsyncClient,
    url: str,
    to: Path,
    *,
    limits: Limits = Limits(),
    on_progress: OnProgress | None = None,
) -> Downloaded:
    """The file at `url`, complete and synced to disk as `to`, which is removed again if anything goes wrong.

    `on_progress` gets the bytes so far and the total, where the server said one. Raises Unreachable, UnknownRequest,
    ServerError, TooManyRequests, AuthRefused, TooLarge, NoSpace, ProtocolError, or InputError for an address that may
    not be opened.
    """
    try:
        with anyio.fail_after(limits.total_s):
            return await _download(client, url, to, limits, on_progress)
    except BaseException as error:
        _remove(to)
        ours = _translated(error, url)
        if ours is error:
            raise
        raise ours from error


async def _download(
    client: httpx.AsyncClient, url: str, to: Path, limits: Limits, on_progress: OnProgress | None
) -> Downloaded:
    request = client.stream(
        "GET", url, headers={"Accept-Encoding": "identity"}, timeout=limits.timeout, follow_redirects=True
    )
    async with request as response:
        _check(response, url, limits)
        with to.open("wb") as file:
            size_bytes, sha256 = await _copy(response, file, limits, on_progress)
            await anyio.to_thread.run_sync(_sync, file)
    expected = _length(response)
    if expected not in (None, size_bytes):
        raise httpx.RemoteProtocolError(f"{size_bytes} of {expected} bytes arrived")
    return Downloaded(size_bytes, sha256, sniff(to))


async def _copy(
    response: httpx.Response, file: BinaryIO, limits: Limits, on_progress: OnProgress | None
) -> tuple[int, str]:
    digest, size_bytes, total = hashlib.sha256(), 0, _length(response)
    async for chunk in response.aiter_raw():
        size_bytes += len(chunk)
        if size_bytes > limits.max_bytes:
            raise _too_large(limits)
        digest.update(chunk)
        file.write(chunk)
        if on_progress is not None:
            on_progress(size_bytes, total)
    return size_bytes, digest.hexdigest()


def _check(response: httpx.Response, url: str, limits: Limits) -> None:
    """Raises for every answer that is not the file itself, uncompressed and small enough."""
    status, shown = response.status_code, _shown(url)
    if status != httpx.codes.OK:
        default = (ServerError, "cannot be delivered now", "Try again in a moment.") if status >= 500 else None
        kind, what, hint = _STATUS.get(status) or default or (ProtocolError, "is not a file", "Check the address.")
        raise kind(f"{shown} {what} (HTTP {status}).", hint=hint)
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        # A small compressed body can unpack to any size, and the length would not be the file's.
        raise ProtocolError(f"{shown} came compressed although plain bytes were asked for.", hint="Upload the file.")
    if (_length(response) or 0) > limits.max_bytes:
        raise _too_large(limits)


def _translated(error: BaseException, url: str) -> BaseException:
    if isinstance(error, (httpx.InvalidURL, httpx.TooManyRedirects, httpx.UnsupportedProtocol)):
        return InputError(f"This address cannot be opened: {_shown(url)}.", hint="Check the address.")
    if isinstance(error, TRANSPORT_ERRORS):
        return unreachable(error, f"GET {_shown(url)}")
    if isinstance(error, OSError) and error.errno in _FULL:
        return NoSpace("The disk is full.", hint="Free some space in Settings, then try again.")
    return error


def _too_large(limits: Limits) -> TooLarge:
    return TooLarge(
        f"The file is larger than {limits.max_bytes / 1024**2:,.0f} MB.", hint="Use a shorter or smaller file."
    )


def _length(response: httpx.Response) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if value.isdecimal() else None


def _shown(url: str) -> str:
    """The address without its query, which may hold a signature."""
    return url.split("?", maxsplit=1)[0][:200]


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _sync(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
