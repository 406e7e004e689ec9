"""Any other model: its form, price and result, read off its own description."""

from __future__ import annotations

from lib.ui.any_page import any_page

any_page()
