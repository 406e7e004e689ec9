"""The launcher: `streamlit run streamlit_app.py` serves the pages, /healthz and stored files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
import streamlit as st

from lib.ui import errors, router, routes, session

if __name__ == "__main__":
    # A host that does not know st.App, or AppTest: the pages work, without routes of our own.
    router.show_page(with_routes=False)
else:

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        """Opens the studio as the server starts, so that runs of yesterday go on before anybody looks."""
        await anyio.to_thread.run_sync(session.open_early)
        yield

    app = st.App(
        router.__file__,
        routes=routes.routes(session.shared_studio),
        lifespan=lifespan,
        on_script_error=errors.on_script_error,
    )
