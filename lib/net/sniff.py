"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

from pathlib import Path

UNKNOWN = "application/octet-stream"
_HEAD_BYTES = 4096
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"ply\n", "model/ply"),
    (b"ply\r", "model/ply"),
)
_RIFF = {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo", b"WEBP": "image/webp"}
_BRANDS = {b"qt  ": "video/quicktime", b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"avif": "image/avif"}
_BRANDS |= dict.fromkeys((b"heic", b"heix", b"mif1", b"hevc"), "image/heic")
_QUICKTIME_ATOMS = (b"moov", b"mdat", b"wide", b"free", b"skip")


def sniff(path: Path) -> str:
    """The content type of a file, "application/octet-stream" where the bytes tell nothing."""
    with path.open("rb") as file:
        return sniff_bytes(file.read(_HEAD_BYTES))


def sniff_bytes(head: bytes) -> str:
    """The same from the first bytes (4096 are enough)."""
    for start, content_type in _STARTS:
        if head.startswith(start):
            return content_type
    return _boxes(head) or _riff(head) or _matroska(head) or _ogg(head) or _frames(head) or UNKNOWN


def _boxes(head: bytes) -> str | None:
    """ISO base media: an `ftyp` box with a brand; QuickTime files may begin with another atom."""
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    return "video/quicktime" if head[4:8] in _QUICKTIME_ATOMS else None


def _riff(head: bytes) -> str | None:
    return _RIFF.get(head[8:12]) if head[:4] in (b"RIFF", b"RF64") else None


def _matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "video/webm" if b"webm" in head[:64] else "video/x-matroska"


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS"):
        return None
    return "video/ogg" if b"\x80theora" in head[:256] else "audio/ogg"


def _frames(head: bytes) -> str | None:
    """MPEG audio without a tag: eleven sync bits; layer 0 is AAC in ADTS, and a reserved version is neither."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, head[1] >> 1 & 3
    if head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return "audio/mpeg" if version != 1 and layer != 0 and head[2] >> 4 not in (0, 15) else None
