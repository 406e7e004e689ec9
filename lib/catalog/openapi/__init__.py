"""Any model's OpenAPI document as an operation like every other: the same form, checks, price line, code and takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.catalog.openapi.changes import changes
from lib.catalog.openapi.document import (
    broken,
    fingerprint,
    input_schema,
    metadata,
    output_schema,
    read_document,
    require_plain,
    versioned,
    written,
)
from lib.catalog.openapi.example import example_body
from lib.catalog.openapi.models import input_model, output_model
from lib.catalog.openapi.schema import Schemas
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price

__all__ = ["FAMILY", "changes", "endpoint_of", "fingerprint", "read_document", "versioned", "written"]

FAMILY = "any"
ABOUT = "A model that was added by its id."
MOST_LETTERS = 240


def endpoint_of(document: Mapping[str, Any], endpoint_id: str) -> Endpoint:
    """The endpoint that the document describes. Raises ProtocolError, with a sentence, for one that cannot be used."""
    try:
        return _endpoint(document, endpoint_id)
    except RecursionError as error:
        raise broken("is nested too deep") from error


def _endpoint(document: Mapping[str, Any], endpoint_id: str) -> Endpoint:
    require_plain(document)
    schemas, taken = Schemas(document), input_schema(document, endpoint_id)
    model = input_model(schemas, taken)
    return Endpoint(
        id=versioned(endpoint_id, document),
        title=title_of(endpoint_id),
        about=_about(document, schemas.flat(taken)[0]),
        family=FAMILY,
        input=model,
        output=output_model(schemas, output_schema(document, endpoint_id)),
        price=no_price("Dailies knows no price for a model that was added by its id; its page at fal states one."),
        example=example_body(model, schemas, taken),
        source="the model's own OpenAPI document",
        decisions=(
            "The form is read off the model's own description. What no field can show is written as JSON.",
            "Files are found in whatever the model returns.",
        ),
    )


def title_of(endpoint_id: str) -> str:
    """ "alibaba/happy-horse/reference-to-video" is "Happy horse, reference to video"."""
    parts = endpoint_id.split("/")
    words = ", ".join(part.replace("-", " ").replace("_", " ") for part in parts[1:] or parts)
    return words[:1].upper() + words[1:]


def _about(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """The first sentence that the provider says of the model."""
    for found in (metadata(document).get("about"), schema.get("description")):
        if isinstance(found, str) and (text := " ".join(re.sub(r"^#.*$", "", found, flags=re.MULTILINE).split())):
            sentence = re.split(r"(?<=[.!?])\s", text)[0][:MOST_LETTERS]
            return sentence if sentence.endswith(".") else f"{sentence.rstrip('!?')}."
    return ABOUT
