"""What a clip's colours are where it does not say so. Pure."""

from __future__ import annotations

UNKNOWN, BT709, BT601 = 2, 1, 5  # matrices, as numbers of ITU-T H.273
HD_LINES = 720


def matrix_of(said: int | None, height: int | None) -> int:
    """The colour matrix as players take it: what is said, else BT.709 for large pictures and BT.601 for small ones."""
    if said not in (None, UNKNOWN):
        return said
    return BT709 if (height or 0) >= HD_LINES else BT601
