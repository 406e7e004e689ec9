"""Build: a chain step by step, checked and priced while it grows."""

from __future__ import annotations

from lib.ui.builder_page import builder_page

builder_page()
