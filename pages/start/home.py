"""Start: the ready-made chain, or the run that the address names."""

from __future__ import annotations

from lib.ui.start_page import start_page

start_page("extend-lipsync-upscale")
