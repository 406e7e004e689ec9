"""What is handed over says nothing of this machine: no key, no signed address, no path, no address of a kept file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lib.chain.files import ADDRESSES, ASSET
from lib.settings import ROOT, fal_key

_ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
SHORTEST_SECRET = 8


class Cleaner:
    """Takes words out of values that are about to leave."""

    def __init__(self, data_dir: Path, key: str | None = None) -> None:
        key = fal_key() if key is None else key
        whole = [key, *key.split(":")] if key else []
        self._secrets = [part for part in whole if len(part) >= SHORTEST_SECRET]
        homes = {str(path) for path in (data_dir, data_dir.resolve(), ROOT, Path.home())} - {"/"}
        self._places = sorted(homes, key=len, reverse=True)

    def clean(self, value: Any) -> Any:
        """The same value; a kept file loses the address that a provider had it under."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Mapping):
            kept = {key: part for key, part in value.items() if not (key == "url" and "asset" in value)}
            return {self._text(str(key)): self.clean(part) for key, part in kept.items()}
        return [self.clean(part) for part in value] if isinstance(value, list | tuple) else value

    def _text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[key]")
        for place in self._places:
            text = text.replace(place, "…")
        return _ADDRESS.sub(lambda found: _bare(found[0]), text)


def _bare(address: str) -> str:
    """The address without what signs it: user, query and fragment."""
    try:
        parts = urlsplit(address)
    except ValueError:  # it only looks like one
        return address.partition("?")[0]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def by_hash(written: Any, resolved: Any) -> Any:
    """What was written, or sent, with each file's address replaced by the file that was found there."""
    if isinstance(written, str):
        known = isinstance(resolved, str) and resolved.startswith(ASSET) and written.startswith(ADDRESSES)
        return resolved if known else written
    if isinstance(written, Mapping) and isinstance(resolved, Mapping):
        return {key: by_hash(part, resolved.get(key)) for key, part in written.items()}
    if isinstance(written, list) and isinstance(resolved, list) and len(written) == len(resolved):
        return [by_hash(part, found) for part, found in zip(written, resolved, strict=True)]
    return written


def hashes(value: Any) -> Iterator[str]:
    """The SHA-256 of every kept file that is named anywhere in a value."""
    if isinstance(value, str):
        bare = value.removeprefix(ASSET)
        if value.startswith(ASSET) and re.fullmatch("[0-9a-f]{64}", bare):
            yield bare
    elif isinstance(value, Mapping):
        if isinstance(value.get("asset"), str):
            yield from hashes(ASSET + value["asset"].removeprefix(ASSET))
        for part in value.values():
            yield from hashes(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from hashes(part)
