"""The short-lived right to write to the CDN, fetched with the key and renewed when it runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from lib.queue.errors import Answer, refusal
from lib.queue.wire import Wire

_SPARE = timedelta(seconds=30)


def _now() -> datetime:
    return datetime.now(UTC)


class Token:
    """One upload's token (queue-protocol 4.2). It goes to CDN hosts only and is never shown."""

    def __init__(self, wire: Wire, clock: Callable[[], datetime] = _now) -> None:
        self._wire = wire
        self._clock = clock
        self._header = ""
        self._ends: datetime | None = None
        self.base_url = wire.hosts.cdn

    async def header(self) -> dict[str, str]:
        """The Authorization header, with a new token if the old one has run out."""
        if not self._header or (self._ends is not None and self._clock() > self._ends - _SPARE):
            await self.fetch()
        return {"Authorization": self._header}

    def forget(self) -> None:
        """Makes the next `header` fetch a new one."""
        self._header = ""

    async def fetch(self) -> None:
        """Asks for a new token. Raises QueueError kinds."""
        url, wanted = f"{self._wire.hosts.rest}/storage/auth/token", {"storage_type": "fal-cdn-v3"}

        async def ask() -> Answer:
            headers = {"Content-Type": "application/json"}
            answer = await self._wire.once("POST", url, headers=headers, content=b"{}", params=wanted)
            if not answer.ok:
                raise refusal(answer)
            return answer

        self._read(await self._wire.again(ask, lambda error: error.retryable))

    def _read(self, answer: Answer) -> None:
        body = answer.json()
        token, kind, base_url = (str(body.get(name) or "") for name in ("token", "token_type", "base_url"))
        if not token:
            raise answer.unexpected()
        self._header = f"{kind or 'Bearer'} {token}"
        self._ends = _moment(str(body.get("expires_at") or ""))
        if base_url and self._wire.hosts.takes_token(base_url):
            self.base_url = base_url.rstrip("/")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
