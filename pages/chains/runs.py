"""Runs: everything that was started, newest first."""

from __future__ import annotations

from lib.ui.runs_page import runs_page

runs_page()
