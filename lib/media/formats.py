"""Which formats a file from outside may have, and how a picture's is told to libav."""

from __future__ import annotations

from pathlib import Path

# Real containers only. Playlists and scripts that name other files or addresses (hls, dash, concat, sdp, svg, image2,
# lavfi) are left out on purpose.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,gif,mpegts,wav,mp3,flac,ogg,aac,png_pipe,jpeg_pipe,webp_pipe"
PROTOCOLS = "file,pipe"
BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")


def picture_format(path: Path) -> str | None:
    """libav's name for the PNG, JPEG or WebP in the file, by its first bytes; None for anything else.

    It has to be told: left alone, libav opens a name that ends in .jpg with image2, which treats names as patterns.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError:  # ffmpeg will say the same, with its reason
        return None
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png_pipe"
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg_pipe"
    return "webp_pipe" if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def ends_early(path: Path, size: int) -> bool:
    """Whether an MP4 or MOV file of `size` bytes stops before its last box does."""
    with path.open("rb") as file:
        if file.read(8)[4:] not in BOXES:
            return False
        at = 0
        while at + 8 <= size:
            file.seek(at)
            head = file.read(16)
            length = int.from_bytes(head[:4])
            if length == 1:  # the real length follows, in 64 bits
                length = int.from_bytes(head[8:16])
            if length < 8:  # 0: up to the end of the file; else no box
                return False
            at += length
    return at > size
