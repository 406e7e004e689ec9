"""Single pictures and a contact sheet out of ten minutes of 1080p (30 fps, GOP 250) against the fastest exact peers.

Each peer is a process of its own that ends with a picture written: OpenCV, ffmpeg (seeking to half a picture before),
PyAV as its documentation shows it. Ours is what a page or a chain calls, with the start of its limited child. Runs are
interleaved and medians compared, wall clock and processor time, so that a busy machine is fair to all. What every one
writes is compared with the picture that counting from the beginning gives.
"""

from __future__ import annotations

import asyncio
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.bench_trim import PIECE, run_ffmpeg, ten_minutes  # noqa: E402
from lib.media.asked import Picking, Sheet  # noqa: E402
from lib.media.binary import ffmpeg  # noqa: E402
from lib.media.facts import Facts  # noqa: E402
from lib.media.frames import spread  # noqa: E402
from lib.media.probe import probe_blocking  # noqa: E402
from lib.media.stills.taking import take  # noqa: E402
from lib.media.trim import Span  # noqa: E402

ROUNDS = 5
AT_S, FPS = 304.1, 30
OPENCV = """
import sys, cv2
clip = cv2.VideoCapture(sys.argv[1])
clip.set(cv2.CAP_PROP_POS_FRAMES, int(sys.argv[2]))
cv2.imwrite(sys.argv[3], clip.read()[1])
"""
PYAV = """
import sys, av
with av.open(sys.argv[1]) as clip:
    stream = clip.streams.video[0]
    stream.thread_type = "AUTO"
    due = int(sys.argv[2]) / 30
    clip.seek(int(due / stream.time_base), stream=stream)
    next(one for one in clip.decode(stream) if one.time >= due - 0.01).to_image().save(sys.argv[3])
"""
KEYFRAMES = """
import sys, av
from PIL import Image
sheet = Image.new("RGB", (1920, 5 * 220))
with av.open(sys.argv[1]) as clip:
    stream = clip.streams.video[0]
    stream.thread_type = "AUTO"
    for place in range(25):
        clip.seek(int((place + 0.5) * 24 / stream.time_base), stream=stream)
        frame = next(clip.decode(stream))
        sheet.paste(frame.to_image(width=374, height=210), (place % 5 * 384, place // 5 * 220))
sheet.save(sys.argv[3])
"""
Way = Callable[[Path, int, Path], None]


def by_python(program: str) -> Way:
    def way(clip: Path, number: int, output: Path) -> None:
        subprocess.run([sys.executable, "-c", program, clip, str(number), output], check=True)

    return way


def by_ffmpeg(clip: Path, number: int, output: Path) -> None:
    seek = ("-ss", f"{max(number - 0.5, 0) / FPS:.6f}")
    subprocess.run(
        [ffmpeg(), "-v", "error", "-y", *seek, "-i", clip, "-frames:v", "1", "-update", "1", output],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def ours(facts: Facts) -> Way:
    def way(clip: Path, number: int, output: Path) -> None:
        work = Picking(clip, facts, output, Span(0, facts.frames or 0), numbers=(number,))
        said = asyncio.run(take(work))
        assert said["frames"] == [number]

    return way


def our_sheet(facts: Facts) -> Way:
    def way(clip: Path, _: int, output: Path) -> None:
        frames = facts.frames or 0
        work = Sheet(clip, facts, output, spread(Span(0, frames), 25), 5, 5, 1920, reach=frames // 50)
        assert len(asyncio.run(take(work))["frames"]) == 25

    return way


def measured(way: Way, clip: Path, number: int, output: Path) -> tuple[float, float]:
    """(wall, processor) seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    way(clip, number, output)
    wall_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def truth(clip: Path, numbers: list[int]) -> dict[int, list[np.ndarray]]:
    """The pictures, by counting: the clip repeats itself, so that its first piece holds a copy of each.

    In the colours of both BT.601 and BT.709, since the clip does not say which, and the ways decide differently.
    """
    places = sorted(number % PIECE for number in numbers)
    chosen = "select='" + "+".join(f"eq(n,{place})" for place in places) + "',split[a][b]"
    matrices = "[a]scale=in_color_matrix=bt601[c];[b]scale=in_color_matrix=bt709[d]"
    outputs = [clip.with_name(f"truth{name}_%d.png") for name in "cd"]
    mapped = [
        word
        for name, path in zip("cd", outputs, strict=True)
        for word in ("-map", f"[{name}]", "-fps_mode", "passthrough", path)
    ]
    run_ffmpeg("-t", f"{(places[-1] + 2) / FPS:.3f}", "-i", clip, "-filter_complex", f"{chosen};{matrices}", *mapped)
    return {
        number: [_pixels(Path(str(path).replace("%d", str(places.index(number % PIECE) + 1)))) for path in outputs]
        for number in numbers
    }


def compare(title: str, clip: Path, number: int, ways: dict[str, Way], *, rounds: int, known: list[np.ndarray]) -> None:
    """Prints a line for each way; ratios are to the first."""
    outputs = {name: clip.with_name(f"{place}.png") for place, name in enumerate(ways)}
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            runs[name].append(measured(way, clip, number, outputs[name]))
    print(f"{title}\n  {'':24}{'wall s':>8}{'ratio':>7}{'cpu s':>8}{'ratio':>7}")
    first = [statistics.median(one[kind] for one in next(iter(runs.values()))) for kind in (0, 1)]
    for name, mine in runs.items():
        wall_s, cpu_s = (statistics.median(one[kind] for one in mine) for kind in (0, 1))
        line = f"  {name:24}{wall_s:8.2f}{wall_s / first[0]:7.2f}{cpu_s:8.2f}{cpu_s / first[1]:7.2f}"
        print(line + (f"  {_exact(outputs[name], known)}" if known else ""), flush=True)


def _exact(output: Path, known: list[np.ndarray]) -> str:
    """Every picture has a grain of its own: even its neighbour differs by 11, the ways' rounding of chroma by 1.6."""
    off = min(float(np.abs(_pixels(output) - one).mean()) for one in known)
    return f"exact (mean difference {off:.2f})" if off < 4 else f"WRONG PICTURE ({off:.1f})"


def _pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(np.int16)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        given = Path(sys.argv[1]).absolute() if sys.argv[1:] else ten_minutes(place)
        clip = place / "same.mp4"
        clip.hardlink_to(given) if given.stat().st_dev == place.stat().st_dev else clip.symlink_to(given)
        rounds = int(sys.argv[2]) if sys.argv[2:] else ROUNDS
        facts = probe_blocking(clip)
        ways: dict[str, Way] = {
            "ours": ours(facts), "OpenCV": by_python(OPENCV), "ffmpeg -ss": by_ffmpeg, "PyAV": by_python(PYAV),
        }  # fmt: skip
        wanted = {"last picture": (facts.frames or 0) - 1, f"at {AT_S} s": round(AT_S * FPS)}
        known = truth(clip, list(wanted.values()))
        for title, number in wanted.items():
            compare(f"{title} (number {number})", clip, number, ways, rounds=rounds, known=known[number])
        sheets = {"PyAV, 25 key pictures": by_python(KEYFRAMES), "ours": our_sheet(facts)}
        compare("sheet of 25 (at most 1.2)", clip, 0, sheets, rounds=rounds, known=[])


if __name__ == "__main__":
    main()
