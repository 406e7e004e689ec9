"""One scripted server for the room, and a client on it that does not really sleep."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from lib.net import Limits, open_client
from lib.queue.client import Hosts, QueueClient
from tests.queue.server import Server

KEY = "key-id:planted-secret"
QUICK = Limits(max_bytes=1024 * 1024, connect_s=5.0, read_s=0.3, total_s=0.8)

PATIENT = Limits(max_bytes=1024 * 1024, connect_s=10.0, read_s=20.0, total_s=30.0)

MakeClient = Callable[..., QueueClient]


@pytest.fixture(scope="session")
def running() -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: Server) -> Server:
    running.forget()
    return running


@pytest.fixture
def slept() -> list[float]:
    """The waits that the client asked for, in seconds."""
    return []


@pytest.fixture
async def make_client(slept: list[float]) -> AsyncIterator[MakeClient]:
    """A client for an origin, trusted as the stand-in's would be."""
    opened = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    def make(origin: str, limits: Limits = PATIENT) -> QueueClient:
        http = open_client(trusted=frozenset({origin}))
        opened.append(http)
        return QueueClient(Hosts.at(origin), KEY, http, sleep=sleep, rng=random.Random(1), limits=limits)

    yield make
    for http in opened:
        await http.aclose()


@pytest.fixture
def client(make_client: MakeClient, server: Server) -> QueueClient:
    return make_client(server.origin)
