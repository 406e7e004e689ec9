"""`cut`: local ffmpeg work on files, without a run: the same cuts as in chains, with their proof."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lib.catalog import CUTS
from lib.catalog.form import FieldSpec, fields, ignored_now
from lib.catalog.operation import Cut, media_given
from lib.chain.programs.cutting import MEDIA, option_name
from lib.errors import InputError
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.probe import probe, probe_all
from lib.media.smart.running import Progress
from lib.media.work import MADE_SHARE, carry_out
from lib.settings import Settings

KINDS = {"video": "a clip", "image": "a picture", "audio": "a sound", "scene": "a 3D scene", "other": "another file"}
SAME = {".jpeg": ".jpg", ".jpe": ".jpg"}  # endings that mean another one
TABLES = ("shown_at_s", "key_frames")


def add_cuts(parser: argparse.ArgumentParser) -> None:
    """A subcommand for each cut, its options read off the cut's fields."""
    kinds = parser.add_subparsers(required=True, metavar="CUT")
    for cut in CUTS.values():
        assert isinstance(cut, Cut)
        one = kinds.add_parser(cut.id.removeprefix("cut/"), help=cut.about, description=cut.about)
        nargs = "+" if _media(cut) else "*"
        one.add_argument("files", nargs=nargs, type=Path, metavar="FILE", help=", ".join(_media_titles(cut)))
        endings = ", ".join(cut.endings.values()) or cut.suffix
        result = f"an empty folder for the results ({endings})" if cut.many else f"the result ({endings})"
        one.add_argument("--out", type=Path, required=True, metavar="DIR" if cut.many else "FILE", help=result)
        if not cut.many:
            one.add_argument("--force", action="store_true", help="replace the result where there is one already")
        for spec in fields(cut.input):
            if spec.kind not in MEDIA:
                one.add_argument(option_name(spec), dest=spec.name, help=spec.help, **_kind(spec))
            for inner in spec.item:  # of a list of objects, the only one can be given field by field
                about = f"{inner.help} (a single {option_name(spec)})"
                one.add_argument(option_name(inner), dest=_inner(spec, inner), help=about, default=None)
        one.set_defaults(command=_cut, cut=cut)


def _inner(spec: FieldSpec, inner: FieldSpec) -> str:
    return f"{spec.name}.{inner.name}"


def _kind(spec: FieldSpec) -> dict[str, Any]:
    if spec.kind == "objects":
        names = ",".join(one.name.upper() for one in spec.item)
        return {"action": "append", "metavar": names, "type": lambda text: _object(spec, text)}
    if spec.kind == "boolean":
        return {"action": argparse.BooleanOptionalAction, "default": None}
    return {"choices": list(spec.choices), "default": None} if spec.choices else {"default": None}


def _object(spec: FieldSpec, text: str) -> dict[str, str]:
    """An object whose fields are written one after the other, with commas; an empty one is not given."""
    values = text.split(",")
    if len(values) > len(spec.item):
        raise argparse.ArgumentTypeError(f"{text!r} has more than {len(spec.item)} values")
    return {one.name: value for one, value in zip(spec.item, values, strict=False) if value}


def _media_titles(cut: Cut) -> Iterator[str]:
    return (f"{spec.title.lower()}{' …' if spec.kind == 'media_list' else ''}" for spec in _media(cut))


def _media(cut: Cut) -> list[FieldSpec]:
    return [spec for spec in fields(cut.input) if spec.kind in MEDIA]


def _cut(options: argparse.Namespace, settings: Settings) -> int:
    print(json.dumps(asyncio.run(_make(options.cut, options)), indent=2))
    return 0


async def _make(cut: Cut, options: argparse.Namespace) -> dict[str, Any]:
    values = _values(cut, options)
    made = cut.validate(values)
    _refuse_void(cut, values)
    files: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    for path, name, mark in media_given(made):
        found = await probe(Path(name))
        if found.kind != mark.kind and not (mark.kind == "audio" and found.has_sound):
            raise _unfit(cut, Path(name), found, mark.kind)
        _put(files, path, Path(name))
        _put(facts, path, found)
    ending, told = cut.ending(made), _tell if sys.stderr.isatty() else None
    if cut.many:
        out = _folder(options)
        work = cut.build(made, files, facts, out / f"%04d{ending}")
        _make_folder(out)
        progress = Progress(told)
        said = await carry_out(work, on_progress=progress.between(0, MADE_SHARE))
        paths = sorted(out.iterdir())
        every = await probe_all(paths, on_progress=progress.between(MADE_SHARE, 1))
        results = [{"file": path.name, "facts": _short(found)} for path, found in zip(paths, every, strict=True)]
        return {"cut": cut.id, "folder": str(options.out), "files": results, **said}
    out = _out(ending, options)
    with private_folder(out.parent) as folder:
        work = cut.build(made, files, facts, folder / f"made{ending}")
        said = await carry_out(work, on_progress=told)
        (folder / f"made{ending}").replace(out)
    return {"cut": cut.id, "file": str(options.out), "facts": _short(await probe(out)), **said}


def _unfit(cut: Cut, path: Path, found: Facts, wanted: str) -> InputError:
    if cut.id == "cut/extract-sound" and found.kind == "audio":
        return InputError(f"{path.name} is a sound already.", hint="Use it as it is.")
    said = f"{path.name} is {KINDS[found.kind]}, and {cut.title} takes {KINDS[wanted]}."
    return InputError(said, hint=f"Choose {KINDS[wanted]}.")


def _short(facts: Facts) -> dict[str, Any]:
    """The facts but for the tables, which are as long as the clip."""
    return {name: value for name, value in facts.as_json().items() if name not in TABLES}


def _tell(fraction: float) -> None:
    print(f"\r{fraction:4.0%}", end="\n" if fraction >= 1 else "", file=sys.stderr, flush=True)


def _refuse_void(cut: Cut, values: Mapping[str, Any]) -> None:
    """Raises InputError for an option that was given and would have no effect beside the others."""
    specs = fields(cut.input)
    shown = {spec.name: values.get(spec.name, spec.default) for spec in specs}
    void = {spec.name: why for spec in specs if spec.name in values and (why := ignored_now(spec, shown))}
    if void:
        names = ", ".join(option_name(spec) for spec in specs if spec.name in void)
        raise InputError(f"{names} has no effect here.", hint="Leave it out, or give what it belongs to.", fields=void)


def _folder(options: argparse.Namespace) -> Path:
    out: Path = options.out.absolute()
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError("The results need an empty folder.", hint="Choose a new name for --out.")
    return out


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} cannot be made: {error.strerror}.", hint="Choose another --out.") from error


def _out(ending: str, options: argparse.Namespace) -> Path:
    out: Path = options.out.absolute()
    suffix = out.suffix.lower()
    if SAME.get(suffix, suffix) != ending:
        raise InputError(f"The result is a {ending} file.", hint=f"Name it {out.with_suffix(ending).name}.")
    if not out.parent.is_dir():
        raise InputError(f"There is no folder {out.parent.name}.", hint="Make it first, or choose another --out.")
    if out.exists() and any(out.samefile(path) for path in options.files):
        raise InputError("The result would overwrite its source.", hint="Choose another name for --out.")
    if out.is_dir():
        raise InputError(f"{out.name} is a folder.", hint="Choose another name for --out.")
    if out.exists() and not options.force:
        raise InputError(f"{out.name} exists already.", hint="Choose another name for --out, or add --force.")
    return out


def _values(cut: Cut, options: argparse.Namespace) -> dict[str, Any]:
    """The cut's input: files fill its media fields in order, the last list takes what is left."""
    values = {spec.name: _value(spec, options) for spec in fields(cut.input) if spec.kind not in MEDIA}
    left = [str(path.absolute()) for path in options.files]
    missing = next((name for name in left if not Path(name).is_file()), None)
    if missing is not None:
        raise InputError(f"There is no file {missing}.", hint="Check its name.")
    for spec in _media(cut):
        values[spec.name] = left if spec.kind == "media_list" else (left.pop(0) if left else None)
        left = [] if spec.kind == "media_list" else left
    if left:
        raise InputError(f"{left[0]} is one file too many.", hint=f"Takes: {', '.join(_media_titles(cut))}.")
    return {name: value for name, value in values.items() if value is not None}


def _value(spec: FieldSpec, options: argparse.Namespace) -> Any:
    """What was given for that field; None where nothing was."""
    given = getattr(options, spec.name)
    single = {inner.name: text for inner in spec.item if (text := getattr(options, _inner(spec, inner))) is not None}
    if single and given:
        names = " and ".join(f"--{name}" for name in single)
        raise InputError(
            f"{names} and {option_name(spec)} exclude each other.", hint=f"Give each part with {option_name(spec)}."
        )
    return [single] if single else given


def _put(into: dict[str, Any], path: str, value: Any) -> None:
    """A list field's files as a list: "video_urls.1" is the second of video_urls."""
    name, dot, _ = path.partition(".")
    if dot:
        into.setdefault(name, []).append(value)
    else:
        into[name] = value
