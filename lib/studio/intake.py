"""Files that come in: copied, checked, probed and kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from lib.chain.files import written_assets
from lib.chain.model import Chain
from lib.errors import AccessRefused, BadMedia, InputError, NotFound, TooLarge
from lib.media.facts import Facts
from lib.media.probe import probe_blocking
from lib.media.samples import sample
from lib.store import Store
from lib.store.files import full, hash_file
from lib.store.views import Asset

MAX_FILE_BYTES = 2 << 30
BLOCK_BYTES = 1 << 20


def take_in(store: Store, source: Path | BinaryIO, name: str, origin: str) -> Asset:
    """The file as an asset. Raises BadMedia, TooLarge, InputError or NoSpace with what to do."""
    part = store.assets.part()
    try:
        if isinstance(source, Path):
            with _opened(source, name) as file:
                _copy(file, part, name)
        else:
            _copy(source, part, name)
        return store.assets.keep(part, look_at(part, name), name=name, origin=origin)
    finally:
        part.unlink(missing_ok=True)


def look_at(part: Path, name: str) -> Facts:
    """The facts of a file that may be kept. Raises BadMedia, Unsupported, TooLarge or TooLong."""
    facts = probe_blocking(part)
    if facts.kind == "other":
        raise BadMedia(f"{name} is no video, picture or sound.", hint="Choose an mp4, a png or a wav, say.")
    return facts


def too_large(name: str) -> TooLarge:
    return TooLarge(f"{name} is larger than 2 GB.", hint="Trim or compress it first.")


def take_in_sample(store: Store, name: str) -> Asset:
    """A shipped sample; it is probed only the first time."""
    path = sample(name)
    try:
        sha256 = hash_file(path)
        store.assets.file(sha256)
    except NotFound:
        return take_in(store, path, name, "sample")
    return store.assets.get(sha256)


def files_for(store: Store, chain: Chain, inputs: Mapping[str, str]) -> dict[str, str]:
    """SHA-256 by input name; samples fill what is not given. Raises InputError naming the input."""
    unknown = sorted(set(inputs) - set(chain.inputs))
    if unknown:
        names = ", ".join(chain.inputs) or "none"
        raise InputError(
            f"This chain has no input {', '.join(unknown)}.",
            hint=f"Its inputs are: {names}.",
            fields=dict.fromkeys(unknown, "There is no such input."),
        )
    given = {}
    for name, wanted in chain.inputs.items():
        sha256 = inputs.get(name) or wanted.asset
        if sha256 is None and wanted.sample is None:
            message = f"Choose a file ({wanted.kind})."
            raise InputError(f"The input {name!r} is missing.", hint=message, fields={name: message})
        asset = store.assets.get(sha256) if sha256 else take_in_sample(store, str(wanted.sample))
        if asset.kind != wanted.kind:
            message = f"This must be {wanted.kind}, but {asset.name} is {asset.kind}."
            raise InputError(f"{name}: {message}", hint="Choose another file.", fields={name: message})
        given[name] = asset.sha256
    return given


def require_live_sources(store: Store, chain: Chain, given: Mapping[str, str]) -> None:
    """Raises AccessRefused for a file of the stand-in that nobody chose as a source: live work on it is money lost."""
    written = [sha256 for step in chain.steps for sha256 in written_assets(step.input)]
    for sha256 in [*given.values(), *written]:
        asset = store.assets.get(sha256)
        if asset.mode == "rehearsal":
            raise AccessRefused(
                f"{asset.name} was made by the stand-in; a live run does not pay for work on it.",
                hint="Choose it as a source file if that is what you want.",
            )


def _opened(source: Path, name: str) -> BinaryIO:
    try:
        return source.open("rb")
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}.", hint="Check the path.") from error


def _copy(source: BinaryIO, part: Path, name: str) -> None:
    left = MAX_FILE_BYTES
    try:
        with part.open("wb") as to:
            while block := source.read(BLOCK_BYTES):
                left -= len(block)
                if left < 0:
                    raise too_large(name)
                to.write(block)
    except OSError as error:
        raise full(error) from error
