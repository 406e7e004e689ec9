"""Settings: mode, money, storage, versions."""

from __future__ import annotations

from lib.ui.settings_page import settings_page

settings_page()
