"""The files that a body names: found among the stand-in's own, or decoded from data URIs; nothing else is fetched."""

from __future__ import annotations

import base64
import binascii
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes, urlsplit

from pydantic import BaseModel

from lib.catalog.fields import MediaKind, fits
from lib.catalog.operation import media_fields
from lib.errors import BadMedia, MediaError, TooLarge, TooLong, Unsupported
from lib.media.facts import Facts
from lib.media.probe import probe
from lib.standin.detail import Problem, problem_at
from lib.standin.shelf import Shelf
from lib.standin.webhooks import is_loopback

DATA_URI_CHARACTERS = 10 * 1024 * 1024  # queue-protocol 4.1
UNREADABLE: dict[str, str] = {
    "video": "unsupported_video_format",
    "image": "image_load_error",
    "audio": "unsupported_audio_format",
}


@dataclass(frozen=True, slots=True)
class Address:
    """One address in a body: `path` is where it stands ("images.0.image_url")."""

    path: str
    kind: MediaKind
    url: str


@dataclass(slots=True)
class Inputs:
    """What was found, by field path, and what is wrong."""

    files: dict[str, Path] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def addresses(made: BaseModel, prefix: str = "") -> Iterator[Address]:
    """Every address of a file in the input, in nested models too; empty ones are left out."""
    marks = media_fields(type(made))
    for name in type(made).model_fields:
        value, path = getattr(made, name), f"{prefix}{name}"
        several = isinstance(value, list)
        items = [(f"{path}.{at}", item) for at, item in enumerate(value)] if several else [(path, value)]
        for where, item in items:
            if isinstance(item, BaseModel):
                yield from addresses(item, f"{where}.")
            elif name in marks and isinstance(item, str) and item:
                yield Address(where, marks[name].kind, item)


async def gather(made: BaseModel, shelf: Shelf, folder: Path) -> Inputs:
    """All files of the input with their facts. LoRA weights are not looked for: a rehearsal has no use for them."""
    found = Inputs()
    for address in addresses(made):
        if address.kind == "weights":
            continue
        file = _local(address, shelf, folder)
        if isinstance(file, Problem):
            found.problems.append(file)
            continue
        facts = await _facts(address, file)
        if isinstance(facts, Problem):
            found.problems.append(facts)
            continue
        found.files[address.path], found.facts[address.path] = file, facts
    return found


def _local(address: Address, shelf: Shelf, folder: Path) -> Path | Problem:
    if address.url.startswith("data:"):
        return _decoded(address, folder)
    if not address.url.startswith(("http://", "https://")) or not is_loopback(address.url):
        return _not_found(address, "This is a rehearsal: it has no network and takes only files uploaded to it.")
    path = urlsplit(address.url).path
    kept = shelf.find(path.removeprefix("/files/")) if path.startswith("/files/") else None
    return _not_found(address, "There is no such file, or it has expired.") if kept is None else kept.file


def _decoded(address: Address, folder: Path) -> Path | Problem:
    if len(address.url) > DATA_URI_CHARACTERS:
        message = "The data URI is too long; upload the file instead."
        return problem_at(address.path, message, "file_too_large", address.url, max_size=DATA_URI_CHARACTERS)
    head, comma, data = address.url.removeprefix("data:").partition(",")
    try:
        content = base64.b64decode(data, validate=True) if head.endswith(";base64") else unquote_to_bytes(data)
    except binascii.Error:
        content = b""
    if not comma or not content:
        return _not_found(address, "The data URI cannot be decoded.")
    suffix = mimetypes.guess_extension(head.split(";")[0]) or ".bin"
    file = folder / f"{address.path}{suffix}"
    file.write_bytes(content)
    return file


def _not_found(address: Address, why: str) -> Problem:
    return problem_at(address.path, f"Failed to download the file. {why}", "file_download_error", address.url)


async def _facts(address: Address, file: Path) -> Facts | Problem:
    try:
        facts = await probe(file)
    except TooLarge as error:
        return problem_at(address.path, error.message, "file_too_large", address.url)
    except (BadMedia, Unsupported, TooLong) as error:
        return problem_at(address.path, error.message, UNREADABLE.get(address.kind, "file_download_error"), address.url)
    except MediaError as error:
        return problem_at(address.path, error.message, "file_download_error", address.url)
    return facts if _serves(facts, address.kind) else _wrong_kind(address, facts)


def _serves(facts: Facts, kind: MediaKind) -> bool:
    """Whether the file can be what the field asks for; an animated picture is taken as a video, as fal does."""
    if kind == "video":
        return facts.kind == "video" or facts.content_type == "image/gif"
    if kind == "audio":
        return facts.kind == "audio" or facts.has_sound
    return fits(kind, facts.kind)


def _wrong_kind(address: Address, facts: Facts) -> Problem:
    message = f"Expected {'an' if address.kind[0] in 'aeiou' else 'a'} {address.kind}, got {facts.content_type}."
    return problem_at(address.path, message, UNREADABLE.get(address.kind, "file_download_error"), address.url)
