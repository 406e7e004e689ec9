"""The one tree of errors; every sentence a user reads starts here.

DailiesError                 message (what is wrong), hint (what to do), retryable
├ SettingsError              MissingKey · MissingBinary · AccessRefused
├ InputError                 fields: {path: message}
├ QueueError                 carries the request
│ ├ Unreachable · TooManyRequests(after_s) · ServerError            retryable
│ └ AuthRefused · BalanceLocked · UnknownRequest · InputRefused(fields) · ProtocolError(body)
├ RequestFailed              the model failed: request, logs, error_type, billed?
├ MediaError                 command, exit code, end of stderr; BadMedia · Unsupported · NoSpace · TooLong · TooLarge
├ ChainError                 DoesNotFit(step, field, repairs) · Uncertain(run, step) · Doubtful · Cancelled · CapReached
├ InternalError              a fault of Dailies itself, never of what it was given; the log has it
└ StoreError                 NotFound · InUse · NewerSchema
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class DailiesError(Exception):
    """A failure that a person can read: what is wrong and what to do."""

    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def record(self) -> dict[str, Any]:
        """What is kept of it on a run: kind, message, hint and, where there are any, what names the place."""
        kept: dict[str, Any] = {"kind": type(self).__name__, "message": self.message, "hint": self.hint}
        for name in ("fields", "request", "error_type", "billed"):
            value = getattr(self, name, None)
            if value is not None and value not in ("", {}):
                kept[name] = value
        return kept


class SettingsError(DailiesError):
    """Something about this installation, not about the work."""


class MissingKey(SettingsError):
    """A live step without FAL_KEY."""


class MissingBinary(SettingsError):
    """ffmpeg cannot be found."""


class AccessRefused(SettingsError):
    """Live was asked for without the access code, or from where it is not offered."""


class InputError(DailiesError):
    """Values that do not validate; `fields` maps a field's path ("loras.0.path") to its message."""

    def __init__(self, message: str, *, hint: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message, hint=hint)
        self.fields = dict(fields or {})


class QueueError(DailiesError):
    """The queue or storage answered otherwise than hoped; `request` is "POST https://…" or the request id."""

    def __init__(self, message: str, *, hint: str = "", request: str = "") -> None:
        super().__init__(message, hint=hint)
        self.request = request


class Unreachable(QueueError):
    """No answer. `sent` is False only when it is certain that nothing can have been accepted."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", request: str = "", sent: bool = True) -> None:
        super().__init__(message, hint=hint, request=request)
        self.sent = sent


class TooManyRequests(QueueError):
    """HTTP 429; `after_s` is what Retry-After said, else None. Nothing was accepted."""

    retryable = True

    def __init__(self, message: str, *, hint: str = "", request: str = "", after_s: float | None = None) -> None:
        super().__init__(message, hint=hint, request=request)
        self.after_s = after_s


class ServerError(QueueError):
    """5xx, 408 or 409: for a submit nobody knows whether it was accepted."""

    retryable = True


class AuthRefused(QueueError):
    """401 or 403: the key is missing, wrong or not allowed to do this."""


class BalanceLocked(AuthRefused):
    """403 with "User is locked": the account's balance is exhausted."""


class UnknownRequest(QueueError):
    """404: the request or endpoint is not known, or the result has expired."""


class InputRefused(QueueError):
    """422 (or 400): the model refused the input; `fields` as in InputError."""

    def __init__(
        self, message: str, *, hint: str = "", request: str = "", fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint=hint, request=request)
        self.fields = dict(fields or {})


class ProtocolError(QueueError):
    """An answer that the protocol does not know; `body` is its beginning."""

    def __init__(self, message: str, *, hint: str = "", request: str = "", body: str = "") -> None:
        super().__init__(message, hint=hint, request=request)
        self.body = body


class RequestFailed(DailiesError):
    """The model ran and failed. `billed` is None where the provider did not say."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        request: str = "",
        logs: Sequence[str] = (),
        error_type: str = "",
        billed: bool | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.request = request
        self.logs = list(logs)
        self.error_type = error_type
        self.billed = billed
        self.fields = dict(fields or {})


class MediaError(DailiesError):
    """ffmpeg or the probe failed; carries the command, its exit code and the end of its stderr."""

    def __init__(
        self, message: str, *, hint: str = "", command: Sequence[str] = (), code: int | None = None, stderr: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.command = list(command)
        self.code = code
        self.stderr = stderr


class BadMedia(MediaError):
    """The file is not the media it should be, or is damaged."""


class Unsupported(MediaError):
    """A real media file, in a form this work cannot take."""


class NoSpace(MediaError):
    """The disk is full."""


class TooLong(MediaError):
    """The work or the clip exceeds its time limit."""


class TooLarge(MediaError):
    """The file or picture exceeds its size limit."""


class InternalError(DailiesError):
    """A fault of Dailies itself. It is never told as the file's, and no other way is taken because of it."""


class ChainError(DailiesError):
    """Something about a chain or its run."""


class DoesNotFit(ChainError):
    """A step cannot take what it is given."""

    def __init__(self, message: str, *, hint: str = "", step: str = "", field: str = "") -> None:
        super().__init__(message, hint=hint)
        self.step = step
        self.field = field


class Uncertain(ChainError):
    """Nobody knows whether this submit was accepted; a person decides, or the provider's list settles it."""

    def __init__(self, message: str, *, hint: str = "", run: str = "", step: str = "") -> None:
        super().__init__(message, hint=hint)
        self.run = run
        self.step = step


class Doubtful(ChainError):
    """A take in which something was found, or of which a person wants to be asked, before more is bought."""


class Cancelled(ChainError):
    """Stopped because a person asked."""


class CapReached(ChainError):
    """The estimate does not fit under a cap, or has no upper end that somebody accepted."""


class StoreError(DailiesError):
    """Something about what is kept."""


class NotFound(StoreError):
    """No such run, take or asset."""


class InUse(StoreError):
    """Somebody else is writing this just now."""

    retryable = True


class NewerSchema(StoreError):
    """The data folder was written by a newer Dailies."""
