"""Results in Chromium: every picture that is sought is the one that is shown, at both seams and at the end."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import chromium
from tests.media.barcoded import number_in
from tests.media_smart.results import RESULTS
from tests.sampling import seldom

__all__ = ["chromium"]
pytestmark = pytest.mark.browser
FPS = 25
LOAD = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(new Blob([bytes], { type: "video/mp4" }));
  document.body.replaceChildren(video);
  await new Promise((done, failed) => {
    video.oncanplaythrough = done;
    video.onerror = () => failed(new Error(video.error.message));
  });
  return video.duration;
}"""
SHOWN = """async (time) => {
  const video = document.querySelector("video");
  // "seeked" may come before the picture does.
  await new Promise((done) => { video.requestVideoFrameCallback(done); video.currentTime = time; });
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const pen = canvas.getContext("2d");
  pen.drawImage(video, 0, 0);
  return Array.from(pen.getImageData(0, 0, canvas.width, canvas.height).data);
}"""
PLAYED = """async () => {
  const video = document.querySelector("video");
  await new Promise((done) => { video.onseeked = done; video.currentTime = 0; });
  await new Promise((done, failed) => {
    video.onended = done;
    video.onerror = () => failed(new Error(video.error.message));
    video.play();
  });
  return video.currentTime;
}"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, list[int]]]:
    """All of them, made before the browser's loop runs."""
    found = {}
    for name, make in RESULTS.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = (folder / "out.mp4", asyncio.run(make(folder, folder / "out.mp4")))
    return found


@pytest.fixture
def page(results: dict[str, tuple[Path, list[int]]], chromium: Browser) -> Iterator[Page]:
    with chromium.new_page() as page:
        yield page


def shown(page: Page, number: int) -> int:
    """The number in the picture that stands in the middle of that picture's time."""
    values = np.array(page.evaluate(SHOWN, (number + 0.5) / FPS), np.uint8)
    return number_in(values.reshape(64, 96, 4)[:, :, :3])


@pytest.mark.parametrize("name", [seldom(name, ("joined", "previewed_parts")) for name in RESULTS])
def test_chromium_shows_each_picture(page: Page, results: dict[str, tuple[Path, list[int]]], name: str) -> None:
    """Sought out of order, every picture is the one asked for, and the clip plays through to its end."""
    path, wanted = results[name]
    duration_s = page.evaluate(LOAD, base64.b64encode(path.read_bytes()).decode())
    order = sorted(range(len(wanted)), key=lambda number: -(number * 17 % len(wanted)))

    assert duration_s == pytest.approx(len(wanted) / FPS, abs=0.03)
    assert {number: shown(page, number) for number in order} == {number: wanted[number] for number in order}
    assert page.evaluate(PLAYED) == pytest.approx(duration_s, abs=0.05)
