"""A chain file as it is given on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

from lib.chain.model import Chain, read_chain
from lib.errors import InputError


def chain_at(name: str) -> Chain:
    """The chain in that file; "-" is standard input. Raises InputError or ChainError."""
    return read_chain(sys.stdin.read() if name == "-" else _text(Path(name)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as a chain.", hint="Make one with `preset NAME`.") from error
