"""What it costs the server that fifty people watch fifty runs which are not done yet.

Each run is a rehearsal of the ready-made chain that waits in the stand-in's queue; each visitor has its page open and
asks again as often as the page wants. The aim: under 0.3 of a core. The peer is a plain Streamlit page that shows a
progress bar each second to as many.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.visitor import cpu_s, visiting  # noqa: E402
from lib.chain.presets import preset  # noqa: E402
from lib.settings import Settings  # noqa: E402
from lib.studio import Studio  # noqa: E402
from lib.worker.launch import ensure_standin  # noqa: E402
from tests.e2e.bare import Bare  # noqa: E402
from tests.e2e.served import Served, until  # noqa: E402

MANY, FOR_S, CALM_S = 50, 20.0, 5.0
PEER = """import time
import streamlit as st


@st.fragment(run_every=1.0)
def look():
    st.markdown("**A run**")
    st.caption(f"{time.time():.0f}")
    st.progress(time.time() % 60 / 60, text="Waiting")


st.title("Watching")
look()
"""


async def watch(server: Served, queries: Sequence[str]) -> tuple[float, float]:
    """The part of a core that the server uses while all watch, and how often a second a page is asked for."""
    async with contextlib.AsyncExitStack() as open_tabs:
        visitors = [await open_tabs.enter_async_context(visiting(server.base, "", query)) for query in queries]
        await asyncio.sleep(CALM_S)
        before, asked, began = cpu_s(server.pid), sum(each.reruns for each in visitors), time.monotonic()
        await asyncio.sleep(FOR_S)
        took = time.monotonic() - began
        return (cpu_s(server.pid) - before) / took, (sum(each.reruns for each in visitors) - asked) / took


def start_runs(folder: Path) -> list[str]:
    """The ids of as many runs, all with their first request in the queue."""
    settings = Settings(folder, Decimal(5), "")
    origin = ensure_standin(settings)
    httpx.post(f"{origin}/_standin/settings", json={"queue_delay_s": 3600}, trust_env=False).raise_for_status()
    studio = Studio(settings)
    try:
        started = [studio.start(preset("extend-lipsync-upscale")) for _ in range(MANY)]
        until(lambda: all(_waits(studio, run_id) for run_id in started), "request of every run in the queue", 180)
        return started
    finally:
        studio.close()


def _waits(studio: Studio, run_id: str) -> bool:
    bought = studio.run(run_id).steps[0].purchase
    return bought is not None and bought.request_id is not None


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "watch.py"
        script.write_text(PEER)
        ours, bare = Served(Path(folder) / "ours" / "data"), Bare(Path(folder) / "bare", script)
        used = {}
        for name, server in (("ours", ours), ("plain Streamlit", bare)):
            server.folder.parent.mkdir()
            server.start()
            try:
                queries = [f"run={run_id}" for run_id in start_runs(server.folder)] if server is ours else [""] * MANY
                cores, asked = asyncio.run(watch(server, queries))
            finally:
                server.close()
            used[name] = cores
            print(f"{name:16} {cores:.3f} of a core, {asked:.1f} looks a second, {1000 * cores / asked:.1f} ms each")
    mine, plain = used.values()
    print(f"watching {MANY} runs: {mine:.2f} of a core (aim: under 0.3), {mine / plain:.2f} times the plain page")


if __name__ == "__main__":
    main()
