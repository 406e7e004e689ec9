"""The catalog as JSON Schema: the bodies that are sent and the results that come back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from lib.catalog.operation import Operation


class WireSchema(GenerateJsonSchema):
    """As pydantic writes it, save that None is "not sent" and so no part of a body: no null type, no null default."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """An enum stays an enum when it has one value left (Luma's 5s), as the documents show it."""
        made = super().literal_schema(schema)
        return {"enum": [made.pop("const")], **made} if "const" in made else made


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model as JSON Schema (draft 2020-12), its fields in documented order."""
    return model.model_json_schema(schema_generator=WireSchema)


def schemas(operations: Iterable[Operation]) -> list[dict[str, Any]]:
    """id, title, input and output schema, and the example of each: what `catalog --json` prints."""
    return [
        {
            "id": operation.id,
            "title": operation.title,
            "input": json_schema(operation.input),
            "output": json_schema(operation.output),
            "example": dict(operation.example),
        }
        for operation in operations
    ]
