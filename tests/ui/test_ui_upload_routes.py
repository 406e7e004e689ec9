"""Uploads over real HTTP: the tus protocol, and whoever does not keep to it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lib.errors import BadMedia
from lib.media.samples import sample
from lib.studio import Studio, incoming
from lib.ui import upload_body
from tests.ui.stage import quiet
from tests.ui.uploading import MIB, Tus, encoded, folder_of, serving, until

CLIP = sample("bunny.mp4").read_bytes()
SHA256 = hashlib.sha256(CLIP).hexdigest()
DAY_S = 24 * 3600


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def base(studio: Studio) -> Iterator[str]:
    with serving(studio) as address:
        yield address


@pytest.fixture
def tus(base: str, studio: Studio) -> Tus:
    return Tus(base, studio)


def larger(size_bytes: int) -> bytes:
    """The clip with enough behind it to be of that size; still the same clip."""
    free = size_bytes - len(CLIP)
    return CLIP + free.to_bytes(4, "big") + b"free" + bytes(free - 8)


def test_a_file_comes_in_parts_and_is_kept(tus: Tus, studio: Studio) -> None:
    """After each part the server says how far it is; with the last one the file is an asset with its facts."""
    at = tus.begin(len(CLIP))
    assert tus.patch(at, 0, CLIP[:1000]).headers["Upload-Offset"] == "1000"
    assert tus.offset(at) == 1000
    assert tus.outcome(at).status_code == 409
    last = tus.patch(at, 1000, CLIP[1000:])
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(CLIP)))
    path = studio.asset(SHA256).path
    assert path is not None
    assert path.read_bytes() == CLIP
    assert tus.outcome(at).json() == {
        "sha256": SHA256, "name": "clip.mp4", "kind": "video", "facts": "5.3 s, 640 x 360, 25 fps, sound",
    }  # fmt: skip


def test_the_file_is_moved_and_not_copied(tus: Tus, studio: Studio) -> None:
    """The stored file is the very one that the bytes were written to: 2 GB need room once."""
    at = tus.begin(len(CLIP))
    tus.patch(at, 0, CLIP[:1000])
    part = folder_of(studio, at) / "bytes"
    written = part.stat().st_ino
    tus.patch(at, 1000, CLIP[1000:])
    path = studio.asset(SHA256).path
    assert path is not None
    assert path.stat().st_ino == written
    assert not part.exists()


def test_what_the_server_offers_is_said_to_anybody(base: str) -> None:
    """OPTIONS needs no ticket: version, extensions and the largest size."""
    answer = httpx.options(f"{base}/upload")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert set(answer.headers["Tus-Extension"].split(",")) == {"creation", "expiration", "termination"}
    assert answer.headers["Tus-Max-Size"] == str(2 << 30)


def test_another_version_is_refused(tus: Tus) -> None:
    answer = tus.create(5, **{"Tus-Resumable": "0.2.2"})
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")


def test_a_proxy_that_only_knows_post_is_no_obstacle(tus: Tus) -> None:
    """X-HTTP-Method-Override stands for PATCH and DELETE."""
    at = tus.begin(10)
    told = {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    assert tus.http.post(at, headers=told, content=b"12345").headers["Upload-Offset"] == "5"
    assert tus.http.post(at, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert tus.http.post(at).status_code == 405


def test_an_upload_says_until_when_it_is_kept(tus: Tus, studio: Studio) -> None:
    """A day from the last part on."""
    at = tus.begin(10)
    before = folder_of(studio, at).stat().st_mtime - 100
    os.utime(folder_of(studio, at), (before, before))
    assert "GMT" in tus.http.head(at).headers["Upload-Expires"]
    tus.patch(at, 0, b"12345")
    assert folder_of(studio, at).stat().st_mtime > before + 50


def test_bytes_go_where_the_upload_is_and_nowhere_else(tus: Tus) -> None:
    """A wrong offset is 409, and nothing is written."""
    at = tus.begin(10)
    tus.patch(at, 0, b"12345")
    for wrong in (0, 4, 6, 10):
        answer = tus.patch(at, wrong, b"x")
        assert answer.status_code == 409
        assert "byte 5" in answer.json()["message"]
    assert tus.offset(at) == 5


@pytest.mark.parametrize("offset", ["", "-1", "5.0", "²", "9" * 5000, "0x5"])
def test_an_offset_that_is_no_number_is_refused(tus: Tus, offset: str) -> None:
    at = tus.begin(10)
    answer = tus.http.patch(
        at,
        headers={
            "Content-Type": "application/offset+octet-stream",
            b"Upload-Offset": offset.encode("latin-1", "ignore"),
        },  # type: ignore[dict-item]
        content=b"12345",
    )
    assert answer.status_code == 400
    assert tus.offset(at) == 0


def test_other_content_is_refused(tus: Tus) -> None:
    """Only the protocol's own content type: a form of a foreign page could send others."""
    at = tus.begin(10)
    assert tus.patch(at, 0, b"12345", **{"Content-Type": "text/plain"}).status_code == 415


def test_one_writer_at_a_time(tus: Tus) -> None:
    """The second is told to wait; the first ends as if nothing had been."""
    at = tus.begin(3 * MIB)
    first = tus.half(at, 0, 3 * MIB, bytes(2 * MIB))
    until(lambda: tus.on_disk(at) >= MIB, "first megabyte")
    for second in (tus.patch(at, tus.on_disk(at), b"x"), tus.http.delete(at), tus.outcome(at)):
        assert second.status_code == 423
        assert second.json()["hint"]
    first.send(bytes(MIB))
    assert first.getresponse().status == 204
    assert tus.offset(at) == 3 * MIB


def test_a_broken_connection_loses_nothing_that_came(tus: Tus) -> None:
    """Everything up to the break is there, and the next part goes on from it."""
    content = larger(3 * MIB)
    at = tus.begin(len(content))
    tus.half(at, 0, len(content), content[: 2 * MIB + 777]).close()
    until(lambda: tus.on_disk(at) == 2 * MIB + 777, "end of what was sent")
    until(lambda: tus.patch(at, 2 * MIB + 777, content[2 * MIB + 777 :]).status_code == 204, "free upload")
    assert tus.outcome(at).json()["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_connection_that_died_in_silence_frees_the_upload(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody says goodbye when a cable is pulled: after a while without a byte the next writer has it."""
    monkeypatch.setattr(upload_body, "STALLED_S", 0.2)
    at = tus.begin(10)
    silent = tus.half(at, 0, 10, b"12345")
    assert silent.getresponse().status == 408
    assert tus.offset(at) == 5
    assert tus.patch(at, 5, b"6789").status_code == 204


def test_looking_at_a_file_holds_up_nobody(tus: Tus, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a complete file is checked the server answers others, and whoever asks for the outcome is told to wait."""
    looks, may_end = threading.Event(), threading.Event()
    real = incoming.look_at

    def slowly(*given: object) -> object:
        looks.set()
        assert may_end.wait(30)
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(incoming, "look_at", slowly)
    at = tus.begin(len(CLIP))
    answers: list[int] = []
    sending = threading.Thread(target=lambda: answers.append(tus.patch(at, 0, CLIP).status_code))
    sending.start()
    assert looks.wait(30)
    other = Tus(base, tus.studio)
    assert httpx.get(f"{base}/healthz").status_code == 200
    assert other.offset(at) == len(CLIP)
    assert other.outcome(at).status_code == 423
    may_end.set()
    sending.join()
    assert answers == [204]
    assert other.outcome(at).json()["sha256"] == SHA256


@pytest.mark.parametrize("ticket", ["", "x", "9999999999.abc"])
def test_without_a_ticket_nothing_is_taken(tus: Tus, ticket: str) -> None:
    """Missing and made up: 403 with a sentence, whatever is asked."""
    at = tus.begin(10)
    told = {"Upload-Ticket": ticket}
    refused = [
        tus.create(10, **told), tus.patch(at, 0, b"12345", **told), tus.http.delete(at, headers=told),
        tus.http.get(at, headers=told), tus.http.head(at, headers=told),
    ]  # fmt: skip
    assert {answer.status_code for answer in refused} == {403}
    assert refused[0].json()["message"]
    assert refused[0].json()["hint"]
    assert tus.offset(at) == 0


def test_a_stale_or_foreign_ticket_is_none(tus: Tus, studio: Studio) -> None:
    """One that has expired, and a signature that was given for a file."""
    for ticket in (studio.signer.sign("upload", -1), studio.signer.sign("0" * 64, 60)):
        answer = tus.create(10, **{"Upload-Ticket": ticket})
        assert answer.status_code == 403
        assert "Reload the page" in answer.json()["hint"]


def test_another_sites_page_may_not_upload(tus: Tus, base: str) -> None:
    """Even with a good ticket. Ours may, also behind a proxy that changes the host's name."""
    own = base.removeprefix("http://")
    for origin in ("https://evil.example", f"http://evil.{own}", f"{base}1", "null"):
        assert tus.create(10, Origin=origin).status_code == 403, origin
    assert tus.create(10, **{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert tus.create(10, **{"Origin": "https://evil.example", "Sec-Fetch-Site": "same-site"}).status_code == 403
    assert tus.create(10, Origin=base).status_code == 201
    assert tus.create(10, **{"Origin": "https://film.example", "Sec-Fetch-Site": "same-origin"}).status_code == 201


@pytest.mark.parametrize(
    ("length", "status"), [("", 400), ("-5", 400), ("1e3", 400), ("0", 422), (str((2 << 30) + 1), 413), ("9" * 15, 413)]
)
def test_a_size_that_cannot_be_is_refused_at_once(tus: Tus, studio: Studio, length: str, status: int) -> None:
    """No number, empty, over 2 GB: before a byte is sent, with a sentence, and nothing stays behind."""
    answer = tus.create(length)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert list(studio.store.assets.part().parent.iterdir()) == []


def test_2_gb_are_accepted(tus: Tus, studio: Studio) -> None:
    """Exactly 2 GB may be announced, and take no room before they come."""
    at = tus.begin(2 << 30)
    assert (folder_of(studio, at) / "bytes").stat().st_size == 0


def test_more_bytes_than_announced_are_not_taken(tus: Tus) -> None:
    """A size that lies: nothing of that part stays, whether its own length is said or not."""
    at = tus.begin(10)
    tus.patch(at, 0, b"123")
    assert tus.patch(at, 3, b"x" * 8).status_code == 413
    assert tus.patch(at, 3, iter([b"xxxx", b"xxxx"])).status_code == 413
    assert tus.offset(at) == 3


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../x.mp4", "x.mp4"),
        ("/etc/passwd", "passwd"),
        ("C:\\films\\a b.mp4", "a b.mp4"),
        ("..", "upload"),
        ("", "upload"),
        ("li\x00ne\nbreak\u202e.mp4", "linebreak.mp4"),
        ("ü" * 500, "ü" * 160),
        ("<img src=x onerror=alert(1)>.mp4", "<img src=x onerror=alert(1)>.mp4"),
    ],
)
def test_a_name_is_only_ever_a_name(tus: Tus, studio: Studio, tmp_path: Path, name: str, kept: str) -> None:
    """It is shown, never used as a path: what stands on disk are ids and hashes."""
    assert tus.send(CLIP, name).json()["name"] == kept
    assert studio.asset(SHA256).name == kept
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_relative_to(tmp_path / "data")]
    assert outside == []
    files = {path.name for path in (tmp_path / "data").rglob("*") if path.is_file()}
    assert not [path for path in files if "x.mp4" in path or "passwd" in path]


@pytest.mark.parametrize(
    ("metadata", "status"), [("filename", 201), ("", 201), ("filename ?", 400), ("filename /w==", 400)]
)
def test_metadata_may_be_missing_and_is_refused_when_broken(tus: Tus, metadata: str, status: int) -> None:
    """No base64, or no text in it, is 400."""
    assert tus.create(10, **{"Upload-Metadata": metadata}).status_code == status


@pytest.mark.parametrize(
    "id", ["0" * 24, "0" * 23, "x", "..%2F..%2Fassets", "../front", "a" * 300, "%00", "0" * 20 + "%2f.."]
)
def test_an_unknown_upload_is_not_there(tus: Tus, id: str) -> None:
    """404, whatever the address tries to be."""
    for method in ("HEAD", "GET", "DELETE"):
        assert tus.http.request(method, f"/upload/{id}").status_code == 404, method
    assert tus.patch(f"/upload/{id}", 0, b"x").status_code == 404


def test_what_is_no_media_is_refused_with_the_same_words(tus: Tus, studio: Studio, tmp_path: Path) -> None:
    """A text called .mp4: 422 with what `add_file` says, as often as it is asked, and its bytes are gone."""
    text = b"this is no film\n" * 100
    path = tmp_path / "film.mp4"
    path.write_bytes(text)
    with pytest.raises(BadMedia) as said:
        studio.add_file(path, "film.mp4")
    at = tus.begin(len(text), "film.mp4")
    assert tus.patch(at, 0, text).status_code == 204
    for _ in range(2):
        answer = tus.outcome(at)
        assert answer.status_code == 422
        assert answer.json() == {"message": said.value.message, "hint": said.value.hint}
    assert tus.offset(at) == len(text)
    assert not (folder_of(studio, at) / "bytes").exists()


def test_a_cancelled_upload_leaves_nothing(tus: Tus, studio: Studio) -> None:
    """DELETE frees its room; from then on it was never there. A file that was kept stays."""
    at = tus.begin(10)
    tus.patch(at, 0, b"12345")
    assert tus.http.delete(at).status_code == 204
    assert tus.http.head(at).status_code == 404
    assert list(studio.store.assets.part().parent.iterdir()) == []
    kept = tus.begin(len(CLIP))
    tus.patch(kept, 0, CLIP)
    assert tus.http.delete(kept).status_code == 204
    path = studio.asset(SHA256).path
    assert path is not None
    assert path.is_file()


def test_what_nobody_touches_for_a_day_is_forgotten(tus: Tus, studio: Studio) -> None:
    """It answers 404 with what to do, and the sweep takes it as it takes any part."""
    old, young = tus.begin(10), tus.begin(10)
    tus.patch(old, 0, b"12345")
    folder = folder_of(studio, old)
    then = folder.stat().st_mtime - DAY_S - 1
    os.utime(folder, (then, then))
    answer = tus.patch(old, 5, b"67890")
    assert answer.status_code == 404
    assert answer.json()["hint"] == "Choose the file again."
    desk = type(studio.store.assets)(
        studio.store.database, studio.store.data_dir / "assets", lambda: then + DAY_S + 2, "worker"
    )
    desk.sweep()
    assert not folder.exists()
    assert folder_of(studio, young).exists()


def test_a_file_that_was_cleaned_up_is_sent_again(tus: Tus, studio: Studio) -> None:
    """A finished upload vouches for its file only while that is there."""
    at = tus.begin(len(CLIP))
    tus.patch(at, 0, CLIP)
    assert tus.offset(at) == len(CLIP)
    studio.clean(0)
    assert tus.http.head(at).status_code == 404
    assert tus.send(CLIP).json()["sha256"] == SHA256


def test_the_same_bytes_are_kept_once(tus: Tus, studio: Studio) -> None:
    """Two uploads of one file end in one asset; what the stand-in made is a person's once a person brings it."""
    first, second = tus.send(CLIP, "a.mp4").json(), tus.send(CLIP, "b.mp4").json()
    assert first["sha256"] == second["sha256"]
    assert studio.store.cleaning.storage().files == 1


def test_an_encoded_name_may_hold_anything(tus: Tus) -> None:
    """Metadata beside the name is read over."""
    told = f"filetype {encoded('video/mp4')},filename {encoded('Ünïcode 电影.mp4')},is_confidential"
    assert tus.create(10, **{"Upload-Metadata": told}).status_code == 201
