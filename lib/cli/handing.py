"""Handing over without a browser: chains as programs, the schema of chain files, runs as bundles and back."""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.chain.check import require
from lib.chain.exports import FORMS
from lib.chain.model import Chain, make_chain, read_chain
from lib.chain.schema import chain_schema
from lib.chain.seeds import with_seeds
from lib.cli.codes import DONE
from lib.errors import InputError
from lib.settings import Settings
from lib.store import Store
from lib.store.files import full
from lib.studio.bundle import write_bundle
from lib.studio.unbundle import open_bundle

RUN_ID = re.compile("[0-9a-f]{32}")


def export(options: argparse.Namespace, settings: Settings) -> int:
    """Writes a chain, or that of a run with the seeds that were drawn, in another form."""
    form = FORMS[options.form]
    chain, drawn = _chain(options.chain, settings)
    require(chain)
    text = form.text(with_seeds(chain, drawn, random.Random()) if form.seeded else chain)
    if options.out is not None:
        _write(options.out, text)
    said = {"as": options.form, "file": str(options.out)} if options.out else {"as": options.form, "text": text}
    if options.json:
        print(json.dumps(said, indent=2))
    elif options.out is None:
        sys.stdout.write(text)
    return DONE


def schema(options: argparse.Namespace, settings: Settings) -> int:
    """Prints the JSON Schema of chain files."""
    print(json.dumps(chain_schema(), ensure_ascii=False, indent=2))
    return DONE


def bundle(options: argparse.Namespace, settings: Settings) -> int:
    """Writes a run into one zip."""
    out: Path = options.out.absolute()
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent.name}.", hint="Make it first, or choose another place.")
    store = Store(settings.data_dir)
    made = write_bundle(store, options.run, out)
    _tell(options, {**asdict(made), "path": str(out)}, f"{out.name}: {made.files} files, {made.size_bytes} bytes.")
    return DONE


def open_(options: argparse.Namespace, settings: Settings) -> int:
    """Checks a bundle and puts it beside the own runs."""
    opened = open_bundle(Store(settings.data_dir), options.bundle)
    what = "a live run" if opened.mode == "live" else "a rehearsal"
    known = "" if opened.new else " It had been opened before."
    said = f"Every hash is right. {opened.name}: {what} of {opened.takes} takes, now run {opened.run_id}.{known}"
    _tell(options, asdict(opened), said)
    return DONE


def _chain(named: str, settings: Settings) -> tuple[Chain, Mapping[str, Mapping[str, Any]]]:
    """The chain, and by step what a run of it was given."""
    if RUN_ID.fullmatch(named) and not Path(named).exists():
        run = Store(settings.data_dir).runs.get(named)
        return make_chain(run.chain), {step.id: step.input or {} for step in run.steps}
    try:
        text = sys.stdin.read() if named == "-" else Path(named).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{named} cannot be read as a chain.", hint="Make one with `preset NAME`.") from error
    return read_chain(text), {}


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise full(error) from error


def _tell(options: argparse.Namespace, values: dict[str, Any], words: str) -> None:
    print(json.dumps(values, indent=2) if options.json else words)
