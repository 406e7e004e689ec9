"""Words and numbers as people read them; foreign text is made harmless here."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MARKS = re.compile(r"([\\`*_{}\[\]#!|<>~$:&@])")
_AT_START = re.compile(r"^(\d*)([-+=]|(?<=\d)[.)](?=\s|$))")
_BARE_LINK = re.compile(r"(?i)\bwww\.")
_BREAKS = re.compile(r"[^\S\u00a0]+")
"""White space; not the no-break space, which holds a number and its unit together."""


def plain(text: str) -> str:
    """Foreign text for a place that reads Markdown: shown as it stands, on one line, never as a link or picture."""
    line = _MARKS.sub(r"\\\1", _BREAKS.sub(" ", text).strip())
    return _BARE_LINK.sub(r"www\\.", _AT_START.sub(r"\1\\\2", line))


def length(seconds: float) -> str:
    """ "8 s", "1 min 20 s" or "2 h 5 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def size(size_bytes: float) -> str:
    """ "640 kB", "5.6 MB" or "1.2 GB"."""
    if size_bytes < 1_000_000:
        return f"{max(0, round(size_bytes / 1000))} kB"
    if size_bytes < 1_000_000_000:
        return f"{size_bytes / 1e6:.1f} MB"
    return f"{size_bytes / 1e9:.1f} GB"


def ago(then: float, now: float) -> str:
    """ "just now", "5 min ago", "3 h ago", or the day."""
    seconds = now - then
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 24 * 3600:
        return f"{int(seconds // 3600)} h ago"
    day = datetime.fromtimestamp(then, UTC)
    return f"{day.day} {day:%b %Y}"


def count(number: int, one: str, many: str = "") -> str:
    """ "1 file", "3 files"."""
    return f"{number} {one if number == 1 else many or one + 's'}"
