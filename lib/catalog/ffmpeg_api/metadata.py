"""ffmpeg API: the facts of a clip or a sound."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from lib.catalog.fields import Input, MediaIn, Output
from lib.catalog.guesses import ITEMS_PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price


class MetadataInput(Input):
    media_url: MediaIn = Field(title="Clip or sound", description="URL of the media file (video or audio) to analyze")
    # No default is printed: not sent unless chosen.
    extract_frames: bool | None = Field(
        None,
        description="Whether to extract the start and end frames for videos. Note that when true the request will be "
        "slower.",
    )


class _Told(BaseModel):
    model_config = ConfigDict(extra="allow")


class AudioTrack(_Told):
    """The sound of a clip."""

    codec: str | None = Field(None, description="Audio codec used (e.g., 'aac', 'mp3')")
    channels: int | None = Field(None, description="Number of audio channels")
    sample_rate: int | None = Field(None, description="Audio sample rate in Hz")
    bitrate: int | None = Field(None, description="Audio bitrate in bits per second")


class Resolution(_Told):
    """The size of a picture."""

    aspect_ratio: str | None = Field(None, description="Display aspect ratio (e.g., '16:9')")
    width: int | None = Field(None, description="Width of the video in pixels")
    height: int | None = Field(None, description="Height of the video in pixels")


class VideoFormat(_Told):
    """How the pictures are coded."""

    container: str | None = Field(None, description="Container format of the video")
    video_codec: str | None = Field(None, description="Video codec used (e.g., 'h264')")
    profile: str | None = Field(None, description="Codec profile (e.g., 'main', 'high')")
    level: float | None = Field(None, description="Codec level (e.g., 4.1)")
    pixel_format: str | None = Field(None, description="Pixel format used (e.g., 'yuv420p')")
    bitrate: int | None = Field(None, description="Video bitrate in bits per second")


class Video(_Told):
    """The facts of a clip."""

    media_type: str = Field("video", description="Type of media (always 'video')")
    url: str = Field(description="URL where the media file can be accessed")
    content_type: str | None = Field(None, description="MIME type of the media file")
    file_name: str | None = Field(None, description="Original filename of the media")
    file_size: int | None = Field(None, description="Size of the file in bytes")
    duration: float | None = Field(None, description="Duration of the media in seconds")
    bitrate: int | None = Field(None, description="Overall bitrate of the media in bits per second")
    codec: str | None = Field(None, description="Codec used to encode the media")
    container: str | None = Field(None, description="Container format of the media file (e.g., 'mp4', 'mov')")
    fps: int | None = Field(None, description="Frames per second")
    frame_count: int | None = Field(None, description="Total number of frames in the video")
    timebase: str | None = Field(None, description="Time base used for frame timestamps")
    resolution: Resolution | None = Field(None, description="Video resolution information")
    format: VideoFormat | None = Field(None, description="Detailed video format information")
    audio: AudioTrack | None = Field(None, description="Audio track information if video has audio")
    start_frame_url: str | None = Field(None, description="URL of the extracted first frame")
    end_frame_url: str | None = Field(None, description="URL of the extracted last frame")


class Audio(_Told):
    """The facts of a sound."""

    media_type: str = Field("audio", description="Type of media (always 'audio')")
    url: str = Field(description="URL where the media file can be accessed")
    content_type: str | None = Field(None, description="MIME type of the media file")
    file_name: str | None = Field(None, description="Original filename of the media")
    file_size: int | None = Field(None, description="Size of the file in bytes")
    duration: float | None = Field(None, description="Duration of the media in seconds")
    bitrate: int | None = Field(None, description="Overall bitrate of the media in bits per second")
    codec: str | None = Field(None, description="Codec used to encode the media")
    container: str | None = Field(None, description="Container format of the media file (e.g., 'mp4', 'mov')")
    channels: int | None = Field(None, description="Number of audio channels")
    sample_rate: int | None = Field(None, description="Audio sample rate in Hz")


class MetadataOutput(Output):
    media: Video | Audio = Field(description="Metadata for the analyzed media file (either Video or Audio)")


METADATA = Endpoint(
    id="fal-ai/ffmpeg-api/metadata",
    title="Look into a file",
    about="The facts of a clip or a sound: length, size, rate, coding, sound.",
    family="ffmpeg_api",
    input=MetadataInput,
    output=MetadataOutput,
    price=no_price("No price is published for looking into a file."),
    example={
        "media_url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-video.mp4",
        "extract_frames": True,
    },
    source="document 003, page 6, types Video, Audio, AudioTrack, Resolution and VideoFormat",
    decisions=("extract_frames has no stated default; it is sent only when chosen.",),
    guessed=ITEMS_PRINTED,
)
