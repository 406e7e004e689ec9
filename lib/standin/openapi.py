"""The per-model OpenAPI document, made from the catalog in the shape that fal gives it (queue-protocol 6.5)."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from lib.catalog.operation import Endpoint, media_fields

REF = "#/components/schemas/{model}"
_REQUEST_ID = {"name": "request_id", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}
_LOGS = {"name": "logs", "in": "query", "required": False, "schema": {"type": "number"}}


def document(endpoint: Endpoint) -> dict[str, Any]:
    """The OpenAPI document of one endpoint."""
    schemas = {"QueueStatus": _queue_status()}
    schemas |= _schemas(endpoint.input) | _schemas(endpoint.output)
    return {
        "openapi": "3.0.4",
        "info": {
            "title": f"Queue OpenAPI for {endpoint.id}",
            "version": "1.0.0",
            "description": f"The OpenAPI schema for the {endpoint.id} queue.",
            "x-fal-metadata": {
                "endpointId": endpoint.id,
                "category": endpoint.family,
                "playgroundUrl": f"https://fal.ai/models/{endpoint.id}",
                "documentationUrl": f"https://fal.ai/models/{endpoint.id}/api",
                "about": endpoint.about,
            },
        },
        "components": {
            "securitySchemes": {
                "apiKeyAuth": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Fal Key"}
            },
            "schemas": schemas,
        },
        "paths": _paths(endpoint),
        "servers": [{"url": "https://queue.fal.run"}],
        "security": [{"apiKeyAuth": []}],
    }


def _schemas(model: type[BaseModel]) -> dict[str, Any]:
    """The schemas of a model and of everything in it, by name."""
    own = model.model_json_schema(ref_template=REF)
    nested = own.pop("$defs", {})
    found = {model.__name__: own, **nested}
    for one in _models(model):
        hinted = found.get(one.__name__, {})
        hinted["x-fal-order-properties"] = list(one.model_fields)
        for name, mark in media_fields(one).items():
            shown = "file" if mark.kind in ("media", "scene", "weights") else mark.kind
            hinted["properties"][name]["ui"] = {"field": shown}
    return found


def _models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """The model and all models that its fields mention."""
    found = {model}
    for info in model.model_fields.values():
        for part in _parts(info.annotation):
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in found:
                found |= _models(part)
    return found


def _parts(annotation: Any) -> list[Any]:
    return [annotation] + [inner for part in getattr(annotation, "__args__", ()) for inner in _parts(part)]


def _paths(endpoint: Endpoint) -> dict[str, Any]:
    base = f"/{endpoint.id}"
    status, given = _json_ref("QueueStatus"), _json_ref(endpoint.input.__name__)
    return {
        f"{base}/requests/{{request_id}}/status": {
            "get": {"parameters": [_REQUEST_ID, _LOGS], "responses": {"200": _ok("The request status.", status)}}
        },
        f"{base}/requests/{{request_id}}/cancel": {
            "put": {
                "parameters": [_REQUEST_ID],
                "responses": {"200": _ok("The request was cancelled.", _json(_success()))},
            }
        },
        base: {
            "post": {
                "requestBody": {"required": True, "content": given},
                "responses": {"200": _ok("The request status.", status)},
            }
        },
        f"{base}/requests/{{request_id}}": {
            "get": {
                "parameters": [_REQUEST_ID],
                "responses": {"200": _ok("Result of the request.", _json_ref(endpoint.output.__name__))},
            }
        },
    }


def _ok(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": content}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _json_ref(name: str) -> dict[str, Any]:
    return _json({"$ref": REF.format(model=name)})


def _success() -> dict[str, Any]:
    return {"type": "object", "properties": {"success": {"type": "boolean"}}}


def _queue_status() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "integer"}
    # `logs` is declared an object, as in the real documents, although it is a list.
    urls = dict.fromkeys(("response_url", "status_url", "cancel_url"), text)
    return {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]},
            "request_id": text,
            **urls,
            "logs": {"type": "object", "additionalProperties": True},
            "metrics": {"type": "object", "additionalProperties": True},
            "queue_position": number,
        },
        "required": ["status", "request_id"],
    }
