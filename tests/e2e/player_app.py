"""Serves `player_page.py` with the app's own routes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.ui import routes, session

app = st.App(Path(__file__).with_name("player_page.py"), routes=routes.routes(session.shared_studio))
"""Found by `streamlit run`."""
