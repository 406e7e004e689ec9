"""ffmpeg API: put a sound track on a clip."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from lib.catalog.fields import Advanced, AudioIn, Input, Output, VideoIn, VideoOut
from lib.catalog.operation import Endpoint
from lib.catalog.price import Price, Unknown, per_second, seconds
from lib.media.facts import Facts


class MergeAudioVideoInput(Input):
    video_url: VideoIn = Field(description="URL of the video file to use as the video track")
    audio_url: AudioIn = Field(description="URL of the audio file to use as the audio track")
    # No default is printed: not sent unless chosen.
    start_offset: Annotated[float | None, Advanced()] = Field(
        None,
        title="Sound starts after (s)",
        description="Offset in seconds for when the audio should start relative to the video",
    )


class MergeAudioVideoOutput(Output):
    video: VideoOut = Field(description="Output video with merged audio.")


def merge_audio_video_price(made: MergeAudioVideoInput, facts: Mapping[str, Facts]) -> Price:
    """$0.0002 per second. Whether the result ends with the picture or with the sound is not stated: both."""
    video_s, audio_s = seconds(facts.get("video_url")), seconds(facts.get("audio_url"))
    if video_s is None or audio_s is None:
        return Unknown("The price follows the length of the video and the sound; choose both first.")
    sound_ends_s = max(Decimal(0), audio_s + Decimal(str(made.start_offset or 0)))
    return per_second(
        Decimal("0.0002"),
        min(video_s, sound_ends_s),
        max(video_s, sound_ends_s),
        "official page of ffmpeg-api/merge-audio-video: $0.0002 per second",
    )


MERGE_AUDIO_VIDEO = Endpoint(
    id="fal-ai/ffmpeg-api/merge-audio-video",
    title="Put sound on a clip",
    about="Combine a video track and an audio track.",
    family="ffmpeg_api",
    input=MergeAudioVideoInput,
    output=MergeAudioVideoOutput,
    price=merge_audio_video_price,
    example={
        "video_url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-video.mp4",
        "audio_url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-audio.wav",
    },
    source="document 003, page 6",
    decisions=(
        "start_offset has no stated default; it is sent only when chosen.",
        "The document's example output is a placeholder picture; the output is a video.",
    ),
)
