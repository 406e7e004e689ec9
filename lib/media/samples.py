"""The small files that are shipped, so that everything can be tried without a file of one's own."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import lib
from lib.errors import NotFound
from lib.media.facts import Kind

ASSETS = Path(lib.__file__).parent / "assets"
FONT = ASSETS / "fonts" / "DejaVuSans.ttf"
SAMPLES: MappingProxyType[str, Kind] = MappingProxyType(
    {"bunny.mp4": "video", "speech.wav": "audio", "portrait.jpg": "image"}
)


def sample(name: str) -> Path:
    """The shipped file of that name. Raises NotFound, naming those there are."""
    if name not in SAMPLES:
        raise NotFound(f"There is no sample {name!r}.", hint=f"There are {', '.join(SAMPLES)}.")
    return ASSETS / "samples" / name
