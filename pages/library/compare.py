"""Compare: two to four takes in lock-step."""

from __future__ import annotations

from lib.ui.compare_page import compare_page

compare_page()
