"""Bundles: a run in one zip and back again, nothing of this machine in it, and no harm from anybody else's."""

from __future__ import annotations

import hashlib
import json
import re
import struct
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from lib.chain.check import check
from lib.chain.model import read_chain
from lib.errors import BadMedia, ChainError, DailiesError
from lib.media.samples import sample
from lib.store.library import Wanted
from lib.studio import Studio
from lib.studio.bundle import write_bundle
from lib.studio.unbundle import open_bundle
from tests.studio.bundling import SIGNED, Entries, finished_run, read, rewritten, write
from tests.ui.stage import golden_run, quiet

KEY = "planted-key-7f3a9c:planted-secret-51d0e8"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "here")
    yield made
    made.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Studio]:
    made = quiet(tmp_path / "there")
    yield made
    made.close()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    made, out = quiet(folder / "here"), folder / "out.zip"
    write_bundle(made.store, finished_run(made), out)
    made.close()
    return out


def test_a_run_arrives_elsewhere_whole(studio: Studio, other: Studio, tmp_path: Path) -> None:
    """Chain, inputs, takes, states and files; marked as from a bundle, its mode kept; twice opened is once there."""
    run_id, out = finished_run(studio), tmp_path / "out.zip"
    written = write_bundle(studio.store, run_id, out)
    opened = open_bundle(other.store, out)
    assert (opened.new, opened.files, opened.takes, opened.missing, opened.mode) == (True, 3, 3, 0, "rehearsal")
    assert opened.manifest_sha256 == written.manifest_sha256
    mine, theirs = studio.run(run_id), other.run(opened.run_id)
    assert (theirs.name, theirs.mode, theirs.status, theirs.inputs) == (mine.name, mine.mode, mine.status, mine.inputs)
    assert theirs.label == "from a bundle"
    for one, two in zip(mine.steps, theirs.steps, strict=True):
        assert (one.id, one.state, one.attempt, one.input, one.needs) == (
            two.id,
            two.state,
            two.attempt,
            two.input,
            two.needs,
        )
        assert one.take is not None
        assert two.take is not None
        assert (one.take.sha256, one.take.input) == (two.take.sha256, two.take.input)
    for sha256 in {*mine.inputs.values(), *(step.take.sha256 for step in mine.steps if step.take)}:
        assert other.store.assets.file(str(sha256)).read_bytes() == studio.store.assets.file(str(sha256)).read_bytes()
        assert other.asset(str(sha256)).origin == "bundle"
    again = open_bundle(other.store, out)
    assert (again.new, again.run_id) == (False, opened.run_id)
    assert len(other.runs()) == 1
    assert other.spending().today_usd == 0


def test_what_was_opened_can_be_handed_on(bundle: Path, other: Studio, tmp_path: Path) -> None:
    """A bundle of an opened bundle opens as well, and its chain still fits, with the pasted file in it."""
    opened = open_bundle(other.store, bundle)
    write_bundle(other.store, opened.run_id, tmp_path / "again.zip")
    chain = read_chain(read(tmp_path / "again.zip")["chain.json"].decode())
    assert check(chain) == []
    assert chain.step("lipsync").input["audio_url"].startswith("asset:")


def test_the_same_run_gives_the_same_bytes(studio: Studio, tmp_path: Path) -> None:
    run_id = finished_run(studio)
    digests = set()
    for name in ("one.zip", "two.zip"):
        write_bundle(studio.store, run_id, tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_nothing_of_this_machine_is_in_it(studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, though it stood in a prompt; no signed address, no path, and of a provider only the request's id."""
    monkeypatch.setenv("FAL_KEY", KEY)
    write_bundle(studio.store, finished_run(studio, prompt=f"a rabbit, {KEY}"), tmp_path / "out.zip")
    entries = read(tmp_path / "out.zip")
    texts = b"".join(content for name, content in entries.items() if not name.startswith("files/"))
    whole = (tmp_path / "out.zip").read_bytes()
    for needle in (KEY, *KEY.split(":"), "5ecre7", "user:pass", str(tmp_path), str(Path.home()) + "/"):
        assert needle.encode() not in whole, needle
    assert b"[key]" in texts
    assert b"request-extend" in texts
    assert b"queue.fal.run" not in texts
    assert json.loads(entries["ledger.json"])[0]["body"]["video_url"].startswith("asset:")
    assert SIGNED.encode() not in texts


def test_the_report_reads_by_itself(bundle: Path) -> None:
    """One page: words escaped, posters inside, costs and prompts; no script, no request to anywhere."""
    page = read(bundle)["report.html"].decode()
    assert "Hello &lt;b&gt;&amp; goodbye" in page
    assert "the rabbit looks up" in page
    assert page.count("data:image/jpeg;base64,") >= 4
    assert "Extend a clip (fast)" in page
    links = set(re.findall(r'href="([^"]*)"', page))
    assert links
    assert links <= read(bundle).keys()
    assert not re.search(r"<script|<link|javascript:|https?://|@import|\bon\w+=", page)
    assert "default-src &#x27;none&#x27;" in page


def test_a_run_that_goes_on_is_not_bundled(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(ChainError, match="not ended"):
        write_bundle(studio.store, golden_run(studio), tmp_path / "out.zip")
    assert list(tmp_path.glob("*.zip")) == []


def test_what_was_cleaned_up_is_said(studio: Studio, other: Studio, tmp_path: Path) -> None:
    run_id = finished_run(studio)
    studio.clean(0)
    assert write_bundle(studio.store, run_id, tmp_path / "out.zip").missing == 3
    opened = open_bundle(other.store, tmp_path / "out.zip")
    assert (opened.files, opened.missing, opened.takes) == (0, 3, 3)


def test_a_damaged_file_is_not_bundled(studio: Studio, tmp_path: Path) -> None:
    """Bytes that are no longer those of their hash are noticed, and nothing is left of the zip."""
    run_id = finished_run(studio)
    path = studio.store.assets.file(studio.run(run_id).inputs["video"])
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(BadMedia, match="damaged"):
        write_bundle(studio.store, run_id, tmp_path / "out.zip")
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == []


def test_a_rehearsal_never_becomes_live(bundle: Path, studio: Studio, other: Studio, tmp_path: Path) -> None:
    """What is known here as the stand-in's stays so, whatever a rewritten bundle says."""
    video = other.add_sample("bunny.mp4").sha256
    path = other.store.assets.part()
    path.write_bytes(sample("portrait.jpg").read_bytes())
    facts = studio.add_sample("portrait.jpg").facts
    picture = other.store.assets.keep(path, facts, name="made", origin="take", mode="rehearsal").sha256

    def claim(entries: Entries, manifest: dict[str, Any]) -> None:
        for about in manifest["files"].values():
            about["mode"] = "live"

    open_bundle(other.store, rewritten(bundle, tmp_path / "claims.zip", claim))
    assert other.asset(picture).mode == "rehearsal"
    assert other.asset(video).mode is None


def _traversal(entries: Entries, manifest: dict[str, Any]) -> None:
    entries["../evil.mp4"] = b"x"


def _absolute(entries: Entries, manifest: dict[str, Any]) -> None:
    entries["/tmp/evil.mp4"] = b"x"


def _surprise(entries: Entries, manifest: dict[str, Any]) -> None:
    entries["files/readme.txt"] = b"x"


def _unlisted(entries: Entries, manifest: dict[str, Any]) -> None:
    entries[f"files/{'0' * 64}.mp4"] = b"x"


def _wrong_file(entries: Entries, manifest: dict[str, Any]) -> None:
    name = next(name for name in entries if name.startswith("files/"))
    entries[name] = entries[name][:-1] + b"?"


def _not_media(entries: Entries, manifest: dict[str, Any]) -> None:
    content, run = b"this is no clip", entries["run.json"].decode()
    name = next(name for name in entries if name.endswith(".mp4"))
    old, new = name[6:70], hashlib.sha256(content).hexdigest()
    del entries[name]
    entries[f"files/{new}.mp4"] = content
    for text in ("run.json", "chain.json", "ledger.json", "report.html"):
        entries[text] = entries[text].replace(old.encode(), new.encode())
    manifest["files"][new] = manifest["files"].pop(old)
    assert old in run


def _no_such_take(entries: Entries, manifest: dict[str, Any]) -> None:
    run = json.loads(entries["run.json"])
    run["takes"].pop()
    entries["run.json"] = json.dumps(run).encode()


def _other_chain(entries: Entries, manifest: dict[str, Any]) -> None:
    chain = json.loads(entries["chain.json"])
    chain["steps"].pop()
    entries["chain.json"] = json.dumps(chain).encode()


def _file_that_lacks(entries: Entries, manifest: dict[str, Any]) -> None:
    run = json.loads(entries["run.json"])
    run["inputs"]["video"] = "0" * 64
    entries["run.json"] = json.dumps(run).encode()


def _deep(entries: Entries, manifest: dict[str, Any]) -> None:
    entries["run.json"] = b"[" * 200_000


def _no_price(entries: Entries, manifest: dict[str, Any]) -> None:
    run = json.loads(entries["run.json"])
    run["steps"][0]["estimate"] = {"low_usd": "x", "high_usd": "1", "source": "", "seen": "2026-01-01"}
    entries["run.json"] = json.dumps(run).encode()


def _newer(entries: Entries, manifest: dict[str, Any]) -> None:
    manifest["dailies_bundle"] = 2


def _mode_changed(entries: Entries, manifest: dict[str, Any]) -> None:
    manifest["mode"] = "live"


REWRITTEN: dict[str, tuple[Callable[[Entries, dict[str, Any]], None], str]] = {
    "traversal": (_traversal, "does not belong"),
    "absolute path": (_absolute, "does not belong"),
    "another file": (_surprise, "does not belong"),
    "unlisted file": (_unlisted, "not those that it lists"),
    "wrong bytes": (_wrong_file, "not those that it lists"),
    "no media": (_not_media, "not a video, picture or sound"),
    "take left out": (_no_such_take, "does not belong to its chain"),
    "other chain": (_other_chain, "does not belong to its chain"),
    "file left out": (_file_that_lacks, "lacks a file"),
    "nested too deep": (_deep, "cannot be read"),
    "no price": (_no_price, "run cannot be read"),
    "newer": (_newer, "newer Dailies"),
    "mode changed": (_mode_changed, "does not belong to its chain"),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_rewritten_bundle_is_refused(bundle: Path, other: Studio, tmp_path: Path, name: str) -> None:
    """One sentence, and nothing is kept."""
    change, said = REWRITTEN[name]
    refused(other, rewritten(bundle, tmp_path / "bad.zip", change), said)


def _cut_short(bundle: Path, to: Path) -> None:
    to.write_bytes(bundle.read_bytes()[:-400])


def _end_cut(bundle: Path, to: Path) -> None:
    to.write_bytes(bundle.read_bytes()[:-10])


def _no_zip(bundle: Path, to: Path) -> None:
    to.write_bytes(b"\x00" * 1000)


def _empty(bundle: Path, to: Path) -> None:
    to.write_bytes(b"")


def _other_zip(bundle: Path, to: Path) -> None:
    write(to, {"manifest.json": b"{}"})


def _bit_flipped(bundle: Path, to: Path) -> None:
    content = bytearray(bundle.read_bytes())
    content[content.index(sample("bunny.mp4").read_bytes()[:64]) + 5000] ^= 1
    to.write_bytes(content)


def _twice(bundle: Path, to: Path) -> None:
    entries = read(bundle)
    with warnings.catch_warnings(), ZipFile(to, "w") as made:
        warnings.simplefilter("ignore")
        for name, content in [*entries.items(), ("run.json", b"{}")]:
            made.writestr(name, content)


def _linked(bundle: Path, to: Path) -> None:
    with ZipFile(to, "w") as made:
        for name, content in read(bundle).items():
            entry = ZipInfo(name)
            entry.create_system, entry.external_attr = 3, (0o120777 if name == "run.json" else 0o100644) << 16
            made.writestr(entry, content)


def _bomb(bundle: Path, to: Path) -> None:
    write(to, read(bundle) | {"report.html": b"0" * (30 << 20)}, ZIP_DEFLATED)


def _packed_oddly(bundle: Path, to: Path) -> None:
    write(to, read(bundle), ZIP_BZIP2)


def _large_manifest(bundle: Path, to: Path) -> None:
    write(to, read(bundle) | {"manifest.json": b" " * (33 << 20)})


def _many(bundle: Path, to: Path) -> None:
    write(to, read(bundle) | {f"files/{number:064x}": b"" for number in range(5100)})


def _says_millions(bundle: Path, to: Path) -> None:
    """Its end says an index of four gigabytes, which a careless reader makes room for."""
    content = bytearray(bundle.read_bytes())
    struct.pack_into("<HI", content, len(content) - 12, 0xFFFE, 0xFFFFFFF0)
    to.write_bytes(content)


def _encrypted(bundle: Path, to: Path) -> None:
    content = bytearray(bundle.read_bytes())
    at = -1
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        content[at + 8] |= 1
    to.write_bytes(content)


def _overlapping(bundle: Path, to: Path) -> None:
    """Every entry of the index leads to the same bytes."""
    content = bytearray(bundle.read_bytes())
    at = content.find(b"PK\x01\x02")
    first = content[at + 42 : at + 46]
    while (at := content.find(b"PK\x01\x02", at + 1)) >= 0:
        content[at + 42 : at + 46] = first
    to.write_bytes(content)


BROKEN: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "cut short": (_cut_short, "cut short"),
    "end cut": (_end_cut, "cut short"),
    "no zip": (_no_zip, "no zip file"),
    "empty": (_empty, "no zip file"),
    "another zip": (_other_zip, "not a bundle"),
    "a bit flipped": (_bit_flipped, "damaged|hash"),
    "one name twice": (_twice, "two files of one name"),
    "a link": (_linked, "a link"),
    "a bomb": (_bomb, "far more than it is"),
    "packed oddly": (_packed_oddly, "packed in a way"),
    "a large manifest": (_large_manifest, "far more than it is"),
    "many files": (_many, "far more files"),
    "millions said": (_says_millions, "far more files"),
    "encrypted": (_encrypted, "encrypted"),
    "overlapping": (_overlapping, "damaged|overlap"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_hostile_zip_is_refused(bundle: Path, other: Studio, tmp_path: Path, name: str) -> None:
    """One sentence, and nothing is kept."""
    make, said = BROKEN[name]
    make(bundle, tmp_path / "bad.zip")
    refused(other, tmp_path / "bad.zip", said)


def refused(studio: Studio, path: Path, said: str) -> None:
    before = set(studio.settings.data_dir.rglob("*"))
    with pytest.raises(DailiesError, match=said) as caught:
        open_bundle(studio.store, path)
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 120
    assert studio.runs() == []
    assert studio.store.assets.find(Wanted(), "video", "image", "audio", "scene", "other")[1] == 0
    assert {one for one in studio.settings.data_dir.rglob("*") if "sqlite-" not in one.name} <= before


def test_a_bundle_that_was_packed_again_opens(bundle: Path, other: Studio, tmp_path: Path) -> None:
    """As an ordinary zip program packs it."""
    assert open_bundle(other.store, write(tmp_path / "again.zip", read(bundle), ZIP_DEFLATED)).new
