"""What a picture track says of itself beside its size: coding, shape of its pixels, colours."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

UNKNOWN_LEVEL = -99
UNSPECIFIED = 2
# Code points of ISO/IEC 23091-2 by the names that ffmpeg's own options take.
PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
TRANSFERS = {
    1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
MATRICES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp",
}  # fmt: skip
RANGES = {1: "tv", 2: "pc"}
MPEG2_LEVELS = {4: "High", 6: "High 1440", 8: "Main", 10: "Low"}


def coding(context: Any, frame: Any) -> dict[str, Any]:
    """Codec, profile, level, pixel format and bits of a decoder and its first picture."""
    return {
        "video_codec": context.codec.canonical_name,
        "video_profile": context.profile,
        "video_level": level_name(context.codec.canonical_name, context.level),
        "pixel_format": context.pix_fmt or frame.format.name,
        "bit_depth": max(part.bits for part in frame.format.components),
    }


def level_name(codec: str, level: int | None) -> str | None:
    """A level as its standard writes it: 40 is "4.0" in H.264, 120 is "4.0" in HEVC."""
    if level is None or level == UNKNOWN_LEVEL or level < 0:
        return None
    if codec == "h264":
        return "1b" if level == 9 else f"{level // 10}.{level % 10}"
    if codec == "hevc":
        return f"{level // 30}.{level % 30 // 3}"
    if codec == "av1":  # 31 stands for no limit
        return None if level > 23 else f"{2 + (level >> 2)}.{level & 3}"
    if codec == "vp9":
        return f"{level // 10}.{level % 10}" if level else None
    return MPEG2_LEVELS.get(level) if codec == "mpeg2video" else str(level)


def shape(stream: Any, width: int, height: int, *, turned: bool) -> dict[str, Any]:
    """How wide a pixel and the whole picture are against their height, as shown in a picture of that size."""
    said = stream.sample_aspect_ratio
    pixel = 1 / Fraction(said) if said and turned else Fraction(said or 1)
    return {"sample_aspect": _ratio(pixel) if said else None, "display_aspect": _ratio(pixel * width / height)}


def _ratio(value: Fraction) -> str:
    return f"{value.numerator}:{value.denominator}"


def colours(context: Any, frame: Any) -> dict[str, Any]:
    """Colour tags by ffmpeg's names, and the kind of HDR; None for what nobody said."""
    transfer = TRANSFERS.get(_said(frame.color_trc, context.color_trc))
    return {
        "colour_primaries": PRIMARIES.get(_said(frame.color_primaries, context.color_primaries)),
        "colour_transfer": transfer,
        "colour_matrix": MATRICES.get(_said(frame.colorspace, context.colorspace)),
        "colour_range": RANGES.get(int(frame.color_range or context.color_range)),
        "hdr": _hdr(transfer, {item.type.name for item in frame.side_data}),
    }


def _said(of_frame: int, of_track: int) -> int:
    return int(of_track if of_frame == UNSPECIFIED else of_frame)


def _hdr(transfer: str | None, beside: set[str]) -> str | None:
    if beside & {"DOVI_METADATA", "DOVI_RPU_BUFFER"}:
        return "Dolby Vision"
    if transfer == "smpte2084":
        if "DYNAMIC_HDR_PLUS" in beside:
            return "HDR10+"
        return "HDR10" if beside & {"MASTERING_DISPLAY_METADATA", "CONTENT_LIGHT_LEVEL"} else "PQ"
    return "HLG" if transfer == "arib-std-b67" else None
