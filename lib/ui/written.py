"""Values written by hand: JSON, with a bare word for a text."""

from __future__ import annotations

import json
from typing import Any

from lib.catalog.fields import Unread

_JSON_BEGINS = ("{", "[", '"')


def read_json(text: Any) -> Any:
    """The value that is written there, None for nothing. A bare word is a text; broken JSON is Unread, with why."""
    written = str(text or "").strip()
    if not written:
        return None
    try:
        return json.loads(written)
    except RecursionError:
        return Unread(written, "This is nested too deep.")
    except json.JSONDecodeError as error:
        if not written.startswith(_JSON_BEGINS):
            return written
        return Unread(written, f"This is not JSON: look at line {error.lineno}, character {error.colno}.")


def write_json(value: Any) -> str:
    """The text that reads as that value; a text stands as it is where it would be read as itself."""
    if value is None:
        return ""
    if isinstance(value, Unread):
        return value.text
    if isinstance(value, str) and value and read_json(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)
