"""What every test stands on: a clean environment, and asyncio for the asynchronous ones."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from lib.media.leash import wait_in_line


def pytest_configure() -> None:
    """Once an encoder has made this process real-time, all that the tests start would be: two cores came to a stand."""
    wait_in_line()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so would ours


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser on two busy cores sometimes loses a key press: such a test may try again, and says so (R)."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def clean_environment() -> Iterator[None]:
    """No test passes or fails by the developer's key, folder or proxy."""
    kept = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("DAILIES_", "FAL_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(kept)
