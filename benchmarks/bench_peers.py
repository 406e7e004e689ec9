"""A hundred of the thousand random cuts by us and by others, judged alike: `bench_peers.py [cuts] [seed]`.

Others are smartcut and moviepy (each in an environment of its own that is made here and thrown away), LosslessCut's
method (its head encoded, the rest copied, both joined by ffmpeg's concat demuxer) and ffmpeg's own `-c copy`. Every way
is a program that is started anew for each cut, writes an MP4 (of a MOV, a MOV), and is told the parts as suits it best.
The judge is that of the trial: it decodes every picture, reads its number, and finds the noise again.
"""

from __future__ import annotations

import asyncio
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.media.binary import ffmpeg  # noqa: E402
from lib.media.facts import Facts  # noqa: E402
from lib.media.probe import probe  # noqa: E402
from lib.media.smart.trim import smart_trim  # noqa: E402
from lib.media.timing import shown_at  # noqa: E402
from lib.media.trim import Span  # noqa: E402
from tests.media.barcoded import RATE, heard, lag  # noqa: E402
from tests.media_smart.family import MAKERS, make  # noqa: E402
from tests.media_smart.trial import HEARABLE, Source, draw, judged_pictures, judged_sound, shown  # noqa: E402

PACKAGES = ("smartcut", "moviepy")
PATIENCE_S = 120
COPY = ("-c", "copy")
ENCODERS = {"h264": "libx264", "hevc": "libx265", "vp9": "libvpx-vp9", "av1": "libsvtav1", "prores": "prores_ks"}
MOVIEPY = """
import sys
from moviepy import VideoFileClip, concatenate_videoclips
source, output, *times = sys.argv[1:]
clip, times = VideoFileClip(source), [float(time) for time in times]
parts = [clip.subclipped(a, min(b, clip.duration)) for a, b in zip(times[::2], times[1::2])]
whole = parts[0] if len(parts) == 1 else concatenate_videoclips(parts)
whole.write_videofile(output, logger=None, codec="libx264", audio_codec="aac")
"""
Way = Callable[[Path, Facts, Sequence[Span], Path], None]


def call(*argv: str | Path) -> None:
    """Raises CalledProcessError or TimeoutExpired where it fails."""
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S)


def run_ffmpeg(*args: str | Path) -> None:
    call(ffmpeg(), "-v", "error", "-y", *args)


def at_s(number: int, facts: Facts) -> float:
    """When that picture comes, on the file's clock."""
    return facts.picture_start_s + float(shown_at(number, facts))


def ours(clip: Path, _: Facts, parts: Sequence[Span], output: Path) -> None:
    call(sys.executable, __file__, "--ours", clip, output, *(str(n) for part in parts for n in (part.first, part.end)))


async def once(clip: Path, output: Path, numbers: Sequence[int]) -> None:
    parts = [Span(first, end) for first, end in zip(numbers[::2], numbers[1::2], strict=True)]
    await smart_trim(clip, await probe(clip), output, parts)


def smartcut(python: Path) -> Way:
    def cut(clip: Path, facts: Facts, parts: Sequence[Span], output: Path) -> None:
        call(python, "-m", "smartcut", clip, output, "--keep", ",".join(_late_ends(parts, facts)))

    return cut


def moviepy(python: Path) -> Way:
    def cut(clip: Path, facts: Facts, parts: Sequence[Span], output: Path) -> None:
        call(python, "-c", MOVIEPY, clip, output, *_late_ends(parts, facts))

    return cut


def _late_ends(parts: Sequence[Span], facts: Facts) -> Iterator[str]:
    """Times of the parts, each end a quarter of a picture late: with the exact one, both would often lose the last."""
    for part in parts:
        before, end = at_s(part.end - 1, facts), at_s(part.end, facts)
        yield f"{at_s(part.first, facts):.6f}"
        yield f"{end + (end - before) / 4 if part.end < (facts.frames or 0) else end:.6f}"


def copied(clip: Path, facts: Facts, parts: Sequence[Span], output: Path) -> None:
    _joined([_piece(clip, facts, part, output.with_stem(f"piece{n}")) for n, part in enumerate(parts)], output)


def losslesscut(clip: Path, facts: Facts, parts: Sequence[Span], output: Path) -> None:
    """What comes before the next key picture is encoded in the clip's own coding, the rest is copied."""
    coder = ENCODERS.get(facts.video_codec or "", facts.video_codec or "")
    clock = (facts.time_base or "1/90000").partition("/")[2]
    head = ("-c:v", coder, "-pix_fmt", str(facts.pixel_format), "-video_track_timescale", clock, "-c:a", "copy")
    pieces: list[Path] = []
    for part in parts:
        border = min(next((n for n in facts.key_pictures() if n >= part.first), part.end), part.end)
        for span, how in ((Span(part.first, border), head), (Span(border, part.end), COPY)):
            if span.frames:
                pieces.append(_piece(clip, facts, span, output.with_stem(f"piece{len(pieces)}"), how))
    _joined(pieces, output)


def _piece(clip: Path, facts: Facts, part: Span, path: Path, how: Sequence[str] = COPY) -> Path:
    begin, end = (f"{at_s(n, facts):.6f}" for n in (part.first, part.end))
    run_ffmpeg("-ss", begin, "-to", end, "-i", clip, *how, path)
    return path


def _joined(pieces: Sequence[Path], output: Path) -> None:
    if len(pieces) == 1:
        pieces[0].replace(output)
        return
    listed = output.with_name("list.txt")
    listed.write_text("".join(f"file '{path}'\n" for path in pieces))
    run_ffmpeg("-f", "concat", "-safe", "0", "-i", listed, "-c", "copy", output)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one way made of one cut. `wrong` counts pictures too many or missing; None where it made nothing."""

    exact: bool
    wrong: int | None
    offset_s: float | None
    wall_s: float
    cpu_s: float


def tried(way: Way, source: Source, parts: Sequence[Span], folder: Path) -> Verdict:
    clip = source.clip
    output = folder / f"out{'.mov' if clip.path.suffix == '.mov' else '.mp4'}"  # what MP4 cannot hold, MOV can
    output.unlink(missing_ok=True)
    began, before = time.monotonic(), _cpu_s()
    try:
        way(clip.path, clip.facts, parts, output)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return Verdict(False, None, None, time.monotonic() - began, _cpu_s() - before)
    wall_s, cpu_s = time.monotonic() - began, _cpu_s() - before
    try:
        return Verdict(*judged(source, parts, output), wall_s, cpu_s)
    except (OSError, ValueError, IndexError):  # nothing in there can be played
        return Verdict(False, None, None, wall_s, cpu_s)


def judged(source: Source, parts: Sequence[Span], output: Path) -> tuple[bool, int, float | None]:
    result = shown(output)
    wanted = Counter(source.pictures[n].number for part in parts for n in range(part.first, part.end))
    is_ = Counter(picture.number for picture in result)
    wrong = max((wanted - is_).total(), (is_ - wanted).total())
    made: Any = SimpleNamespace(copied=0, plans=None)
    faults = [*judged_pictures(source, parts, output, made), *judged_sound(source, parts, output)]
    return not faults, wrong, _offset_s(source, parts[0], output, result[0].time_s)


def _offset_s(source: Source, part: Span, output: Path, zero_s: float) -> float | None:
    """How late the first part's sound is against its first picture; None where that cannot be found."""
    if source.sound is None:
        return None
    facts, begin = source.clip.facts, round(source.pictures[0].time_s * RATE)
    first, end = (round(shown_at(number, facts) * RATE) for number in (part.first, part.end))
    zero = round(zero_s * RATE)
    truth, mine = source.sound[begin + first : begin + end], heard(output)[zero : zero + end - first]
    return lag(mine, truth) / RATE if min(len(truth), len(mine)) >= HEARABLE else None


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def installed(package: str, folder: Path) -> tuple[Path, str]:
    """The interpreter of an environment of its own with that package, and the package's version."""
    venv.create(folder / package, with_pip=True)
    python = folder / package / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", package], check=True)
    ask = f"from importlib.metadata import version; print(version({package!r}))"
    return python, subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()


def ways(folder: Path) -> dict[str, Way]:
    (cutter, cutter_version), (movie, movie_version) = (installed(package, folder) for package in PACKAGES)
    return {
        "ours": ours,
        f"smartcut {cutter_version}": smartcut(cutter),
        "LosslessCut's method": losslesscut,
        f"moviepy {movie_version}": moviepy(movie),
        "ffmpeg -c copy": copied,
    }


def row(name: str, mine: Sequence[Verdict], our: Sequence[Verdict]) -> str:
    offsets = [abs(one.offset_s) for one in mine if one.offset_s is not None]
    worst, middle = (max(offsets), statistics.median(offsets)) if offsets else (0.0, 0.0)
    failed = sum(one.wrong is None for one in mine)
    wall, cpu = (
        statistics.mean(getattr(one, what) for one in mine) / statistics.mean(getattr(one, what) for one in our)
        for what in ("wall_s", "cpu_s")
    )
    wrong = sum(one.wrong or 0 for one in mine)
    cells = f"{name:22}{sum(one.exact for one in mine):6}{failed:8}{wrong:16}{sum(bool(one.wrong) for one in mine):9}"
    return f"{cells}{middle * 1000:11.2f}{worst * 1000:9.1f}{wall:7.2f}{cpu:7.2f}"


def main() -> None:
    if sys.argv[1:2] == ["--ours"]:
        asyncio.run(once(Path(sys.argv[2]), Path(sys.argv[3]), [int(word) for word in sys.argv[4:]]))
        return
    cuts, seed = (int(word) for word in (*sys.argv[1:3], *("100", "3")[len(sys.argv[1:3]) :]))
    names, rng = tuple(MAKERS), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder, sources = Path(name), dict[str, Source]()
        every = ways(folder)
        found: dict[str, list[Verdict]] = {way: [] for way in every}
        for number in range(cuts):
            clip = names[number % len(names)]
            if clip not in sources:
                sources[clip] = Source.of(make(clip, folder))
            parts = draw(rng, sources[clip].clip.facts.frames or 0)
            for way, cut in every.items():
                found[way].append(tried(cut, sources[clip], parts, folder))
    print(f"{'of ' + str(cuts) + ' cuts':22} exact  failed  wrong pictures  in cuts  A/V median  worst ms  wall    cpu")
    for way, verdicts in found.items():
        print(row(way, verdicts, found["ours"]))


if __name__ == "__main__":
    main()
