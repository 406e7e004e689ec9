"""A real HTTP server on loopback that answers by script and remembers what came, and one that can break off."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass(frozen=True)
class Seen:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    peer: Any = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = Response | Callable[[Seen], Response]


class Server:
    """`on` scripts a route: its answers come in turn and the last one stays. What is not scripted is 418."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._script: dict[tuple[str, str], list[Answer]] = {}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        app = Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "POST", "PUT", "DELETE"])])
        config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_keep_alive=30)
        self._uvicorn = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._uvicorn.should_exit = True
        self._thread.join(10)

    def forget(self) -> None:
        self.seen.clear()
        self._script.clear()

    def on(self, method: str, path: str, *answers: Answer) -> None:
        self._script[method, path] = list(answers)

    def count(self, method: str, path: str = "") -> int:
        return sum(one.method == method and one.path.startswith(path) for one in self.seen)

    def last(self, method: str, path: str = "") -> Seen:
        return [one for one in self.seen if one.method == method and one.path.startswith(path)][-1]

    async def _answer(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body, query = await request.body(), dict(request.query_params)
        seen = Seen(request.method, request.url.path, query, headers, body, request.client)
        self.seen.append(seen)
        script = self._script.get((seen.method, seen.path), [])
        if not script:
            return JSONResponse({"detail": f"no script for {seen.method} {seen.path}"}, 418)
        answer = script.pop(0) if len(script) > 1 else script[0]
        return answer(seen) if callable(answer) and not isinstance(answer, Response) else answer


NGINX = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><hr><center>nginx</center></body></html>"


def nginx(status: int) -> Response:
    return Response(NGINX, status, media_type="text/html")


def accepted(origin: str, app: str = "fal-ai/pixverse", request_id: str = "r-1", **more: Any) -> JSONResponse:
    """The answer to a submit, as appendix A of the facts has it."""
    url = f"{origin}/{app}/requests/{request_id}"
    body = {"status": "IN_QUEUE", "request_id": request_id, "queue_position": 0}
    urls = {"response_url": url, "status_url": f"{url}/status", "cancel_url": f"{url}/cancel"}
    return JSONResponse({**body, **urls, **more}, headers={"x-fal-request-id": request_id})


def completed(**more: Any) -> JSONResponse:
    return JSONResponse({"status": "COMPLETED", "logs": None, "metrics": {"inference_time": 41.2}, **more})


def locked() -> JSONResponse:
    text = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
    return JSONResponse({"detail": text}, 403)


def field_error(*loc: str | int, kind: str = "file_download_error", message: str = "cannot be fetched") -> JSONResponse:
    entry = {"loc": ["body", *loc], "msg": message, "type": kind, "url": f"https://docs.fal.ai/errors#{kind}"}
    return JSONResponse({"detail": [entry]}, 422, headers={"x-fal-billable-units": "0", "x-fal-request-id": "r-1"})


@dataclass
class Raw:
    """A server below HTTP: `behave` gets each complete request and the writer, and may do anything to the line."""

    origin: str = ""
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    @property
    def posts(self) -> int:
        return sum(one.startswith(b"POST ") for one in self.requests)


Behave = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(behave: Behave, port: int = 0) -> AsyncIterator[Raw]:
    raw = Raw()
    lines: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        raw.connections += 1
        lines.add(writer)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                raw.requests.append(head + body)
                await behave(head + body, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    raw.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield raw
    finally:
        server.close()
        for line in lines:
            line.transport.abort()
        await server.wait_closed()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def http(body: bytes, status: str = "200 OK", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode() + body
