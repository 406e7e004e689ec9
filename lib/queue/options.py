"""What a submit may ask for beside the model's input: webhook, deadline, priority and the like (queue-protocol 2.2)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from lib.errors import InputError

_TAG_KEY = re.compile(r"(?!fal\.)[a-z0-9._-]{1,64}")
_TAG_VALUE = re.compile(r"[\x20-\x7e]{1,256}")
_TAGS_MOST, _TAGS_MOST_BYTES = 10, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """How long files of this request are kept (seconds, None for ever) and who may read them."""

    expires_after_s: int | None = None
    initial_acl: Mapping[str, Any] | None = None

    def header(self) -> str:
        """The header's JSON. 0 would mean for ever, so "at once" is one minute, as the official client has it."""
        kept_s = None if self.expires_after_s is None else max(60, self.expires_after_s)
        acl = {"initial_acl": dict(self.initial_acl)} if self.initial_acl else {}
        return json.dumps({"expiration_duration_seconds": kept_s, **acl})


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitOptions:
    """All optional. `start_within_s` limits the time until the request starts, not the time it takes.

    `store_payloads=False` and `retry_at_provider=False` switch off what the provider does by itself; without stored
    payloads a lost request cannot be found again by its input.
    """

    webhook_url: str | None = None
    max_queue_length: int | None = None
    start_within_s: float | None = None
    priority: Literal["normal", "low"] | None = None
    runner_hint: str | None = None
    lifecycle: Lifecycle | None = None
    store_payloads: bool = True
    retry_at_provider: bool = True
    retry_config: Mapping[str, Any] | None = None
    allow_fallback: bool = True
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        wrong = {name: text for name, text in self._checks() if text}
        if wrong:
            raise InputError("These submit options cannot be sent.", hint="Correct the named options.", fields=wrong)

    def params(self) -> dict[str, str]:
        """The query parameters."""
        found = {"fal_webhook": self.webhook_url, "fal_max_queue_length": self.max_queue_length}
        return {name: str(value) for name, value in found.items() if value is not None}

    def headers(self) -> dict[str, str]:
        """The request headers."""
        found: dict[str, str | None] = {
            "X-Fal-Request-Timeout": None if self.start_within_s is None else f"{self.start_within_s:g}",
            "X-Fal-Queue-Priority": self.priority,
            "X-Fal-Runner-Hint": self.runner_hint,
            "X-Fal-Object-Lifecycle-Preference": None if self.lifecycle is None else self.lifecycle.header(),
            "X-Fal-Store-IO": None if self.store_payloads else "0",
            "X-Fal-No-Retry": None if self.retry_at_provider else "1",
            "X-Fal-Retry-Config": None if self.retry_config is None else json.dumps(self.retry_config),
            "x-app-fal-disable-fallback": None if self.allow_fallback else "true",
            "X-Fal-Tags": ",".join(f"{name}={value}" for name, value in self.tags.items()) or None,
        }
        return {name: value for name, value in found.items() if value is not None}

    def _checks(self) -> list[tuple[str, str]]:
        bad_start = self.start_within_s is not None and not self.start_within_s > 1
        bad_length = self.max_queue_length is not None and self.max_queue_length < 0
        bad_hint = self.runner_hint is not None and not _TAG_VALUE.fullmatch(self.runner_hint)
        return [
            ("webhook_url", "" if self.webhook_url is None or _is_web(self.webhook_url) else "must be a web address"),
            ("start_within_s", "must be more than one second" if bad_start else ""),
            ("max_queue_length", "must not be negative" if bad_length else ""),
            ("runner_hint", "must be 1 to 256 plain characters" if bad_hint else ""),
            ("tags", self._wrong_tags()),
        ]

    def _wrong_tags(self) -> str:
        for name, value in self.tags.items():
            if not _TAG_KEY.fullmatch(name):
                return f"the name {name!r} must be 1 to 64 of a-z 0-9 . _ - and not begin with fal."
            if not _TAG_VALUE.fullmatch(value) or "," in value:
                return f"the value of {name!r} must be 1 to 256 plain characters without a comma"
        total = len(self.headers().get("X-Fal-Tags", ""))
        return "must be at most 10 in 1024 bytes" if len(self.tags) > _TAGS_MOST or total > _TAGS_MOST_BYTES else ""


def _is_web(url: str) -> bool:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme in ("http", "https") and bool(parsed.host)
