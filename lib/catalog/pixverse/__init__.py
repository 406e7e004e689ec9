"""PixVerse: make a clip, extend one, or put a voice or a sound on one."""

from __future__ import annotations

from lib.catalog.operation import Family
from lib.catalog.pixverse.extend import EXTEND, EXTEND_FAST
from lib.catalog.pixverse.generate import (
    PICTURE,
    PICTURE_3,
    PICTURE_3_FAST,
    PICTURE_FAST,
    TEXT,
    TEXT_FAST,
    TRANSITION,
)
from lib.catalog.pixverse.lipsync import LIPSYNC
from lib.catalog.pixverse.sound import SOUND_EFFECTS

FAMILY = Family(
    slug="pixverse",
    title="PixVerse",
    about="Extend a clip past its end, make a person in it speak, or start a clip from words or pictures.",
    operations=(
        EXTEND_FAST,
        LIPSYNC,
        EXTEND,
        TEXT,
        TEXT_FAST,
        PICTURE,
        PICTURE_FAST,
        PICTURE_3,
        PICTURE_3_FAST,
        TRANSITION,
        SOUND_EFFECTS,
    ),
)
