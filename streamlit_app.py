"""The launcher: `streamlit run streamlit_app.py` serves the pages, /healthz and stored files."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from lib.ui import early, errors

if __name__ == "__main__":
    # A host that does not know st.App, or AppTest: the pages work, without routes of our own.
    from lib.ui import router

    router.show_page(with_routes=False)
else:

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        """Opens the studio as the server starts, so that runs of yesterday go on before anybody looks."""
        early.begin()
        yield

    app = st.App(
        Path(early.__file__).with_name("opening.py"),
        routes=early.early_routes(),
        lifespan=lifespan,
        on_script_error=errors.on_script_error,
    )
