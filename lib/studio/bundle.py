"""A run as one zip: chain, inputs, takes, ledger lines, hashes, a report. The same run gives the same bytes.

The zip is written as a stream, nothing is packed (media is), and files of any size go through in blocks.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from lib.catalog.export import escaped
from lib.chain.files import ASSET
from lib.errors import BadMedia, ChainError, InputError, NotFound
from lib.store import Store
from lib.store.files import full, sync
from lib.store.views import Asset, Purchase, RunView, Take
from lib.store.whole import purchases_of, takes_of
from lib.studio.bundle_form import CHAIN, FORMAT, LEDGER, MANIFEST, REPORT, RUN
from lib.studio.bundle_report import report
from lib.studio.clean_words import Cleaner, by_hash, hashes
from lib.studio.posters import Posters

BLOCK_BYTES = 1 << 20
EARLY = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can say: bytes depend on the run alone, not on when it was handed over."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """What was written: how many files, the size of the whole, and the hash of the manifest, which names all others."""

    path: Path
    files: int
    missing: int
    size_bytes: int
    manifest_sha256: str


def write_bundle(store: Store, run_id: str, out: Path) -> Bundled:
    """Writes the run to `out`, whole or not at all. Raises NotFound, NoSpace, StoreError; ChainError while it runs."""
    run = store.runs.get(run_id)
    if not run.ended:
        raise ChainError("This run has not ended yet.", hint="Wait until it has, or cancel it.")
    made = _Making(store, run)
    part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            digest = made.write(file)
        sync(part)
        os.replace(part, out)  # noqa: PTH105 - the rename is the point
    except OSError as error:
        raise full(error) from error
    finally:
        part.unlink(missing_ok=True)
    return Bundled(out, len(made.assets), len(made.missing), out.stat().st_size, digest)


class _Making:
    """One bundle on its way."""

    def __init__(self, store: Store, run: RunView) -> None:
        self._store = store
        self._run = run
        self._cleaner = Cleaner(store.data_dir)
        self._takes = takes_of(store.database, run.id)
        self._purchases = purchases_of(store.database, run.id)
        self._chain = _with_files(run)
        named = [self._chain, run.inputs and [ASSET + sha256 for sha256 in run.inputs.values()]]
        named += [step.input for step in run.steps] + [
            part for take in self._takes for part in (take.input, take.output)
        ]
        self.assets: dict[str, Asset] = {}
        self.missing: list[str] = []
        for sha256 in dict.fromkeys(hashes(named)):
            self._find(sha256)

    def _find(self, sha256: str) -> None:
        try:
            self._store.assets.file(sha256)
            self.assets[sha256] = self._store.assets.get(sha256)
        except NotFound:
            self.missing.append(sha256)

    def write(self, file: IO[bytes]) -> str:
        """The SHA-256 of the manifest."""
        texts = self._texts()
        manifest = _json(self._manifest(texts))
        with ZipFile(file, "w", ZIP_STORED, allowZip64=True) as zip_file:
            for name, content in {MANIFEST: manifest, **texts}.items():
                zip_file.writestr(_entry(name, len(content)), content)
            for asset in self.assets.values():
                self._copy(zip_file, asset)
        return hashlib.sha256(manifest).hexdigest()

    def _copy(self, zip_file: ZipFile, asset: Asset) -> None:
        source, digest = self._store.assets.file(asset.sha256), hashlib.sha256()
        with source.open("rb") as file, zip_file.open(_entry(_place(asset), asset.size_bytes), "w") as to:
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
                to.write(block)
        if digest.hexdigest() != asset.sha256:
            said = f"{asset.name} is damaged on this disk: its bytes have changed."
            raise BadMedia(said, hint="Run the step that made it again.")

    def _texts(self) -> dict[str, bytes]:
        record, lines = self._cleaner.clean(self._record()), self._cleaner.clean(self._ledger())
        places = {sha256: _place(asset) for sha256, asset in self.assets.items()}
        shown = report(record, lines, self._cleaner.clean(self._about()), self._posters(), places)
        return {CHAIN: _json(self._cleaner.clean(self._chain)), RUN: _json(record), LEDGER: _json(lines),
                REPORT: shown.encode("utf-8", "replace")}  # fmt: skip

    def _manifest(self, texts: Mapping[str, bytes]) -> dict[str, Any]:
        entries = {
            name: {"sha256": hashlib.sha256(text).hexdigest(), "size_bytes": len(text)} for name, text in texts.items()
        }
        entries |= {
            _place(asset): {"sha256": asset.sha256, "size_bytes": asset.size_bytes} for asset in self.assets.values()
        }
        return {
            "dailies_bundle": FORMAT, "run": self._run.id, "mode": self._run.mode, "provenance": _provenance(self._run),
            "entries": entries, "files": self._cleaner.clean(self._about()), "missing": self.missing,
        }  # fmt: skip

    def _about(self) -> dict[str, dict[str, Any]]:
        """What is said of each file, by its hash."""
        return {
            asset.sha256: {"name": asset.name, "kind": asset.kind, "content_type": asset.content_type,
                           "origin": asset.origin, "mode": asset.mode}
            for asset in self.assets.values()
        }  # fmt: skip

    def _record(self) -> dict[str, Any]:
        run = self._run
        steps = [
            {"id": step.id, "operation": step.operation, "state": step.state, "attempt": step.attempt,
             "input": step.input, "estimate": step.estimate, "error": step.error, "started_at": step.started_at,
             "finished_at": step.finished_at}
            for step in run.steps
        ]  # fmt: skip
        return {
            "name": run.name, "mode": run.mode, "inputs": dict(run.inputs), "created_at": run.created_at,
            "finished_at": run.finished_at, "steps": steps, "takes": [_take(take) for take in self._takes],
        }  # fmt: skip

    def _ledger(self) -> list[dict[str, Any]]:
        inputs = {step.id: step.input for step in self._run.steps}
        inputs |= {f"{take.step_id}/{take.attempt}": take.input for take in self._takes}
        return [_line(row, inputs) for row in self._purchases]

    def _posters(self) -> dict[str, str]:
        """A small picture of each file that has one, in base64."""
        desk = Posters(self._store.data_dir / "posters")

        async def all_of() -> dict[str, Path | None]:
            return {sha256: await desk.get(asset) for sha256, asset in self.assets.items()}

        found = asyncio.run(all_of())
        return {sha256: base64.b64encode(path.read_bytes()).decode() for sha256, path in found.items() if path}


def _with_files(run: RunView) -> dict[str, Any]:
    """The run's chain with pasted addresses replaced by the files that were found there, and its inputs named."""
    resolved = {step.id: step.input for step in run.steps}
    steps = [{**step, "input": by_hash(step["input"], resolved.get(step["id"]))} for step in run.chain["steps"]]
    given = run.chain.get("inputs") or {}
    inputs = {
        name: {"kind": wanted["kind"], "asset": run.inputs[name]} if name in run.inputs else wanted
        for name, wanted in given.items()
    }
    return {**run.chain, "inputs": inputs, "steps": steps}


def _take(take: Take) -> dict[str, Any]:
    return {
        "step_id": take.step_id, "attempt": take.attempt, "operation": take.operation, "input": take.input,
        "output": take.output, "sha256": take.sha256, "created_at": take.created_at,
    }  # fmt: skip


def _line(row: Purchase, inputs: Mapping[str, Any]) -> dict[str, Any]:
    attempt = row.key.rpartition("/")[2]
    body = by_hash(row.payload, inputs.get(f"{row.step_id}/{attempt}") or inputs.get(row.step_id))
    money = {name: None if usd is None else str(usd) for name, usd in
             (("reserved_usd", row.reserved_usd), ("cost_usd", row.cost_usd))}  # fmt: skip
    return {
        "step": row.step_id, "attempt": int(attempt), "mode": row.mode, "endpoint": row.endpoint, "body": body,
        "body_sha256": row.payload_sha256, "state": row.state, "request_id": row.request_id, "sends": row.sends,
        "adopted": row.adopted, "sent_at": row.sent_at, "settled_at": row.settled_at, **money,
        "billable_units": row.units, "error": row.error,
    }  # fmt: skip


def _provenance(run: RunView) -> dict[str, str]:
    made = "stand-in models of a rehearsal, which cost nothing" if run.mode == "rehearsal" else "models on fal"
    return {"written_by": "Dailies", "python": platform.python_version(), "takes_by": f"{made}, and cuts by ffmpeg"}


def _place(asset: Asset) -> str:
    return f"files/{asset.sha256}{asset.path.suffix if asset.path else ''}"


def _entry(name: str, size_bytes: int) -> ZipInfo:
    entry = ZipInfo(name, EARLY)
    entry.create_system, entry.external_attr, entry.file_size = 3, 0o100644 << 16, size_bytes
    return entry


def _json(value: Any) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)
    except ValueError as error:
        raise InputError("This run holds a number that no file can hold.", hint="It cannot be bundled.") from error
    return escaped(text).encode("utf-8")
