"""Who may go live here: a key, and an access code unless only this machine can come in."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections import deque
from dataclasses import dataclass

from lib.errors import AccessRefused, MissingKey
from lib.settings import Settings, fal_key
from lib.store.secret import Signer

PASS_VALID_S = 12 * 3600
ATTEMPTS, WINDOW_S = 5, 600.0


@dataclass(frozen=True, slots=True)
class LiveOffer:
    """Whether live can be chosen here; `reason` is a sentence for people, `needs_code` that a code is asked first."""

    available: bool
    needs_code: bool
    reason: str


class Gate:
    """The rules of going live. `public` says that the server can be reached from other machines."""

    def __init__(self, settings: Settings, signer: Signer, *, public: bool) -> None:
        self._settings = settings
        self._signer = signer
        self._public = public
        self._wrong: deque[float] = deque(maxlen=ATTEMPTS)
        self._lock = threading.Lock()

    def offer(self) -> LiveOffer:
        if fal_key() is None:
            return LiveOffer(False, False, "No FAL_KEY is set, so everything here is a rehearsal and costs nothing.")
        if self._settings.access_code:
            return LiveOffer(True, True, "Live runs spend real money and need the access code.")
        if self._public:
            return LiveOffer(
                False, False, "This server can be reached from other machines and has no DAILIES_ACCESS_CODE."
            )
        return LiveOffer(True, False, "Live runs spend real money on your fal account.")

    def unlock(self, code: str) -> str:
        """A pass, valid for twelve hours or until the code changes. Raises AccessRefused; five wrong codes close it
        for ten minutes.
        """
        with self._lock:
            now = time.monotonic()
            if len(self._wrong) == ATTEMPTS and now - self._wrong[0] < WINDOW_S:
                raise AccessRefused("Too many wrong codes.", hint="Wait ten minutes, then try again.")
            if not hmac.compare_digest(code.encode(), self._settings.access_code.encode()):
                self._wrong.append(now)
                raise AccessRefused("That is not the access code.", hint="Ask whoever set DAILIES_ACCESS_CODE.")
        return self._signer.sign(self._subject(), PASS_VALID_S)

    def unlocked(self, live_pass: str) -> bool:
        """Whether nothing more has to be asked of whoever has this pass."""
        offer = self.offer()
        return offer.available and (not offer.needs_code or self._signer.valid(self._subject(), live_pass))

    def require(self, live_pass: str) -> None:
        """Raises MissingKey or AccessRefused."""
        offer = self.offer()
        if fal_key() is None:
            raise MissingKey("Live needs a key, and FAL_KEY is not set.", hint="Set FAL_KEY, or rehearse for free.")
        if not offer.available:
            raise AccessRefused(offer.reason, hint="Set DAILIES_ACCESS_CODE, or listen on 127.0.0.1 only.")
        if not self.unlocked(live_pass):
            raise AccessRefused("Live needs the access code.", hint="Enter it once; it stays open for twelve hours.")

    def _subject(self) -> str:
        """What a pass is for; another code makes earlier passes void."""
        return f"live/{hashlib.sha256(self._settings.access_code.encode()).hexdigest()}"
