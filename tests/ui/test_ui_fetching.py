"""A pasted address is brought here when asked, by the rules of the network, and can then be marked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from lib.chain.files import ASSET
from lib.errors import BadMedia, InputError
from lib.media.samples import sample
from lib.net import open_client
from lib.store.views import Asset
from lib.studio.fetching import OnProgress, fetch
from lib.ui.fetching import words as progress_words
from tests.ui.stage import QuietStudio, button, field, open_app, quiet, words

ADDRESS = "https://clips.example/my%20film.mp4?token=1"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[QuietStudio]:
    made = quiet(tmp_path)
    yield made
    made.close()


def serving(body: bytes) -> partial[httpx.AsyncClient]:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"Content-Length": str(len(body))}, stream=httpx.ByteStream(body))

    return partial(open_client, transport=httpx.MockTransport(answer))


def test_what_is_there_becomes_a_file_of_ours(studio: QuietStudio) -> None:
    """Under its own name, with its facts; how far it is was told."""
    body, told = sample("bunny.mp4").read_bytes(), list[tuple[int, int | None]]()
    asset = fetch(studio.store, ADDRESS, lambda *how: told.append(how), serving(body))
    assert (asset.name, asset.facts.frames) == ("my film.mp4", studio.add_sample("bunny.mp4").facts.frames)
    assert told[-1] == (len(body), len(body))
    assert progress_words(3_200_000, 12_000_000) == "Fetching the file: 3.2 MB of 12.0 MB."


@pytest.mark.parametrize(("address", "error"), [
    ("http://127.0.0.1:1/clip.mp4", InputError), ("http://169.254.169.254/latest", InputError),
])  # fmt: skip
def test_what_is_not_public_is_not_asked(studio: QuietStudio, address: str, error: type[Exception]) -> None:
    """The same rules as when a run begins, and nothing is left on the disk."""
    with pytest.raises(error, match="public internet"):
        studio.fetch(address)
    assert not list((studio.settings.data_dir / "incoming").rglob("*.part"))


def test_what_is_no_film_is_refused(studio: QuietStudio) -> None:
    with pytest.raises(BadMedia):
        fetch(studio.store, ADDRESS, None, serving(b"<html>no film</html>"))
    assert not list((studio.settings.data_dir / "incoming").rglob("*.part"))


class Fetching(QuietStudio):
    """The network at hand: a film at one address."""

    def fetch(self, address: str, on_progress: OnProgress | None = None) -> Asset:
        if address != ADDRESS:
            raise InputError("This address does not exist.", hint="Check it.")
        return fetch(self.store, address, on_progress, serving(sample("bunny.mp4").read_bytes()))


def test_fetch_now_puts_the_clip_into_the_form(tmp_path: Path) -> None:
    """The address stays while it cannot be fetched, with what is wrong; then the clip can be marked."""
    studio = Fetching(quiet(tmp_path).settings)
    app = open_app(studio, "cut/trim")
    app.get_by_key("cut-trim.video_url:way").set_value("Address").run()
    app.get_by_key("cut-trim.video_url:address").set_value("https://clips.example/other.mp4").run()
    button(app, "Fetch now").click().run()
    assert "This address does not exist" in words(app)
    button(app, "Change").click().run()
    app.get_by_key("cut-trim.video_url:address").set_value(ADDRESS).run()
    button(app, "Fetch now").click().run()
    assert not app.exception
    assert app.session_state["cut-trim.video_url"].startswith(ASSET)
    assert field(app, "cut-trim:in")
    studio.close()
