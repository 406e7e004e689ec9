"""A chain as the text of a file; `lib.chain.model.read_chain` reads it back unchanged. Pure."""

from __future__ import annotations

import json
from typing import Any

from lib.catalog.export import escaped
from lib.chain.model import Chain
from lib.errors import ChainError


def plain(chain: Chain) -> dict[str, Any]:
    """The chain as plain values; what has no value is left out of the chain's own parts, never of a step's input.

    A chosen take is left out as well: it is known in its own data folder only.
    """
    return chain.model_dump(exclude_none=True, exclude={"steps": {"__all__": {"take"}}})


def write_chain(chain: Chain) -> str:
    """The text of a chain file: JSON in UTF-8. Raises ChainError for a number that JSON has no form for."""
    try:
        text = json.dumps(plain(chain), ensure_ascii=False, indent=2, allow_nan=False)
    except ValueError as error:
        said = "This chain holds a number without end, which no chain file can hold."
        raise ChainError(said, hint="Correct it in the step's form.") from error
    return escaped(text) + "\n"
