"""What steps are called. Pure."""

from __future__ import annotations

import re


def step_name(operation_id: str) -> str:
    """A short id for a step of that operation: "extend-fast" for "fal-ai/pixverse/extend/fast"."""
    parts = operation_id.partition("@")[0].split("/")[1:]
    name = re.sub(r"[^a-z0-9_-]", "-", "-".join(parts[-2:]).lower())
    return re.sub(r"^[^a-z]+", "", name)[:40] or "step"
