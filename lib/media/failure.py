"""What ffmpeg's last words mean: the one table from its stderr to our errors."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.errors import BadMedia, MediaError, MissingBinary, NoSpace, SettingsError, TooLarge, TooLong, Unsupported

STOPPED = 255  # what ffmpeg returns after a signal that it obeys: SIGXCPU, SIGTERM, SIGINT

DAMAGED = (
    r"Invalid data found when processing input|moov atom not found|Error opening input|partial file"
    r"|inflate returned error|CRC mismatch|[Ee]rror while decoding|Error submitting packet to decoder|[Cc]orrupt"
)
# The first that matches decides; the order goes from what explains the others to what may follow from them.
TABLE: tuple[tuple[str, type[MediaError], str, str], ...] = (
    (
        r"No space left on device|Disk quota exceeded",
        NoSpace,
        "The disk is full.",
        "Free some space (Settings shows what is kept), then start this step again.",
    ),
    (
        r"File too large",
        TooLarge,
        "The result grew past the largest size that a file may have here.",
        "Use a shorter clip or a smaller picture.",
    ),
    (
        r"exceeds specified max pixel count|Picture size \d+x\d+ is invalid",
        TooLarge,
        "The picture has more pixels than can be worked on here (16.7 million).",
        "Scale it down first.",
    ),
    (
        r"Cannot allocate memory|out of memory|malloc of size \d+ failed",
        TooLarge,
        "This needs more memory than a step may use.",
        "Use a smaller picture, or fewer or shorter clips.",
    ),
    (
        r"ot (?:on|in) (?:the )?(?:whitelist|white-list)|[Ff]ormat not on whitelist",
        BadMedia,
        "The file is not a plain media file: it only points to other files or addresses, which are never opened.",
        "Choose the video, picture or sound itself.",
    ),
    (
        r"matches no streams|does not contain any stream|Invalid stream specifier",
        Unsupported,
        "The file lacks the picture or the sound that this step needs.",
        "Choose another clip.",
    ),
    (
        r"Decoder .* not found|Unknown decoder|no decoder found|Decoding requested, but no decoder",
        Unsupported,
        "The file uses a coding that cannot be read here.",
        "Convert it to H.264 video with AAC sound first.",
    ),
    (
        DAMAGED,
        BadMedia,
        "The file is damaged, or is not the media it should be.",
        "Check that it plays, or choose another.",
    ),
)


def failure(command: Sequence[str], code: int | None, stderr: str) -> MediaError | SettingsError:
    """The error for a child that ended with `code` and said `stderr` last."""
    if code == 127 and stderr.startswith("cannot start "):
        return MissingBinary(
            f"ffmpeg does not start ({stderr.strip()}).",
            hint="Install the requirements again; the imageio-ffmpeg package brings ffmpeg.",
        )
    if code == STOPPED:
        return TooLong(
            "The system stopped this, most likely because it took more processor time than a step may use.",
            hint="Use a shorter clip.",
            command=command,
            code=code,
            stderr=stderr,
        )
    for pattern, kind, message, hint in TABLE:
        if re.search(pattern, stderr):
            return kind(message, hint=hint, command=command, code=code, stderr=stderr)
    if code == 0:
        return BadMedia("ffmpeg read the file but found nothing to keep.", hint="The file is probably damaged.")
    return MediaError(_sentence(code, stderr), hint="", command=command, code=code, stderr=stderr)


def _sentence(code: int | None, stderr: str) -> str:
    if code is not None and code < 0:
        return f"ffmpeg was stopped by the system (signal {-code})."
    # The first line names the cause, the others what followed from it.
    first = next((re.sub(r"^(\[[^]]*\]\s*)+", "", line) for line in stderr.splitlines() if line.strip()), "")
    return f"ffmpeg stopped with an error: {first.rstrip('. ') or f'code {code}, no message'}."
