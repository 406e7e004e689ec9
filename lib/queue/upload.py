"""Putting a file where models can fetch it (queue-protocol 4): CDN first, the older storage if that fails."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio

from lib.errors import AuthRefused, DailiesError, ProtocolError, QueueError, TooLarge
from lib.net import Limits
from lib.queue.client import QueueClient
from lib.queue.errors import Answer, refusal
from lib.queue.options import Lifecycle
from lib.queue.token import Token

DATA_URI_MOST = 10 * 1024 * 1024
"""Characters of a data URI that models accept (queue-protocol 4.1)."""
SINGLE_MOST_BYTES = 100 * 1024 * 1024
PART_BYTES = 10 * 1024 * 1024
_PARTS_AT_ONCE = 3
_CHUNK_BYTES = 1024 * 1024
_LIMITS = Limits(max_bytes=1024 * 1024, connect_s=10.0, read_s=120.0, total_s=300.0)
_SLOWEST_BYTES_PER_S = 64 * 1024


async def upload(
    client: QueueClient,
    path: Path,
    content_type: str,
    file_name: str,
    *,
    lifecycle: Lifecycle | None = None,
    single_most_bytes: int = SINGLE_MOST_BYTES,
    part_bytes: int = PART_BYTES,
) -> str:
    """The address under which the provider keeps the file from now on.

    One POST, or parts above `single_most_bytes`. Everything here may be sent again: at worst a file is kept twice.
    Raises what the last way raised; a refused key or a locked balance is raised at once.
    """
    size_bytes = (await anyio.Path(path).stat()).st_size
    sent = _Upload(client, _File(path, content_type, _plain(file_name), size_bytes), lifecycle)
    try:
        await sent.token.fetch()
    except AuthRefused:
        raise
    except QueueError:
        return await sent.stored()
    try:
        return await (sent.in_parts(part_bytes) if size_bytes > single_most_bytes else sent.whole())
    except QueueError:
        return await sent.stored()


def data_uri(path: Path, content_type: str) -> str:
    """The file as "data:…;base64,…", for small ones. Raises TooLarge above what models accept."""
    size_bytes, start = path.stat().st_size, f"data:{content_type};base64,"
    if len(start) + (size_bytes + 2) // 3 * 4 > DATA_URI_MOST:
        raise TooLarge("The file is too large to be sent inside the request.", hint="Upload it first.")
    return start + base64.b64encode(path.read_bytes()).decode("ascii")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content_type: str
    name: str
    size_bytes: int


class _Upload:
    """One file on its way."""

    def __init__(self, client: QueueClient, file: _File, lifecycle: Lifecycle | None) -> None:
        self.token = Token(client.wire)
        self._wire = client.wire
        self._hosts = client.hosts
        self._file = file
        names = () if lifecycle is None else ("X-Fal-Object-Lifecycle", "X-Fal-Object-Lifecycle-Preference")
        self._kept = {name: lifecycle.header() for name in names if lifecycle is not None}
        self._type = {"Content-Type": file.content_type}
        self._about = {**self._type, "X-Fal-File-Name": file.name, **self._kept}

    async def whole(self) -> str:
        """Token and one POST."""
        url = f"{self._hosts.cdn}/files/upload"
        headers, span = self._about | {"Content-Length": str(self._file.size_bytes)}, (0, self._file.size_bytes)
        answer = await self._send("POST", url, headers, span)
        return _address(answer, "access_url")

    async def in_parts(self, part_bytes: int) -> str:
        """Numbered parts, a few at once, each sent again by itself; the list is sorted before it is sent."""
        started = await self._send("POST", f"{self.token.base_url}/files/upload/multipart", self._about)
        access_url, upload_id = _address(started, "access_url"), str(started.json().get("uploadId") or "")
        if not upload_id or not self._hosts.takes_token(access_url):
            raise started.unexpected()
        target = f"{access_url}/multipart/{upload_id}"
        parts = await self._parts(target, part_bytes)
        body = json.dumps({"parts": sorted(parts, key=lambda part: int(part["partNumber"]))}).encode()
        await self._send("POST", f"{target}/complete", {"Content-Type": "application/json"}, body)
        return access_url

    async def stored(self) -> str:
        """The older way: ask for two addresses, PUT to one of them without key and token, use the other."""
        body = json.dumps({"file_name": self._file.name, "content_type": self._file.content_type}).encode()
        url, wanted = f"{self._hosts.rest}/storage/upload/initiate", {"storage_type": "fal-cdn-v3"}
        headers = {"Content-Type": "application/json", **self._kept}

        async def ask() -> Answer:
            return _good(await self._wire.once("POST", url, headers=headers, content=body, params=wanted))

        places = await self._wire.again(ask, _worth)
        target, file_url = _address(places, "upload_url"), _address(places, "file_url")
        headers = self._type | {"Content-Length": str(self._file.size_bytes)}
        await self._send("PUT", target, headers, (0, self._file.size_bytes), token=False)
        return file_url

    async def _parts(self, target: str, part_bytes: int) -> list[dict[str, Any]]:
        limiter, parts, first = anyio.Semaphore(_PARTS_AT_ONCE), list[dict[str, Any]](), list[QueueError]()

        async def one(number: int, start: int) -> None:
            async with limiter:
                if first:
                    return
                try:
                    parts.append(await self._part(target, number, start, part_bytes))
                except QueueError as error:
                    first.append(error)

        async with anyio.create_task_group() as group:
            for number, start in enumerate(range(0, self._file.size_bytes, part_bytes), 1):
                group.start_soon(one, number, start)
        if first:
            raise first[0]
        return parts

    async def _part(self, target: str, number: int, start: int, part_bytes: int) -> dict[str, Any]:
        span = (start, min(start + part_bytes, self._file.size_bytes))
        answer = await self._send("PUT", f"{target}/{number}", {"Content-Length": str(span[1] - span[0])}, span)
        etag = answer.headers.get("etag") or (answer.json().get("etag") if answer.body else None)
        if not etag:
            raise answer.unexpected()
        return {"partNumber": number, "etag": etag}

    async def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: tuple[int, int] | bytes = b"",
        token: bool = True,
    ) -> Answer:
        """A request with the token in place of the key, sent again while that may help; `content` may be a span."""
        size_bytes = len(content) if isinstance(content, bytes) else content[1] - content[0]
        limits = replace(_LIMITS, total_s=_LIMITS.total_s + size_bytes / _SLOWEST_BYTES_PER_S)

        async def once() -> Answer:
            allowed = await self.token.header() if token else {}
            body = content if isinstance(content, bytes) else _span(self._file.path, *content)
            sent = {**headers, **allowed}
            return await self._wire.once(method, url, headers=sent, content=body, limits=limits, key=False)

        async def send() -> Answer:
            answer = await once()
            if token and answer.status in (401, 403):
                self.token.forget()
                answer = await once()
            return _good(answer)

        return await self._wire.again(send, _worth)


async def _span(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        await file.seek(start)
        while start < end and (chunk := await file.read(min(_CHUNK_BYTES, end - start))):
            start += len(chunk)
            yield chunk


def _good(answer: Answer) -> Answer:
    if not answer.ok:
        raise refusal(answer)
    return answer


def _worth(error: DailiesError) -> bool:
    """An answer that arrived damaged is worth another try as well: nothing here can be bought twice."""
    return error.retryable or isinstance(error, ProtocolError)


def _address(answer: Answer, name: str) -> str:
    found = answer.json().get(name)
    if not isinstance(found, str) or not found.startswith(("https://", "http://")):
        raise answer.unexpected()
    return found


def _plain(file_name: str) -> str:
    """A name that a header can carry."""
    kept = "".join(char if " " < char <= "~" and char not in '"\\/' else "_" for char in file_name)
    return kept[-100:] or "upload.bin"
