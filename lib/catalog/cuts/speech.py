"""Cut: a text spoken by the computer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from lib.catalog.cuts.shared import SOUND_ENDINGS, AudioResult
from lib.catalog.fields import Advanced, Input, LongText
from lib.catalog.operation import Cut
from lib.media.asked import Speaking
from lib.media.facts import Facts
from lib.media.sound.voices import VARIANTS, Voice

LONGEST = 20_000


class SpeechInput(Input):
    text: Annotated[str, LongText()] = Field(max_length=LONGEST, description="What is said")
    language: Literal[
        "en-us", "en-gb", "de", "fr", "es", "es-419", "it", "pt", "pt-br", "nl", "pl", "cs", "sv", "da", "nb", "fi",
        "hu", "ro", "el", "tr", "uk", "ru", "ar", "he", "hi", "id", "vi", "cmn", "ja", "ko",
    ] = Field("en-us", description="The language of the text")  # fmt: skip
    voice: Literal["neutral", "woman 1", "woman 2", "woman 3", "man 1", "man 2", "man 3"] = Field(
        "neutral", description="Whose voice it is"
    )
    words_a_minute: int = Field(165, ge=80, le=450, description="How fast it is spoken; people say about 150")
    pitch: Annotated[int, Advanced()] = Field(50, ge=0, le=99, description="How high the voice is; 50 is its own pitch")
    format: Literal["wav", "flac", "mp3", "m4a"] = Field(
        "wav", description="WAV and FLAC keep every sample; MP3 and M4A are smaller (MP3 may end 24 ms late)"
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        if not self.text.strip():
            yield "text", "There is nothing to say."


class SpeechOutput(AudioResult):
    voice: str | None = Field(None, description="What spoke; the file says it of itself as well")


def _speech(made: SpeechInput, files: Mapping[str, Path], facts: Mapping[str, Facts], output: Path) -> Speaking:
    voice = Voice(f"{made.language}{VARIANTS[made.voice]}", made.pitch, made.words_a_minute)
    return Speaking(made.text, voice, made.format, output)


SPEECH = Cut(
    id="cut/speech",
    title="Speech",
    about="Have a text spoken by a computer voice (eSpeak NG), on this machine: plainly artificial, for rehearsals.",
    input=SpeechInput,
    output=SpeechOutput,
    example={"text": "The rabbit looks up. What was that?", "language": "en-us"},
    build=_speech,
    suffix=".wav",
    endings=SOUND_ENDINGS,
)
