"""Where the provider's parts are, which addresses belong to it, and the paths of a request."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from lib.errors import InputError
from lib.net import Origin, origin_of

_NAMESPACES = ("workflows", "comfy")
_LEGACY = re.compile(r"(\d+)-([^/]+)")
_PART = re.compile(r"(?!\.+$)[A-Za-z0-9._~-]+")


@dataclass(frozen=True, slots=True)
class Hosts:
    """Base addresses without a trailing slash. Live they are six hosts, the stand-in has all on one origin.

    `cdn_suffix` names further hosts that may be given an upload token (never the key).
    """

    queue: str
    run: str
    rest: str
    platform: str
    cdn: str
    site: str
    cdn_suffix: str = ""

    @classmethod
    def live(cls) -> Hosts:
        return cls(
            queue="https://queue.fal.run",
            run="https://fal.run",
            rest="https://rest.fal.ai",
            platform="https://api.fal.ai/v1",
            cdn="https://v3.fal.media",
            site="https://fal.ai",
            cdn_suffix=".fal.media",
        )

    @classmethod
    def at(cls, origin: str) -> Hosts:
        """Everything on one origin; the platform paths keep their /v1."""
        base = origin.rstrip("/")
        return cls(queue=base, run=base, rest=base, platform=f"{base}/v1", cdn=base, site=base)

    def takes_key(self, url: str | httpx.URL) -> bool:
        """Whether the key may be sent there."""
        return _origin(url) in {origin_of(base) for base in (self.queue, self.run, self.rest, self.platform)}

    def takes_token(self, url: str) -> bool:
        """Whether an upload token may be sent there."""
        if _origin(url) == origin_of(self.cdn):
            return True
        parsed = httpx.URL(url)
        return bool(self.cdn_suffix) and parsed.scheme == "https" and parsed.host.endswith(self.cdn_suffix)

    def is_queue(self, url: str) -> bool:
        """Whether the address is on the configured queue."""
        return _origin(url) == origin_of(self.queue)

    def on_queue(self, url: str) -> str:
        """The address itself if it is on the configured queue, else the same path there: the key goes nowhere else.

        A stored address stops matching when the stand-in moves to another port. Raises InputError for no address.
        """
        if self.is_queue(url):
            return url
        origin_of(url)
        return str(httpx.URL(self.queue).copy_with(raw_path=httpx.URL(url).raw_path))

    def request_url(self, endpoint_id: str, request_id: str) -> str:
        """The app-only address of a request, without the endpoint's sub-path (queue-protocol 2.1)."""
        return f"{self.queue}/{app_of(endpoint_id)}/requests/{quote(request_id, safe='')}"


def endpoint_path(endpoint_id: str) -> str:
    """The endpoint's full path; "123-name" becomes "123/name". Raises InputError where it is no endpoint id."""
    parts = endpoint_id.strip("/").split("/")
    legacy = _LEGACY.fullmatch(parts[0]) if len(parts) == 1 else None
    parts = list(legacy.groups()) if legacy else parts
    if len(parts) < 2 + (parts[0] in _NAMESPACES) or not all(_PART.fullmatch(part) for part in parts):
        hint = "An id looks like fal-ai/pixverse/lipsync."
        raise InputError(f"“{endpoint_id:.80}” is not an endpoint id.", hint=hint)
    return "/".join(parts)


def app_of(endpoint_id: str) -> str:
    """owner/alias, after the namespace where there is one."""
    parts = endpoint_path(endpoint_id).split("/")
    return "/".join(parts[: 2 + (parts[0] in _NAMESPACES)])


def _origin(url: str | httpx.URL) -> Origin | None:
    try:
        return origin_of(url)
    except InputError:
        return None
