"""ffmpeg API: tracks put together, sound laid on and levelled, a frame taken out, a file's facts."""

from __future__ import annotations

from lib.catalog.ffmpeg_api.compose import COMPOSE
from lib.catalog.ffmpeg_api.frame import EXTRACT_FRAME
from lib.catalog.ffmpeg_api.loudnorm import LOUDNORM
from lib.catalog.ffmpeg_api.merge import MERGE_AUDIO_VIDEO
from lib.catalog.ffmpeg_api.metadata import METADATA
from lib.catalog.operation import Family

FAMILY = Family(
    slug="ffmpeg_api",
    title="ffmpeg API",
    about="Put clips, pictures and sounds together, and look into files, on the provider's machines.",
    operations=(MERGE_AUDIO_VIDEO, COMPOSE, EXTRACT_FRAME, LOUDNORM, METADATA),
)
