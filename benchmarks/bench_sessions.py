"""Memory of the server with one visitor and with fifty on the page of Wan VACE, and on the same in plain Streamlit.

The aim: the other forty-nine cost at most 30 MB. PSS is measured at rest; no browser is needed, since each
visitor speaks Streamlit's protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.same_widgets import write_same  # noqa: E402
from benchmarks.visitor import pss_mb, visiting  # noqa: E402
from tests.e2e.bare import Bare  # noqa: E402
from tests.e2e.served import Served  # noqa: E402

MANY = 50
PAGE = "models/wan"


async def measure(server: Served, page: str) -> list[float]:
    """MB with nobody there, with one visitor, and with many."""
    seen = [pss_mb(server.pid)]
    async with contextlib.AsyncExitStack() as open_tabs:
        for number in range(1, MANY + 1):
            visitor = await open_tabs.enter_async_context(visiting(server.base, page))
            await visitor.rerun()
            if number in {1, MANY}:
                await asyncio.sleep(1)
                seen.append(pss_mb(server.pid))
    return seen


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        script, _ = write_same(PAGE, Path(folder))
        more = {}
        for name, server, page in (
            ("ours", Served(Path(folder) / "ours" / "data"), "wan"),
            ("plain Streamlit", Bare(Path(folder) / "bare", script), "second"),
        ):
            server.folder.parent.mkdir()
            server.start()
            try:
                nobody, one, many = asyncio.run(measure(server, page))
            finally:
                server.close()
            more[name] = many - one
            print(
                f"{name:16} nobody {nobody:4.0f} MB, one {one:4.0f} MB, {MANY} {many:4.0f} MB: {many - one:.1f} MB more"
            )
    ours, plain = more.values()
    print(f"{MANY - 1} visitors more cost {ours:.1f} MB (aim: at most 30), {ours / plain:.2f} times plain Streamlit's")


if __name__ == "__main__":
    main()
