"""Takes: everything ever made."""

from __future__ import annotations

from lib.ui.takes_page import takes_page

takes_page()
