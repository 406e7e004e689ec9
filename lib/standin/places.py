"""Which address means what: the paths of the queue, read without knowing any request (queue-protocol 2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Route = Literal["submit", "status", "result", "cancel", "stream", "file", "upload", "list", "webhook"]

NAMESPACES = ("workflows", "comfy")
_TAILS: dict[tuple[str, ...], Route] = {
    (): "result",
    ("response",): "result",
    ("status",): "status",
    ("status", "stream"): "stream",
    ("cancel",): "cancel",
}
_METHODS = {"submit": "POST", "cancel": "PUT", "status": "GET", "stream": "GET", "result": "GET"}
_ELSEWHERE = ("/v1/", "/models/", "/api/", "/tokens/")
_UPLOADS = ("/storage/auth/token", "/storage/upload/", "/files/upload")


@dataclass(frozen=True, slots=True)
class Place:
    """`endpoint` is the id as the path has it: full for a submit, usually owner/alias for the rest."""

    route: Route
    endpoint: str = ""
    request_id: str | None = None

    @property
    def has_sub_path(self) -> bool:
        """True where a path about a request keeps more than the app, which the live queue answers with 405."""
        return self.request_id is not None and self.endpoint != app_of(self.endpoint)

    @property
    def method(self) -> str:
        """The only HTTP method that this place takes."""
        return _METHODS[self.route]


def app_of(endpoint: str) -> str:
    """owner/alias of an endpoint id, with its namespace where it has one."""
    parts = endpoint.split("/")
    return "/".join(parts[: 3 if parts[0] in NAMESPACES else 2])


def model_of(endpoint: str) -> str:
    """The model behind an endpoint id: in a namespace each model answers under its own id as well."""
    namespace, _, rest = endpoint.partition("/")
    return rest if namespace in NAMESPACES else endpoint


def queue_place(path: str) -> Place | None:
    """The place of a queue path, trailing slash or not; None for a path that cannot be one."""
    parts = [part for part in path.split("/") if part]
    if parts and (legacy := re.fullmatch(r"(\d+)-(.+)", parts[0])):
        parts[:1] = legacy.groups()
    for at in range(2, len(parts) - 1):
        tail = tuple(parts[at + 2 :])
        if parts[at] == "requests" and tail in _TAILS:
            return Place(_TAILS[tail], "/".join(parts[:at]), parts[at + 1])
    return Place("submit", "/".join(parts)) if len(parts) >= 2 else None


def fault_place(method: str, path: str) -> Place | None:
    """What a fault rule calls this request: its route, with endpoint and id where the path names them."""
    if path.startswith(_UPLOADS) or (path.startswith("/files/") and method in ("PUT", "POST")):
        return Place("upload")
    if path.startswith("/files/"):
        return Place("file")
    if path.rstrip("/").endswith("/models/requests/by-endpoint"):
        return Place("list")
    if path.startswith(_ELSEWHERE):
        return None
    place = queue_place(path.removeprefix("/fal-run"))
    return place if place is not None and place.method == method else None
