"""Fit: its forms and results."""

from __future__ import annotations

from lib.ui.model_page import family_page

family_page("fit")
