"""A cut as a call of `python -m lib cut`: its files in order, everything else as options. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lib.catalog.fields import Input
from lib.catalog.form import FieldSpec, fields, ignored_now
from lib.catalog.operation import Cut
from lib.errors import DoesNotFit, InputError, MediaError
from lib.media.command import Command
from lib.media.facts import Facts

MEDIA = ("media", "media_list")
OUT: Final = object()
"""Stands in a command for the file that it makes."""
UNLIKE = (
    Facts(
        kind="video", content_type="video/mp4", size_bytes=1, container="mov,mp4,m4a,3gp,3g2,mj2", duration_s=5, fps=24,
        frames=120, width=640, height=360, video_codec="h264", pixel_format="yuv420p", audio_codec="aac",
        audio_layout="stereo", sample_rate=48000, channels=2, audio_duration_s=5,
    ),
    Facts(
        kind="video", content_type="video/webm", size_bytes=2, container="matroska,webm", duration_s=7.3, fps=30,
        frames=219, width=641, height=481, video_codec="vp9", pixel_format="yuv420p10le", picture_start_s=0.1,
        audio_codec="opus", audio_layout="mono", sample_rate=44100, channels=1, audio_duration_s=7.1,
    ),
    Facts(
        kind="audio", content_type="audio/wav", size_bytes=3, container="wav", duration_s=9.7, audio_codec="pcm_s16le",
        audio_layout="mono", sample_rate=22050, channels=1, audio_duration_s=9.7,
    ),
)  # fmt: skip
"""Files that have as little in common as can be: a command that is the same for all of them is the same for any."""


@dataclass(frozen=True, slots=True)
class Option:
    """ "--start-s=" and its value: text as it is written, or what the program has by then."""

    name: str
    value: Any = None


def option_name(spec: FieldSpec) -> str:
    """Its name on the command line; of a list of objects each one is given by itself: --part, and again --part."""
    name = spec.name.removesuffix("s") if spec.kind == "objects" else spec.name
    return f"--{name.replace('_', '-')}"


def arguments(made: Cut, body: Mapping[str, Any]) -> tuple[tuple[Any, ...], tuple[Option, ...]]:
    """(files, options) for a body. Raises DoesNotFit for a value that a command line cannot say."""
    specs = fields(made.input)
    files = [body[spec.name] for spec in specs if spec.kind in MEDIA and body.get(spec.name)]
    flat = [one for given in files for one in (given if isinstance(given, list) else [given])]
    shown = {spec.name: body.get(spec.name, spec.default) for spec in specs}
    given = [spec for spec in specs if spec.kind not in MEDIA and spec.name in body and not ignored_now(spec, shown)]
    return tuple(flat), tuple(option for spec in given for option in _options(spec, body[spec.name]))


def _options(spec: FieldSpec, value: Any) -> list[Option]:
    name = option_name(spec)
    if spec.kind == "boolean" and isinstance(value, bool):
        return [Option(name if value else f"--no-{name.removeprefix('--')}")]
    if spec.kind == "objects":
        return [Option(f"{name}=", _object(spec, one)) for one in value]
    return [Option(f"{name}=", value)]


def _object(spec: FieldSpec, values: Mapping[str, Any]) -> str:
    """An object's fields one after the other, with commas, as the command line reads them."""
    written = [str(values.get(one.name, "")) for one in spec.item]
    if any("," in one for one in written):
        raise DoesNotFit(f"{spec.title}: a comma cannot be written on a command line.", hint="Write it without.")
    return ",".join(written).rstrip(",") or ","


def plain_command(made: Cut, valid: Input, body: Mapping[str, Any]) -> tuple[Any, ...]:
    """ffmpeg's words, with the files out of `body` and OUT, where they are the same for every clip; else ()."""
    files, out = {name: Path(f"/{name}") for name in made.media_in()}, Path(f"/out{made.ending(valid)}")
    if made.many or any(isinstance(body.get(name), list | None) for name in files):
        return ()
    found = {work.argv for facts in UNLIKE if (work := _work(made, valid, files, facts, out)) is not None}
    if len(found) != 1:
        return ()
    places: dict[str, Any] = {str(path): body[name] for name, path in files.items()} | {str(out): OUT}
    return tuple(places.get(word, word) for word in found.pop())


def _work(made: Cut, valid: Input, files: Mapping[str, Path], facts: Facts, out: Path) -> Command | None:
    """The command for such files; None where the cut refuses them, or is more than a command."""
    try:
        work = made.build(valid, files, dict.fromkeys(files, facts), out)
    except (InputError, MediaError):
        return None
    return work if isinstance(work, Command) else None
