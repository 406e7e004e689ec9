"""Frames: its form and result."""

from __future__ import annotations

from lib.ui.model_page import family_page

family_page("frames")
