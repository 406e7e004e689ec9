"""What a host does that gets requirements.txt and nothing else: long, since it installs from the registry."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lib.settings import ROOT
from tests.e2e.conftest import chromium
from tests.e2e.served import Served

pytestmark = [pytest.mark.long, pytest.mark.browser]
__all__ = ["chromium"]


def pip(python: Path, *arguments: str | Path) -> None:
    command = [python, "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    subprocess.run(command, check=True, cwd=ROOT)


@pytest.mark.parametrize("version", ["3.12", "3.13"])
def test_the_pins_resolve_for_newer_pythons(version: str, tmp_path: Path) -> None:
    """Every pinned package has a wheel with a pinned hash for that version."""
    wheels = ("--python-version", version, "--only-binary=:all:", "-d", tmp_path)
    pip(Path(sys.executable), "download", "--require-hashes", "-r", "requirements.txt", *wheels)
    assert len(list(tmp_path.iterdir())) > 40


def test_a_bare_streamlit_run_does_the_golden_chain(tmp_path: Path, chromium: Browser) -> None:
    """Only requirements.txt, only `streamlit run streamlit_app.py`: one press, a finished video."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    pip(python, "install", "--require-hashes", "-r", "requirements.txt")
    served = Served(tmp_path / "data", {"PATH": os.defpath}, python=python)
    served.start()
    try:
        page = chromium.new_page()
        page.goto(served.base)
        page.get_by_role("button", name="Run the chain").click(timeout=60_000)
        expect(page.get_by_text("Your video is ready")).to_be_visible(timeout=240_000)
        page.close()
    finally:
        served.close()
