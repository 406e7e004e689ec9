"""Wan VACE: remake a clip along its depth, its poses or a mask, or give it more picture."""

from __future__ import annotations

from lib.catalog.operation import Family
from lib.catalog.wan.parent import WAN_VACE
from lib.catalog.wan.tasks import DEPTH, INPAINTING, OUTPAINTING, POSE, REFRAME

FAMILY = Family(
    slug="wan",
    title="Wan VACE",
    about="Make a new video that follows the depth, the poses or the mask of another.",
    operations=(WAN_VACE, DEPTH, POSE, INPAINTING, OUTPAINTING, REFRAME),
)
