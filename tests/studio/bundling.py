"""A finished run to hand over, and bundles taken apart and put together again, honestly or not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from lib.chain.model import make_chain
from lib.ledger.ledger import payload_hash
from lib.store.purchases import Order
from lib.store.views import Mode, Take, Ticket
from lib.studio import Studio

SIGNED = "https://user:pass@files.example/in/voice.wav?X-Amz-Signature=5ecre7&e=1#part"
EXTEND, LIPSYNC, TRIM = "fal-ai/pixverse/extend/fast", "fal-ai/pixverse/lipsync", "cut/trim"
Entries = dict[str, bytes]


def finished_run(studio: Studio, *, mode: Mode = "rehearsal", prompt: str = "the rabbit looks up") -> str:
    """Three steps with takes; the sound was pasted as a signed address, and the first step was tried twice."""
    video, voice, picture = (studio.add_sample(name).sha256 for name in ("bunny.mp4", "speech.wav", "portrait.jpg"))
    steps: list[dict[str, Any]] = [
        {"id": "extend", "operation": EXTEND, "input": {"video_url": "$inputs.video", "prompt": prompt}},
        {"id": "lipsync", "operation": LIPSYNC, "input": {"video_url": "$extend.video", "audio_url": SIGNED}},
        {"id": "trim", "operation": TRIM, "input": {"video_url": "$lipsync.video", "end_s": 1}},
    ]
    inputs = {"video": {"kind": "video", "sample": "bunny.mp4"}}
    chain = make_chain({"name": "Hello <b>& goodbye", "inputs": inputs, "steps": steps})
    rows = [(step.id, step.operation, sorted(step.needs()), {"unknown": "no page"}) for step in chain.steps]
    run_id = studio.store.runs.create(
        chain.model_dump(exclude_none=True), rows, mode=mode, inputs={"video": video}, name=chain.name
    )
    first = Ticket(run_id, "extend", 1, 0)
    given = {"video_url": f"asset:{video}", "prompt": prompt, "seed": 7}
    _finish(studio, first, EXTEND, mode, given, picture)
    _done(studio, Ticket(run_id, "lipsync", 1, 0), LIPSYNC, mode,
          {"video_url": f"asset:{video}", "audio_url": f"asset:{voice}"}, video)  # fmt: skip
    _done(studio, Ticket(run_id, "trim", 1, 0), TRIM, mode, {"video_url": f"asset:{video}", "end_s": 1}, video)
    return run_id


def _finish(studio: Studio, ticket: Ticket, made: str, mode: Mode, given: dict[str, Any], sha256: str) -> None:
    """Failed at first, with a sentence that says too much; then done."""
    store = studio.store
    store.runs.begin(ticket, given)
    said = f"Nothing at {SIGNED}; see {studio.settings.data_dir}/worker.log"
    store.runs.fail(ticket, {"kind": "BadMedia", "message": said, "hint": ""})
    store.runs.retry(ticket, new_attempt=True)
    _done(studio, replace(ticket, attempt=2), made, mode, given, sha256)


def _done(studio: Studio, ticket: Ticket, made: str, mode: Mode, given: dict[str, Any], sha256: str) -> None:
    store = studio.store
    store.runs.begin(ticket, given)
    if not made.startswith("cut/"):
        _buy(studio, ticket, made, mode, given)
    output = {"video": {"url": f"{SIGNED}&take=1", "asset": sha256}, "seed": 7}
    take = Take(
        f"{ticket.run_id[:20]}{ticket.step_id}", ticket.run_id, ticket.step_id, ticket.attempt, made, mode, given,
        output, sha256, 1_700_000_000.0,
    )  # fmt: skip
    store.runs.finish(ticket, take)


def _buy(studio: Studio, ticket: Ticket, made: str, mode: Mode, given: dict[str, Any]) -> None:
    body = {name: SIGNED if str(value).startswith("asset:") else value for name, value in given.items()}
    kept = studio.store.purchases
    kept.open(Order(ticket, mode, made, body, payload_hash(body), Decimal("0.30")), day_cap_usd=Decimal(100))
    at = f"https://queue.fal.run/{made}/requests/{ticket.step_id}"
    kept.accept(ticket.key, f"request-{ticket.step_id}", (f"{at}/status?t=1", at, f"{at}/cancel"))
    kept.keep_output(ticket.key, {"video": {"url": SIGNED}}, Decimal("0.30"), "1")


def read(path: Path) -> Entries:
    with ZipFile(path) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def rewritten(path: Path, to: Path, change: Callable[[Entries, dict[str, Any]], None]) -> Path:
    """The bundle changed by whoever knows how a manifest is made: hashes and sizes are put right afterwards."""
    entries = read(path)
    manifest = json.loads(entries.pop("manifest.json"))
    change(entries, manifest)
    manifest["entries"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        for name, content in entries.items()
    }
    return write(to, {"manifest.json": json.dumps(manifest).encode(), **entries})


def write(to: Path, entries: Entries, packing: int = ZIP_STORED) -> Path:
    with ZipFile(to, "w", packing) as bundle:
        for name, content in entries.items():
            bundle.writestr(name, content)
    return to
