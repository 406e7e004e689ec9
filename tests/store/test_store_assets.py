"""Files: whole or not there, kept once, cleaned without taking what a run needs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from lib.errors import NotFound, StoreError
from lib.media.facts import Facts
from lib.store import Store
from lib.store.secret import Signer
from tests.store.rows import Hands, finish, keep, take_for, ticket_of

FACTS = Facts(kind="video", content_type="video/mp4", size_bytes=3)


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    first, second = keep(store, b"abc"), keep(store, b"abc")
    assert first.sha256 == second.sha256
    assert store.cleaning.storage().files == 1
    assert first.path is not None
    assert first.path.read_bytes() == b"abc"
    assert list((store.data_dir / "incoming").rglob("*.part")) == []


def test_what_the_stand_in_made_is_marked_until_somebody_brings_or_chooses_it(store: Store) -> None:
    """A live run may tell its own files from rehearsed ones, whatever order they came in."""
    made = keep(store, b"take", origin="take", mode="rehearsal")
    assert made.mode == "rehearsal"
    assert keep(store, b"take", origin="take", mode="live").mode == "live"
    assert keep(store, b"take", origin="take", mode="rehearsal").mode == "live"
    other = keep(store, b"other", origin="take", mode="rehearsal")
    assert keep(store, b"other", origin="upload").mode is None
    third = keep(store, b"third", origin="take", mode="rehearsal")
    store.assets.choose(third.sha256)
    assert store.assets.get(third.sha256).mode is None
    assert other.mode == "rehearsal"


def test_sweeping_clears_ones_own_desk_and_old_parts_only(tmp_path: Path, hands: Hands) -> None:
    """A worker that starts takes nothing from under an upload, and is not stopped by a cut's leftover folder."""
    front, worker = Store(tmp_path, clock=hands), Store(tmp_path, clock=hands, desk="worker")
    uploading, forgotten, own = front.assets.part(), front.assets.part(), worker.assets.part(".mp4")
    for path, age_s in ((uploading, 10), (forgotten, 2 * 24 * 3600), (own, 0)):
        path.write_bytes(b"x")
        os.utime(path, (hands() - age_s, hands() - age_s))
    cut = own.parent / ".cut-abc.part"
    cut.mkdir()
    (cut / "half.mp4").write_bytes(b"x")
    own.with_name("whole-name.mp4").write_bytes(b"x")
    assert worker.assets.sweep() == 4
    assert uploading.exists()
    assert not forgotten.exists()
    assert list(own.parent.iterdir()) == []


def test_cleaning_takes_the_oldest_and_never_what_is_needed(store: Store, hands: Hands) -> None:
    """Inputs, takes and files that a step names stay while their run is unfinished; rows always stay."""
    kept = []
    for name in (b"input", b"named", b"taken", b"old", b"new"):
        hands.now_s += 1
        kept.append(keep(store, name))
    given, named, taken, old, _ = kept
    run = store.runs.create(
        {"steps": [{"input": {"video_url": f"asset:{named.sha256}"}}]},
        [("one", "cut/trim", [], {}), ("two", "cut/trim", ["one"], {})],
        mode="rehearsal", inputs={"video": given.sha256}, name="test",
    )  # fmt: skip
    ticket = ticket_of(store, run)
    store.runs.begin(ticket, {})
    store.runs.finish(ticket, take_for(store, ticket, {"videos": [{"asset": taken.sha256}]}))
    assert store.cleaning.clean(len(b"inputnamedtakennew")) == len(b"old")
    assert store.cleaning.clean(0) == len(b"new")
    assert [asset.path is None for asset in map(store.assets.get, (a.sha256 for a in kept))] == [
        False, False, False, True, True,
    ]  # fmt: skip
    with pytest.raises(NotFound, match="cleaned up"):
        store.assets.file(old.sha256)
    finish(store, run, "two")
    assert store.cleaning.clean(0) == len(b"inputnamedtaken")
    assert keep(store, b"old").path is not None
    assert store.assets.file(old.sha256).read_bytes() == b"old"


def test_a_file_that_vanished_is_said(store: Store) -> None:
    asset = keep(store, b"abc")
    assert asset.path is not None
    asset.path.unlink()
    with pytest.raises(NotFound, match="cleaned up"):
        store.assets.file(asset.sha256)


def test_a_part_that_is_not_there_is_said_in_words(store: Store) -> None:
    with pytest.raises(StoreError, match="cannot be stored"):
        store.assets.keep(store.assets.part(), FACTS, name="x", origin="upload", sha256="0" * 64)


def test_addresses_are_per_mode_provider_and_age(store: Store, hands: Hands) -> None:
    sha256 = keep(store, b"abc").sha256
    store.assets.set_address(sha256, "rehearsal", "http://here", "http://here/f/1")
    since = hands() - 10
    assert store.assets.address(sha256, "rehearsal", "http://here", not_before=since) == "http://here/f/1"
    assert store.assets.address(sha256, "live", "http://here", not_before=since) is None
    assert store.assets.address(sha256, "rehearsal", "http://there", not_before=since) is None
    assert store.assets.address(sha256, "rehearsal", "http://here", not_before=hands() + 1) is None
    found = store.assets.at_address("rehearsal", "http://here", "http://here/f/1")
    assert found is not None
    assert found.sha256 == sha256
    assert store.assets.at_address("live", "http://here", "http://here/f/1") is None


def test_a_signature_is_ours_for_this_text_and_in_time(tmp_path: Path, hands: Hands) -> None:
    signer, other = Signer(tmp_path / "a", clock=hands), Signer(tmp_path / "b", clock=hands)
    signed = signer.sign("text", 60)
    assert signer.valid("text", signed)
    assert Signer(tmp_path / "a", clock=hands).valid("text", signed)
    assert not signer.valid("other", signed)
    assert not other.valid("text", signed)
    assert not any(signer.valid("text", bad) for bad in ("", ".", "x.y", f"9{signed}", signed[:-1]))
    hands.now_s += 61
    assert not signer.valid("text", signed)
    assert stat.S_IMODE((tmp_path / "a" / "secret").stat().st_mode) == 0o600


def test_a_clean_up_takes_rehearsals_first_and_counts_what_was_paid(store: Store) -> None:
    """Of a paid, a brought and a rehearsed file the rehearsed one goes first, however new; the plan says so before."""
    kept = {}
    for mode, origin in (("live", "take"), (None, "upload"), ("rehearsal", "take")):
        part = store.assets.part()
        part.write_bytes(f"{mode} {origin}".encode())
        facts = Facts(kind="other", content_type="text/plain", size_bytes=part.stat().st_size)
        kept[mode] = store.assets.keep(part, facts, name="a", origin=origin, mode=mode)
    total = store.cleaning.storage().size_bytes
    assert store.cleaning.plan(total).files == 0
    assert store.cleaning.plan(0).paid_takes == 1
    assert store.cleaning.clean(total - 1) == kept["rehearsal"].size_bytes
    assert store.assets.get(kept["rehearsal"].sha256).path is None
    assert store.assets.get(kept["live"].sha256).path is not None
