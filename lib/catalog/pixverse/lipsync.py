"""PixVerse: put a voice on a clip."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.fields import AudioIn, IgnoredWhen, Input, LongText, Output, VideoIn, VideoOut
from lib.catalog.operation import Endpoint
from lib.catalog.price import SEEN, Estimate, Price, Unknown, per_second, seconds
from lib.media.facts import Facts

_TTS = IgnoredWhen("audio_url", ("*",), "The given audio is used; no speech is made.")


class LipsyncInput(Input):
    video_url: VideoIn = Field(description="URL of the input video")
    audio_url: AudioIn | None = Field(None, description="URL of the input audio. If not provided, TTS will be used.")
    voice_id: Annotated[
        Literal[
            "Emily",
            "James",
            "Isabella",
            "Liam",
            "Chloe",
            "Adrian",
            "Harper",
            "Ava",
            "Sophia",
            "Julia",
            "Mason",
            "Jack",
            "Oliver",
            "Ethan",
            "Auto",
        ],
        _TTS,
    ] = Field("Auto", description="Voice to use for TTS when audio_url is not provided")
    text: Annotated[str | None, LongText(), _TTS] = Field(
        None, description="Text content for TTS when audio_url is not provided"
    )

    def remarks(self) -> Iterator[tuple[str, str]]:
        # Not an error: the document's own submit example sends video_url alone.
        if not self.audio_url and not self.text:
            yield "text", "Neither a voice recording nor a text is given; the model has nothing to say."


class LipsyncOutput(Output):
    video: VideoOut = Field(description="The generated video")


def lipsync_price(made: LipsyncInput, facts: Mapping[str, Facts]) -> Price:
    """$0.04 per output second, plus $0.24 per 100 characters of speech (the endpoint's own page).

    Whether the output lasts as long as the picture or as the voice is not stated: the interval spans both. A speaker
    says 10 to 25 characters a second. Whether a begun hundred of characters counts whole is not stated either.
    """
    video_s = seconds(facts.get("video_url"))
    if video_s is None:
        return Unknown("The price follows the length of the video; choose it first.")
    voice_s = seconds(facts.get("audio_url"))
    if made.audio_url and voice_s is None:
        return Unknown("The price may follow the length of the voice; choose it first.")
    letters = 0 if made.audio_url else len(made.text or "")
    lasting_s = [video_s, voice_s] if voice_s is not None and made.audio_url else [video_s]
    if letters:
        lasting_s += [Decimal(letters) / 25, Decimal(letters) / 10]
    picture = per_second(Decimal("0.04"), min(lasting_s), max(lasting_s), "")
    return Estimate(
        picture.low_usd + Decimal("0.0024") * letters,
        picture.high_usd + Decimal("0.24") * math.ceil(letters / 100),
        "official page of pixverse/lipsync: $0.04 per output second, $0.24 per 100 characters of speech",
        SEEN,
    )


LIPSYNC = Endpoint(
    id="fal-ai/pixverse/lipsync",
    title="Lip-sync",
    about="Create a lipsync video by combining a video with audio.",
    family="pixverse",
    input=LipsyncInput,
    output=LipsyncOutput,
    price=lipsync_price,
    # The example sends both audio and text, although text applies only without audio: sent as it stands.
    example={
        "video_url": "https://v3.fal.media/files/penguin/T-ONORYMYLoEOB9lXryA2_IKEy3yAyi1evJGBAkXGZx_output.mp4",
        "audio_url": "https://v3.fal.media/files/monkey/k4iyN8bJZWwJXMKH-pO9r_speech.mp3",
        "voice_id": "Auto",
        "text": "Hello, this is a test message.",
    },
    source="document 003, page 5",
    decisions=(
        "text and voice_id apply only without a voice recording, yet the example sends all three; it is sent as it is.",
        "Neither a recording nor a text is no error: the submit example sends the video alone.",
    ),
)
