"""ffmpeg API: a sound brought to a loudness."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from lib.catalog.fields import Advanced, AudioIn, AudioOut, IgnoredWhen, Input, Output
from lib.catalog.guesses import ITEMS_PRINTED
from lib.catalog.operation import Endpoint
from lib.catalog.price import no_price

MEASURED = ("measured_i", "measured_lra", "measured_tp", "measured_thresh")
# What FFmpeg's filter of that name takes; no page says so, but beyond these it fails.
RANGES = {
    "integrated_loudness": (-70, -5),
    "true_peak": (-9, 0),
    "loudness_range": (1, 50),
    "offset": (-99, 99),
    "measured_i": (-99, 0),
    "measured_lra": (0, 99),
    "measured_tp": (-99, 99),
    "measured_thresh": (-99, 0),
}
_ONLY_LINEAR = IgnoredWhen("linear", (None, False), "It is measured anyway unless the mode is linear.")


class LoudnormInput(Input):
    audio_url: AudioIn = Field(description="URL of the audio file to normalize")
    integrated_loudness: float = Field(-18, title="Loudness (LUFS)", description="Integrated loudness target in LUFS.")
    true_peak: float = Field(-0.1, title="True peak (dBTP)", description="Maximum true peak in dBTP.")
    loudness_range: float = Field(7, title="Loudness range (LU)", description="Loudness range target in LU")
    # No default is printed for these: not sent unless chosen.
    offset: Annotated[float | None, Advanced()] = Field(
        None, description="Offset gain in dB applied before the true-peak limiter"
    )
    linear: Annotated[bool | None, Advanced()] = Field(
        None,
        description="Use linear normalization mode (single-pass). If false, uses dynamic mode (two-pass for better "
        "quality).",
    )
    dual_mono: Annotated[bool | None, Advanced()] = Field(
        None,
        description="Treat mono input files as dual-mono for correct EBU R128 measurement on stereo systems",
    )
    print_summary: bool | None = Field(
        None,
        title="Say what was measured",
        description="Return loudness measurement summary with the normalized audio",
    )
    measured_i: Annotated[float | None, Advanced(), _ONLY_LINEAR] = Field(
        None, description="Measured integrated loudness of input file in LUFS. Required for linear mode."
    )
    measured_lra: Annotated[float | None, Advanced(), _ONLY_LINEAR] = Field(
        None, description="Measured loudness range of input file in LU. Required for linear mode."
    )
    measured_tp: Annotated[float | None, Advanced(), _ONLY_LINEAR] = Field(
        None, description="Measured true peak of input file in dBTP. Required for linear mode."
    )
    measured_thresh: Annotated[float | None, Advanced(), _ONLY_LINEAR] = Field(
        None, description="Measured threshold of input file in LUFS. Required for linear mode."
    )

    def rules(self) -> Iterator[tuple[str, str]]:
        yield from super().rules()
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                yield name, f"Must be between {low} and {high}."
        for name in MEASURED if self.linear else ():
            if getattr(self, name) is None:
                yield name, "Required for linear mode."


class LoudnormSummary(BaseModel):
    """What was measured before and after."""

    model_config = ConfigDict(extra="allow")

    input_integrated: float | None = Field(None, description="Input integrated loudness in LUFS")
    input_true_peak: float | None = Field(None, description="Input true peak in dBTP")
    input_lra: float | None = Field(None, description="Input loudness range in LU")
    input_threshold: float | None = Field(None, description="Input threshold in LUFS")
    output_integrated: float | None = Field(None, description="Output integrated loudness in LUFS")
    output_true_peak: float | None = Field(None, description="Output true peak in dBTP")
    output_lra: float | None = Field(None, description="Output loudness range in LU")
    output_threshold: float | None = Field(None, description="Output threshold in LUFS")
    normalization_type: str | None = Field(None, description="Type of normalization applied (Dynamic/Linear)")
    target_offset: float | None = Field(None, description="Target offset in LU")


class LoudnormOutput(Output):
    audio: AudioOut = Field(description="Normalized audio file")
    summary: LoudnormSummary | None = Field(None, description="Structured loudness measurement summary (if requested)")


LOUDNORM = Endpoint(
    id="fal-ai/ffmpeg-api/loudnorm",
    title="Level the loudness",
    about="Bring a sound to a loudness, measured as broadcasters do (EBU R128).",
    family="ffmpeg_api",
    input=LoudnormInput,
    output=LoudnormOutput,
    price=no_price("No price is published for levelling."),
    example={
        "audio_url": "https://storage.googleapis.com/falserverless/example_inputs/ffmpeg-audio.wav",
        "integrated_loudness": -18,
        "true_peak": -0.1,
        "loudness_range": 7,
        "print_summary": True,
    },
    source="document 003, page 6, type LoudnormSummary",
    decisions=("Values beyond what FFmpeg's filter takes are refused before anything is sent; no page says so.",),
    guessed=ITEMS_PRINTED,
)
