"""Starting, following and stopping a run without a browser."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from lib.cli.codes import DONE, FAILED, INTERRUPTED, REFUSED, UNCERTAIN
from lib.cli.given import open_files
from lib.cli.reading import chain_at
from lib.errors import DailiesError, InputError, NoSpace
from lib.record import last_files, refusal_record, run_record
from lib.settings import Settings
from lib.store.views import Mode, RunView, StepView
from lib.studio import Studio, price_of


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Starts a run and follows it. A JSON record is printed also of one that could not start."""
    mode: Mode = "live" if options.live else "rehearsal"
    try:
        studio = Studio(settings)
        run_id = _start(studio, options, mode)
    except DailiesError as error:
        print(json.dumps(refusal_record(error, mode=mode), indent=2))
        raise
    return _to_the_end(studio, run_id, options.out)


def _start(studio: Studio, options: argparse.Namespace, mode: Mode) -> str:
    chain = chain_at(options.chain)
    if options.out is not None:
        _make_folder(options.out)
    code = studio.settings.access_code
    return studio.start(
        chain,
        open_files(studio, options.input),
        mode=mode,
        live_pass=studio.unlock(code) if mode == "live" and code else "",
        label="command line",
        accept_unknown_price=options.accept_unknown_price,
        max_usd=options.max_cost,
        after=options.after,
    )


def watch(options: argparse.Namespace, settings: Settings) -> int:
    """Follows a run that was started before."""
    studio = Studio(settings)
    studio.run(options.id)
    if options.out is not None:
        _make_folder(options.out)
    studio.wake()
    return _to_the_end(studio, options.id, options.out)


def cancel(options: argparse.Namespace, settings: Settings) -> int:
    """Asks a run to stop."""
    studio = Studio(settings)
    studio.run(options.id)
    studio.cancel(options.id)
    print("Asked to stop. What the provider says about money stands on the run.", file=sys.stderr)
    return DONE


def answer(options: argparse.Namespace, settings: Settings) -> int:
    """A person's word on a take that waits for it; the run goes on in the worker."""
    studio = Studio(settings)
    code = settings.access_code
    live = studio.run(options.id).mode == "live" and bool(code)
    studio.decide(options.id, options.step, options.answer, live_pass=studio.unlock(code) if live else "")
    print(f"Noted. Follow the run: python -m lib watch {options.id}", file=sys.stderr)
    return DONE


def _to_the_end(studio: Studio, run_id: str, out: Path | None) -> int:
    """Follows the run and prints its record; the exit code."""
    try:
        record = _follow(studio, run_id)
    except KeyboardInterrupt:
        print(
            f"The run goes on without you. Follow it: python -m lib watch {run_id}\n"
            f"Stop it: python -m lib cancel {run_id}",
            file=sys.stderr,
        )
        return INTERRUPTED
    try:
        if out is not None:
            record["files"] = _deliver(studio, run_id, out)
    finally:
        print(json.dumps(record, indent=2))
    return _exit_code(record)


def _follow(studio: Studio, run_id: str) -> dict[str, Any]:
    """Watches until the run ends or waits for a person; the record of it."""
    said: dict[str, str] = {}
    woken = time.monotonic()
    while True:
        run = studio.run(run_id)
        for step in run.steps:
            line = _line(step)
            if said.get(step.id) != line:
                said[step.id] = line
                print(f"{step.id}: {line}", file=sys.stderr, flush=True)
        if run.ended or run.status == "uncertain":
            _say_how_to_answer(run)
            return run_record(studio.store, run)
        if time.monotonic() - woken > 2:
            woken = time.monotonic()
            studio.wake()  # a worker that was killed is started again by whoever still waits
        time.sleep(0.2)


def _line(step: StepView) -> str:
    if step.reused:
        return "kept from before"
    if step.state in ("running", "ready") and step.progress:
        told = step.progress
        percent = f" {told.fraction:.0%}" if told.fraction is not None else ""
        place = f" ({told.queue_position} ahead)" if told.queue_position else ""
        return f"{told.phase}{percent}{place}"
    if step.state == "asking" and step.error:
        return f"waits for you: {step.error['message']}"
    if step.error:
        return f"{step.state}: {step.error['message']} {step.error.get('hint', '')}".strip()
    return str(step.state)


def _say_how_to_answer(run: RunView) -> None:
    for step in run.steps:
        if step.state == "asking":
            again = price_of(step.estimate) if run.mode == "live" else "free"
            command = f"python -m lib answer {run.id} {step.id}"
            print(
                f"{command} accept   (it goes on)\n{command} redo     (another take with another seed: {again})\n"
                f"{command} stop     (the take is kept, nothing more is bought)",
                file=sys.stderr,
            )


def _deliver(studio: Studio, run_id: str, folder: Path) -> list[dict[str, str]]:
    """Copies the files of the chain's last takes; step, output, path and SHA-256 of each."""
    delivered = []
    for step_id, field, sha256 in last_files(studio.run(run_id)):
        source = studio.store.assets.file(sha256)
        to = folder / f"{step_id}-{field}{source.suffix}"
        try:
            shutil.copyfile(source, to)
        except OSError as error:
            raise NoSpace(f"{to} cannot be written: {error.strerror}.", hint="`watch` delivers it again.") from error
        delivered.append({"step": step_id, "output": field, "path": str(to), "sha256": sha256})
    return delivered


def _exit_code(record: dict[str, Any]) -> int:
    if record["status"] == "done":
        return DONE
    if record["status"] == "uncertain":
        return UNCERTAIN
    kinds = {step["error"]["kind"] for step in record["steps"] if step["error"]}
    return REFUSED if "CapReached" in kinds else FAILED


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path} cannot be made: {error.strerror}.", hint="Choose another --out.") from error
