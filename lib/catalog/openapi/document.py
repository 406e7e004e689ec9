"""An OpenAPI document as a provider publishes it: read within limits, and where in it input and output stand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from lib.errors import ProtocolError

MOST_BYTES = 4_000_000
"""The documents that were seen have 5 to 80 kB."""
SHORT_HASH = 12
HINT = "Check the id, or read it again later."
_JSON = "application/json"


def read_document(text: bytes | str) -> dict[str, Any]:
    """The document as plain values. Raises ProtocolError for what is none, or is too large."""
    if len(text) > MOST_BYTES:
        raise broken("is too large", hint="No model's description needs that much room.")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise broken("is not JSON that can be read") from error
    if not isinstance(found, dict):
        raise broken("is not an OpenAPI document")
    return found


def written(document: Mapping[str, Any]) -> str:
    """The document as it is kept: the order of its fields may be their author's."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def require_plain(document: Mapping[str, Any]) -> None:
    """Raises ProtocolError for a document that could not be kept, or not be shown."""
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
    except ValueError as error:
        raise broken("holds values that no text can show") from error
    if len(text) > MOST_BYTES:
        raise broken("is too large", hint="No model's description needs that much room.")


def fingerprint(document: Mapping[str, Any]) -> str:
    """The SHA-256 of the document, whatever the order of its keys."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def versioned(endpoint_id: str, document: Mapping[str, Any]) -> str:
    """The operation's id: the endpoint's, with the beginning of the document's hash."""
    return f"{endpoint_id}@{fingerprint(document)[:SHORT_HASH]}"


def input_schema(document: Mapping[str, Any], endpoint_id: str) -> Any:
    """What the POST takes. Raises ProtocolError where the document states none.

    Names and titles of schemas are unreliable; the paths are what counts (queue-protocol 6.5).
    """
    found = _at(_path(document, endpoint_id, ""), "post", "requestBody", "content", _JSON, "schema")
    if found is None:
        raise broken("does not say what the model takes")
    return found


def output_schema(document: Mapping[str, Any], endpoint_id: str) -> Any:
    """What a finished request answers, or {} where the document does not say: the POST answers a queue status."""
    path = _path(document, endpoint_id, "/requests/{request_id}")
    return _at(path, "get", "responses", "200", "content", _JSON, "schema") or {}


def metadata(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the provider says about the model beside its schemas."""
    found = _at(document, "info", "x-fal-metadata")
    return found if isinstance(found, dict) else {}


def broken(what: str, *, hint: str = HINT) -> ProtocolError:
    """The error of a description that cannot be used: "is not JSON that can be read"."""
    return ProtocolError(f"The description of this model {what}.", hint=hint)


def _path(document: Mapping[str, Any], endpoint_id: str, tail: str) -> Any:
    """The path of that endpoint; a document may write it under another name, if it has only one of the kind."""
    paths = document.get("paths")
    if not isinstance(paths, dict):
        raise broken("has no paths")
    exact = paths.get(f"/{endpoint_id}{tail}")
    if exact is not None:
        return exact
    method = "get" if tail else "post"
    alike = [at for name, at in paths.items() if name.endswith(tail) and isinstance(at, dict) and method in at]
    return alike[0] if len(alike) == 1 else None


def _at(value: Any, *names: str) -> Any:
    """What lies there, or None."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
