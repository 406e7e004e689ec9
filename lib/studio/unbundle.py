"""Opening a bundle: every byte is checked before anything is kept; it needs no key and costs nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from lib.chain.model import Chain, make_chain
from lib.errors import InputError, NoSpace, NotFound
from lib.media.facts import Facts
from lib.store import Store
from lib.store.files import full
from lib.store.views import Mode
from lib.store.whole import put_run
from lib.studio.bundle_form import (
    CHAIN,
    LABEL,
    MANIFEST,
    MOST_BYTES,
    RUN,
    TEXTS,
    BundledRun,
    KeptFile,
    Manifest,
)
from lib.studio.bundle_zip import HINT, Packed, opened
from lib.studio.clean_words import hashes
from lib.studio.intake import look_at

SPARE_BYTES = 64 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """What came of it. `new` is False where the same bundle had been opened before."""

    run_id: str
    name: str
    mode: Mode
    new: bool
    files: int
    takes: int
    missing: int
    manifest_sha256: str


def open_bundle(store: Store, path: Path) -> Opened:
    """Checks the bundle whole, then puts chain, inputs and takes into the store as a run of its own.

    Raises InputError with one sentence for anything that is not a whole, honest bundle, or BadMedia, NoSpace,
    StoreError; then nothing is kept.
    """
    with opened(path) as packed, _desk(store) as desk:
        manifest, digest = _manifest(packed.text(MANIFEST))
        _require_as_listed(packed, manifest)
        _require_room(desk, manifest)
        texts = {name: packed.text(name, manifest.entries[name].sha256) for name in TEXTS}
        run, chain = _run(texts[RUN]), make_chain(_json(texts[CHAIN]))
        _require_whole(run, chain, manifest)
        parts = {sha256: packed.unpack(name, desk / sha256) for sha256, name in packed.files().items()}
        facts = {sha256: look_at(part, manifest.files[sha256].name) for sha256, part in parts.items()}
        for sha256, part in parts.items():
            _keep(store, part, sha256, facts[sha256], manifest.files[sha256])
        new = _put(store, run, chain, digest)
    return Opened(digest[:32], run.name, run.mode, new, len(parts), len(run.takes), len(manifest.missing), digest)


@contextmanager
def _desk(store: Store) -> Iterator[Path]:
    """A folder for what is not checked yet, on the store's own disk."""
    desk = store.assets.part()
    try:
        desk.mkdir()
        yield desk
    except OSError as error:
        raise full(error) from error
    finally:
        shutil.rmtree(desk, ignore_errors=True)


def _manifest(text: bytes) -> tuple[Manifest, str]:
    values = _json(text)
    if isinstance(values, dict) and isinstance(values.get("dailies_bundle"), int) and values["dailies_bundle"] > 1:
        raise InputError("This bundle was written by a newer Dailies.", hint="Update Dailies, then open it again.")
    try:
        return Manifest.model_validate(values), hashlib.sha256(text).hexdigest()
    except ValidationError as error:
        raise InputError("This bundle's list of files is not one.", hint=HINT) from error


def _require_as_listed(packed: Packed, manifest: Manifest) -> None:
    """Nothing more and nothing less than the manifest says, by name, size and hash."""
    listed = {name: entry.size_bytes for name, entry in manifest.entries.items()}
    files = {sha256: manifest.entries[name].sha256 for sha256, name in packed.files().items() if name in listed}
    if len(files) + len(TEXTS) != len(listed):
        raise InputError("This bundle holds two files of one name.", hint=HINT)
    if listed != packed.sizes() or files.keys() != manifest.files.keys() or any(a != b for a, b in files.items()):
        raise InputError("This bundle's files are not those that it lists.", hint=HINT)


def _require_room(desk: Path, manifest: Manifest) -> None:
    total = sum(entry.size_bytes for entry in manifest.entries.values())
    if total > MOST_BYTES:
        raise InputError("This bundle is larger than 256 GB.", hint="Bundle a shorter chain.")
    if total + SPARE_BYTES > shutil.disk_usage(desk).free:
        raise NoSpace("There is not enough room for this bundle.", hint="Free some space in Settings, then try again.")


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("This bundle holds a list that cannot be read.", hint=HINT) from error


def _run(text: bytes) -> BundledRun:
    try:
        return BundledRun.model_validate(_json(text))
    except (ValidationError, RecursionError) as error:
        raise InputError("This bundle's run cannot be read.", hint=HINT) from error


def _require_whole(run: BundledRun, chain: Chain, manifest: Manifest) -> None:
    """The run is one of that chain, and names no file that is neither here nor known to be missing."""
    steps = {step.id: step for step in run.steps}
    made = {(take.step_id, take.attempt) for take in run.takes}
    fits = (
        [(step.id, step.operation) for step in run.steps] == [(step.id, step.operation) for step in chain.steps]
        and len(made) == len(run.takes)
        and all(take.step_id in steps and take.attempt <= steps[take.step_id].attempt for take in run.takes)
        and all((step.id, step.attempt) in made for step in run.steps if step.state == "done")
        and run.mode == manifest.mode
    )
    if not fits:
        raise InputError("This bundle's run does not belong to its chain.", hint=HINT)
    values = [chain.model_dump(), [step.input for step in run.steps], [[take.input, take.output] for take in run.takes]]
    named = {*run.inputs.values(), *hashes(values), *(take.sha256 for take in run.takes if take.sha256)}
    if not named <= {*manifest.files, *manifest.missing}:
        raise InputError("This bundle lacks a file that its run names.", hint=HINT)


def _keep(store: Store, part: Path, sha256: str, facts: Facts, about: KeptFile) -> None:
    """Known from now on. What the stand-in made stays marked, whatever the bundle says of it."""
    rehearsed = facts.rehearsal or _known_mode(store, sha256) == "rehearsal"
    mode: Mode | None = "rehearsal" if rehearsed else about.mode
    store.assets.keep(part, facts, name=about.name or sha256[:12], origin="bundle", mode=mode, sha256=sha256)


def _known_mode(store: Store, sha256: str) -> Mode | None:
    try:
        return store.assets.get(sha256).mode
    except NotFound:
        return None


def _put(store: Store, run: BundledRun, chain: Chain, digest: str) -> bool:
    """The rows of the run; its ids follow from the manifest, so that a bundle is one run however often it is opened."""
    run_id, needs = digest[:32], {step.id: sorted(step.needs()) for step in chain.steps}
    states = {step.state for step in run.steps}
    row = {
        "id": run_id, "token": f"bundle-{digest[:56]}", "name": run.name, "mode": run.mode, "label": LABEL,
        "chain": chain.model_dump(exclude_none=True), "inputs": run.inputs,
        "status": "done" if states == {"done"} else "failed" if "failed" in states else "cancelled",
        "cancel_requested": False, "accept_unknown_price": False, "max_usd": None,
        "created_at": min(run.created_at, time.time()), "finished_at": run.finished_at or run.created_at,
    }  # fmt: skip
    steps = [
        {**step.model_dump(), "run_id": run_id, "position": place, "needs": needs[step.id], "resume": 0}
        for place, step in enumerate(run.steps)
    ]
    takes = [
        {**take.model_dump(), "run_id": run_id, "mode": run.mode, "id": _take_id(digest, take.step_id, take.attempt),
         "created_at": min(take.created_at, time.time())}
        for take in run.takes
    ]  # fmt: skip
    return put_run(store.database, row, steps, takes)


def _take_id(digest: str, step_id: str, attempt: int) -> str:
    return hashlib.sha256(f"{digest}/{step_id}/{attempt}".encode()).hexdigest()[:32]
