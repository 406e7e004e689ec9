"""The command line: what can be asked of it. Progress goes to stderr, results to stdout."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from lib.cli.codes import DONE, FAILED, INTERRUPTED, REFUSED, USAGE
from lib.errors import (
    AccessRefused,
    CapReached,
    ChainError,
    DailiesError,
    InputError,
    MediaError,
    MissingKey,
    NoSpace,
    NotFound,
    SettingsError,
)
from lib.settings import Settings, load_settings

HOW_IT_WAS_CALLED = (InputError, ChainError, MediaError, NotFound, MissingKey, AccessRefused)
"""Errors before a run exists that are about the call: its chain, its files, its permission."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code of one command."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = _parser(given).parse_args(given)
        command: Callable[[argparse.Namespace, Settings], int] = options.command
        return command(options, load_settings())
    except DailiesError as error:
        return _say(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough, as `head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib", description="Chain hosted video models and local cuts.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run a chain to its end and print a JSON record")
    run.add_argument("chain", help="a chain as JSON ('-' reads it from standard input)")
    run.add_argument("--input", action="append", default=[], metavar="NAME=PATH", help="a file for an input")
    run.add_argument("--out", type=Path, metavar="DIR", help="where the last takes are put")
    run.add_argument("--live", action="store_true", help="buy from fal, with FAL_KEY, instead of rehearsing")
    run.add_argument("--accept-unknown-price", action="store_true", help="go on where no price is published")
    run.add_argument("--max-cost", type=_dollars, metavar="USD", help="refuse what may cost more")
    run.add_argument("--after", action="append", default=[], metavar="RUN", help="make only what this run has not made")
    run.set_defaults(command=_run)

    for name, said, command in (
        ("check", "say what of a chain does not fit, before anything is sent", _check),
        ("price", "say what a chain may cost, before anything is sent", _price),
    ):
        one = commands.add_parser(name, help=said)
        one.add_argument("chain", help="a chain as JSON ('-' reads it from standard input); its samples count")
        one.add_argument("--input", action="append", default=[], metavar="NAME=PATH", help="a file for an input")
        one.add_argument("--json", action="store_true", help="as JSON")
        if name == "price":
            one.add_argument("--max-cost", type=_dollars, metavar="USD", help="exit with 4 where it may cost more")
        one.set_defaults(command=command)

    watch = commands.add_parser("watch", help="follow a run that was started before, as `run` does")
    watch.add_argument("id", help="the run's id")
    watch.add_argument("--out", type=Path, metavar="DIR", help="where the last takes are put")
    watch.set_defaults(command=_watch)

    cancel = commands.add_parser("cancel", help="ask a run to stop")
    cancel.add_argument("id", help="the run's id")
    cancel.set_defaults(command=_cancel)

    answer = commands.add_parser("answer", help="say what becomes of a take that waits for your decision")
    answer.add_argument("id", help="the run's id")
    answer.add_argument("step", help="the step's id")
    answer.add_argument("answer", choices=["accept", "redo", "stop"], help="go on, make another take, or end here")
    answer.set_defaults(command=_answer)

    preset = commands.add_parser("preset", help="print a chain that comes with Dailies")
    which = preset.add_mutually_exclusive_group(required=True)
    which.add_argument("name", nargs="?", help="the preset's name")
    which.add_argument("--list", action="store_true", help="the names, one a line")
    preset.set_defaults(command=_preset)

    catalog = commands.add_parser("catalog", help="the endpoints and their fields")
    catalog.add_argument("--json", action="store_true", help="with JSON Schemas")
    catalog.set_defaults(command=_catalog)

    standin = commands.add_parser("standin", help="the server that rehearsals run on, on 127.0.0.1")
    standin.add_argument("--port", type=int, default=0, help="0 keeps the folder's port")
    standin.add_argument("--folder", type=Path, help="where it keeps requests, files and its bill")
    standin.set_defaults(command=_standin)

    cut = commands.add_parser("cut", help="trim, join, take a frame or lay a sound: here, free, with proof")
    if given[:1] == ["cut"]:
        from lib.cli.cutting import add_cuts  # noqa: PLC0415 - its options need the whole catalog

        add_cuts(cut)

    _add_handing(commands)
    commands.add_parser("worker", help="the process that does the work").set_defaults(command=_worker)
    return parser


def _add_handing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """What hands a chain or a run over, and takes one in."""
    export = commands.add_parser("export", help="write a chain as a program, a fal workflow or a chain file")
    export.add_argument("chain", help="a chain as JSON ('-' reads it from standard input), or a run's id")
    export.add_argument("--as", dest="form", required=True, choices=["python", "javascript", "workflow", "chain"])
    export.add_argument("-o", "--out", type=Path, metavar="OUT", help="the file to write instead of printing it")
    bundle = commands.add_parser("bundle", help="put a run into one zip: chain, files, takes, costs, a report")
    bundle.add_argument("run", help="the run's id")
    bundle.add_argument("out", type=Path, metavar="OUT.zip", help="the file to write")
    opened = commands.add_parser("open", help="check a bundle and put it beside the own runs; no key, no cost")
    opened.add_argument("bundle", type=Path, help="the zip")
    schema = commands.add_parser("schema", help="print the JSON Schema of chain files")
    for name, parser in (("export", export), ("bundle", bundle), ("open_", opened), ("schema", schema)):
        if name != "schema":
            parser.add_argument("--json", action="store_true", help="say the result as JSON")
        parser.set_defaults(command=_handing, handing=name)


def _handing(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli import handing  # noqa: PLC0415 - a command pays for what it uses

    command: Callable[[argparse.Namespace, Settings], int] = getattr(handing, options.handing)
    return command(options, settings)


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli.running import run  # noqa: PLC0415 - a command pays for what it uses

    return run(options, settings)


def _check(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli.checking import check  # noqa: PLC0415

    return check(options, settings)


def _price(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli.checking import cost  # noqa: PLC0415

    return cost(options, settings)


def _watch(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli.running import watch  # noqa: PLC0415

    return watch(options, settings)


def _cancel(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli.running import cancel  # noqa: PLC0415

    return cancel(options, settings)


def _answer(options: argparse.Namespace, settings: Settings) -> int:
    from lib.cli.running import answer  # noqa: PLC0415

    return answer(options, settings)


def _preset(options: argparse.Namespace, settings: Settings) -> int:
    from lib.chain import presets  # noqa: PLC0415

    if options.list:
        print("\n".join(presets.NAMES))
    else:
        print(presets.preset(options.name).model_dump_json(indent=2, exclude_none=True))
    return DONE


def _catalog(options: argparse.Namespace, settings: Settings) -> int:
    from lib.catalog import ENDPOINTS, catalog_json  # noqa: PLC0415

    if options.json:
        print(json.dumps(catalog_json(), indent=2))
    else:
        guess = "\tthe id is a guess"
        print("\n".join(f"{one.id}\t{one.title}{guess if one.guessed else ''}" for one in ENDPOINTS.values()))
    return DONE


def _standin(options: argparse.Namespace, settings: Settings) -> int:
    from lib.standin.process import serve  # noqa: PLC0415

    serve(options.folder or settings.standin_dir, options.port)
    return DONE


def _worker(options: argparse.Namespace, settings: Settings) -> int:
    from lib.worker.process import serve  # noqa: PLC0415

    return serve(settings)


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError("write an amount such as 2.50") from error
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError("write an amount of 0 or more")
    return amount


def _say(error: DailiesError) -> int:
    """Tells what is wrong and what to do; the exit code."""
    print(error.message, error.hint, sep="\n" if error.hint else "", file=sys.stderr)
    for field, message in getattr(error, "fields", {}).items():
        if message not in error.message:  # once is enough
            print(f"  {field}: {message}", file=sys.stderr)
    if isinstance(error, CapReached):
        return REFUSED
    asked = isinstance(error, HOW_IT_WAS_CALLED) or type(error) is SettingsError
    return USAGE if asked and not isinstance(error, NoSpace) else FAILED
