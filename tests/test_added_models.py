"""Reading a model's description over the network: where it is asked for, what is sent, and what it may be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from lib.errors import NotFound, ProtocolError, Unreachable
from lib.settings import Settings
from lib.standin.guests import Guests
from lib.store import Store
from lib.studio.models import AddedModels
from tests.standin.conftest import Standin, clip, standin

__all__ = ["clip", "standin"]

NARRATOR = "rehearsal/narrator"


@pytest.fixture
def models(tmp_path: Path, standin: Standin) -> Iterator[AddedModels]:
    """Live's address is that of the stand-in here."""
    store = Store(tmp_path / "data")
    yield AddedModels(Settings(tmp_path / "data", Decimal(5), fal_origin=standin.origin), store)
    store.close()


def test_a_description_is_read_without_a_key(
    models: AddedModels, standin: Standin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept, and laid before the rehearsal, which knows the model from then on."""
    monkeypatch.setenv("FAL_KEY", "id:secret")
    reading = models.read(f"https://fal.ai/models/{NARRATOR}/api", "live")
    assert (reading.is_new, reading.kept.source, reading.endpoint.wire_id) == (True, "live", NARRATOR)
    assert [made.id for _, made in models.all()] == [reading.endpoint.id]
    assert Guests(tmp_path / "data" / "standin").document(NARRATOR) is not None
    assert models.read(NARRATOR, "live").changes == []


def test_a_model_that_is_not_known_is_said(models: AddedModels) -> None:
    """With what to do: the rehearsal names the models that anybody can try."""
    with pytest.raises(NotFound, match="fal knows no model a/b"):
        models.read("a/b", "live")


class Endless(BaseHTTPRequestHandler):
    """Answers with a document that does not end."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b" " * 65536)

    def log_message(self, *parts: object) -> None:
        """Tests are quiet."""


def test_a_description_that_does_not_end_is_not_read(tmp_path: Path) -> None:
    """The download stops at the limit; nothing is kept."""
    store = Store(tmp_path / "data")
    with ThreadingHTTPServer(("127.0.0.1", 0), Endless) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        models = AddedModels(Settings(tmp_path / "data", Decimal(5), fal_origin=origin), store)
        with pytest.raises(ProtocolError, match="too large"):
            models.read("a/large", "live")
        server.shutdown()
    assert models.all() == []
    store.close()


def test_without_a_network_what_was_read_still_works(models: AddedModels, tmp_path: Path) -> None:
    """Nobody answers any more: reading says so, the kept form stays."""
    made = models.read(NARRATOR, "live").endpoint
    settings = Settings(tmp_path / "data", Decimal(5), fal_origin="http://127.0.0.1:9")
    store = Store(tmp_path / "data")
    cut_off = AddedModels(settings, store)
    with pytest.raises(Unreachable):
        cut_off.read(NARRATOR, "live")
    assert [kept.id for _, kept in cut_off.all()] == [made.id]
    store.close()
