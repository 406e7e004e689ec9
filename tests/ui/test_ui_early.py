"""The server answers before our pages and routes are loaded."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route, Router

from lib.settings import ROOT
from lib.studio import Studio
from lib.ui.early import OURS, OurRoutes, early_routes
from lib.ui.routes import routes
from tests.ui.stage import quiet

HEAVY = ("sqlalchemy", "numpy", "pydantic", "lib.catalog", "lib.studio")


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path)
    yield made
    made.close()


def test_the_launcher_loads_little() -> None:
    """What takes long to load is left to a thread beside the server's start."""
    said = f"import sys, streamlit_app; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_route_of_ours_is_waited_for(studio: Studio) -> None:
    """A route whose address is not known early would be answered by Streamlit's own page."""
    paths = [route.path for route in routes(lambda: studio) if isinstance(route, Route)]
    assert len(paths) > 6
    assert [path for path in paths if not path.startswith(OURS)] == ["/healthz"]


@pytest.mark.anyio
async def test_who_comes_early_waits_for_the_routes(studio: Studio) -> None:
    """Only addresses of ours wait, and then get what they asked for."""
    loaded, asked = threading.Event(), threading.Event()

    def load() -> Router:
        asked.set()
        assert loaded.wait(60)
        return Router(routes(lambda: studio))

    server = Starlette(routes=[*early_routes()[:1], OurRoutes(load)])
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(server), base_url="http://dailies.example") as client,
        anyio.create_task_group() as tasks,
    ):
        answers: list[httpx.Response] = []

        async def ask() -> None:
            answers.append(await client.get("/assets/upload/control.js"))

        tasks.start_soon(ask)
        await anyio.to_thread.run_sync(asked.wait)
        health, page = await client.get("/healthz"), await client.get("/wan")
        early = len(answers)
        loaded.set()
    assert (health.json(), page.status_code, early) == ({"status": "ok", "app": "dailies"}, 404, 0)
    assert answers[0].headers["content-type"] == "text/javascript; charset=utf-8"
