"""Reference: every operation, field, limit and price."""

from __future__ import annotations

from lib.ui.reference_page import reference_page

reference_page()
