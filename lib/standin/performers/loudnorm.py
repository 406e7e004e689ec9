"""Loudness: FFmpeg's own loudnorm, measured first and then applied, or in one pass with the numbers that were given."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import av
import av.logging

from lib.standin.mark import comment
from lib.standin.performers.part import Part, Played, Refused
from lib.standin.performers.reel import open_media

NAMES = {
    "input_i": "input_integrated", "input_tp": "input_true_peak", "input_lra": "input_lra",
    "input_thresh": "input_threshold", "output_i": "output_integrated", "output_tp": "output_true_peak",
    "output_lra": "output_lra", "output_thresh": "output_threshold", "target_offset": "target_offset",
}  # fmt: skip
"""The filter's words -> the document's."""
MEASURED = {
    "measured_i": "input_i",
    "measured_lra": "input_lra",
    "measured_tp": "input_tp",
    "measured_thresh": "input_thresh",
}

Options = Mapping[str, Any]


def perform(part: Part) -> Played:
    """A WAV at that loudness; the summary where it is asked for."""
    values, source = part.values, part.file("audio_url")
    target = {"I": values["integrated_loudness"], "TP": values["true_peak"], "LRA": values["loudness_range"]}
    target |= {"offset": values.get("offset") or 0, "dual_mono": int(bool(values.get("dual_mono")))}
    linear = bool(values.get("linear"))
    if linear:
        known = {name: values[name] for name in MEASURED}
    else:
        found = _normalised(source, target | {"linear": 0}, None)
        known = {name: _within(found[word], name) for name, word in MEASURED.items()}
        part.log(f"Measured {found['input_i']} LUFS, true peak {found['input_tp']} dBTP")
    path = part.folder / "output.wav"
    told = _normalised(source, target | known | {"linear": int(linear)}, path, said=comment(part.endpoint))
    part.log(f"Now {told['output_i']} LUFS, {told['normalization_type']}")
    return Played({"audio": path}, {"summary": _summary(told)} if values.get("print_summary") else {})


def _summary(told: Mapping[str, str]) -> dict[str, Any]:
    # Silence has a loudness of minus infinity, for which JSON has no number.
    numbers = {name: float(told[word]) for word, name in NAMES.items()}
    shown: dict[str, Any] = {name: value for name, value in numbers.items() if abs(value) < 1e9}
    return shown | {"normalization_type": told["normalization_type"].capitalize()}


def _within(value: str, name: str) -> float:
    """The measured number as far as the filter takes it: silence measures minus infinity."""
    high = 99.0 if name in {"measured_tp", "measured_lra"} else 0.0
    return min(max(float(value), 0.0 if name == "measured_lra" else -99.0), high)


def _normalised(source: Path, options: Options, into: Path | None, *, said: str = "") -> dict[str, str]:
    """What the filter tells at its end; the sound goes into that WAV. Raises Refused when there is no sound."""
    av.logging.set_level(av.logging.INFO)
    av.logging.set_skip_repeated(False)  # two passes may well say the same
    with av.logging.Capture(local=False) as lines:
        try:
            _run(source, options, into, said)
        except av.FFmpegError as error:
            raise Refused("audio_url", "The file could not be read as sound.") from error
        gc.collect()  # the filter speaks when it is taken down
    av.logging.set_level(None)  # a decoder's threads must not speak: see lib.media.look
    words = next(text for _, name, text in reversed(lines) if "loudnorm" in name and "{" in text)
    told: dict[str, str] = json.loads(words[words.index("{") : words.rindex("}") + 1])
    return told


def _run(source: Path, options: Options, into: Path | None, said: str) -> None:
    with open_media(source) as container:
        if not container.streams.audio:
            raise Refused("audio_url", "The file has no sound.")
        stream = container.streams.audio[0]
        frames = _filtered(container, stream, options)
        if into is None:
            for _ in frames:
                pass
            return
        with av.open(str(into), "w", format="wav") as made:
            made.metadata["comment"] = said
            track = made.add_stream("pcm_s16le", rate=stream.rate)
            track.layout = stream.layout
            for frame in frames:
                made.mux(track.encode(frame))
            made.mux(track.encode(None))


def _filtered(container: Any, stream: Any, options: Options) -> Iterator[av.AudioFrame]:
    graph = av.filter.Graph()
    words = ":".join(f"{name}={value}" for name, value in options.items())
    links = [
        graph.add_abuffer(template=stream),
        graph.add("loudnorm", f"{words}:print_format=json"),
        graph.add("aresample", str(stream.rate)),
        graph.add("aformat", f"sample_fmts=s16:channel_layouts={stream.layout.name}"),
    ]
    graph.link_nodes(*links, graph.add("abuffersink")).configure()
    for frame in container.decode(stream):
        graph.push(frame)
        yield from _pulled(graph)
    graph.push(None)
    yield from _pulled(graph)


def _pulled(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)
        yield frame
