"""Streamlit without us: a plain script in its own looks, as the peer that our pages are measured against."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from tests.e2e.served import Served


class Bare(Served):
    """`streamlit run` of a script, or `streamlit hello` where none is named, away from our settings and theme."""

    def __init__(self, folder: Path, script: Path | None = None) -> None:
        super().__init__(folder / "data", script=str(script or ""))

    def _what(self) -> list[str]:
        return ["run", self._script] if self._script else ["hello"]

    def _home(self) -> Path:
        return self.folder.parent

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base}/_stcore/health", timeout=2) as answer:
                return bool(answer.read() == b"ok")
        except OSError:
            return False
