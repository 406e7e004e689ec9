"""ffmpeg API: clips, pictures and sounds on tracks, put together into one clip."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from lib.catalog.fields import ImageAddressOut, Input, Item, MediaIn, Output, VideoAddressOut
from lib.catalog.guesses import ITEMS_PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price

TRACKS = ("video", "audio", "image")


class Keyframe(Item):
    timestamp: float = Field(
        title="Starts at (ms)", description="The timestamp in milliseconds where this keyframe starts"
    )
    duration: float = Field(title="Lasts (ms)", description="The duration in milliseconds of this keyframe")
    url: MediaIn = Field(title="File", description="The URL where this keyframe's media file can be accessed")


class Track(Item):
    id: str = Field(title="Name", description="Unique identifier for the track")
    # The document names video and audio, the client also image.
    type: str = Field(description="Type of track ('video' or 'audio')")
    keyframes: list[Keyframe] = Field(description="List of keyframes that make up this track")


class ComposeInput(Input):
    tracks: list[Track] = Field(description="List of tracks to be combined into the final media")

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if not any(track.keyframes for track in self.tracks):
            yield "tracks", "Add a track with a keyframe."
        for at, track in enumerate(self.tracks):
            if track.type not in TRACKS:
                yield f"tracks.{at}.type", f"Must be one of {', '.join(TRACKS)}."
            for place, keyframe in enumerate(track.keyframes):
                yield from _wrong(keyframe, f"tracks.{at}.keyframes.{place}")


def _wrong(keyframe: Keyframe, path: str) -> Iterator[tuple[str, str]]:
    if keyframe.timestamp < 0:
        yield f"{path}.timestamp", "Must be at least 0."
    if keyframe.duration <= 0:
        yield f"{path}.duration", "Must be more than 0."


class ComposeOutput(Output):
    # Plain addresses, not files, as the client has them.
    video_url: VideoAddressOut = Field(description="URL of the processed video file")
    thumbnail_url: ImageAddressOut = Field(description="URL of the video's thumbnail image")


COMPOSE = Endpoint(
    id="fal-ai/ffmpeg-api/compose",
    title="Put tracks together",
    about="Combine clips, pictures and sounds on tracks into one clip.",
    family="ffmpeg_api",
    input=ComposeInput,
    output=ComposeOutput,
    price=no_price("No price is published for compose."),
    example={
        "tracks": [
            {
                "id": "pictures",
                "type": "video",
                "keyframes": [
                    {
                        "timestamp": 0,
                        "duration": 2000,
                        "url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-video.mp4",
                    }
                ],
            },
            {
                "id": "sound",
                "type": "audio",
                "keyframes": [
                    {
                        "timestamp": 500,
                        "duration": 1500,
                        "url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-audio.wav",
                    }
                ],
            },
        ]
    },
    source="document 003, page 6, types Track and Keyframe",
    decisions=(
        "type: the document names video and audio, the client also image; any other is refused.",
        "What lies on top is not stated: in rehearsal the later track.",
        "Whether clips keep their sound is not stated: in rehearsal they do where there is no audio track.",
    ),
    guessed=ITEMS_PRINTED,
)
