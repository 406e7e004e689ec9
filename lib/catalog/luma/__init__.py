"""Luma Dream Machine: clips from words and pictures, and clips changed or given another shape."""

from __future__ import annotations

from lib.catalog.luma.first import FIRST_FROM_PICTURE, FIRST_FROM_WORDS
from lib.catalog.luma.ray2 import IMAGE_TO_VIDEO, MODIFY
from lib.catalog.luma.ray2_words import REFRAME, TEXT_TO_VIDEO
from lib.catalog.operation import Family

FAMILY = Family(
    slug="luma",
    title="Luma Ray 2",
    about="Change what a clip shows or its shape, or start one from words or a picture.",
    operations=(MODIFY, IMAGE_TO_VIDEO, TEXT_TO_VIDEO, REFRAME, FIRST_FROM_WORDS, FIRST_FROM_PICTURE),
)
