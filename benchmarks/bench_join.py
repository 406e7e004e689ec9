"""Join of 20 clips (832 x 480, 16 fps, 5 s, AAC) against ffmpeg's concat demuxer with `-c copy`, and of 20 mixed ones.

The copying of sound as well, which is the floor for time, drifts by up to 91 ms and leaves a hole at every joint. The
study measured 5.6 for its own way; the aim is 4. Mixed clips (16 equal, 4 of another kind) are compared in processor
time with the encoding of all, where the aim is a 3.5th.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.media.binary import ffmpeg  # noqa: E402
from lib.media.facts import Facts  # noqa: E402
from lib.media.probe import probe  # noqa: E402
from lib.media.smart.join import smart_join  # noqa: E402

CLIPS, ROUNDS, FRAMES = 20, 3, 80
H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p")


def run_ffmpeg(*args: str | Path) -> None:
    subprocess.run([ffmpeg(), "-v", "error", "-y", *args], check=True, stdin=subprocess.DEVNULL)


def clip(folder: Path, number: int, *, size: str = "832x480", rate: int = 16, loud: bool = True, how: tuple[str, ...] = H264, kind: str = "mp4") -> Path:  # fmt: skip # noqa: E501
    path = folder / f"{number:02}{'' if loud else 's'}{how[1]}{rate}{how[-1]}.{kind}"
    picture = f"testsrc2=s={size}:r={rate}:d=5,hue=h={18 * number},noise=alls=6:allf=t"
    sound = ("-f", "lavfi", "-i", f"anoisesrc=r=48000:a=0.3:d=5:seed={number}") if loud else ()
    coded = ("-c:a", "libopus" if kind == "webm" else "aac", "-ac", "2") if loud else ()
    run_ffmpeg("-f", "lavfi", "-i", picture, *sound, *how, *coded, path)
    return path


def mixed(folder: Path, equal: list[Path]) -> list[Path]:
    """Sixteen of them, and four of another kind: silent at another rate and size, VP9, 10 bit, another profile."""
    odd = [
        clip(folder, 30, size="1280x720", rate=30, loud=False),
        clip(folder, 31, how=("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"), kind="webm"),
        clip(folder, 32, how=(*H264[:-1], "yuv420p10le")),
        clip(folder, 33, how=(*H264, "-profile:v", "baseline")),
    ]
    return [*equal[:4], odd[0], *equal[4:8], odd[1], *equal[8:12], odd[2], *equal[12:16], odd[3]]


def copied(clips: list[Path], output: Path) -> float:
    """Seconds that ffmpeg's own copy takes."""
    listed = output.with_suffix(".txt")
    listed.write_text("".join(f"file '{path}'\n" for path in clips))
    began = time.monotonic()
    run_ffmpeg("-f", "concat", "-safe", "0", "-i", listed, "-c", "copy", output)
    return time.monotonic() - began


def all_encoded(clips: list[tuple[Path, Facts]], output: Path) -> None:
    """As one would without any of this: ffmpeg's concat filter, everything in the form of the first clip."""
    inputs, chains = [], []
    for number, (path, facts) in enumerate(clips):
        inputs += ["-i", path]
        fitted = "scale=832:480:force_original_aspect_ratio=decrease,pad=832:480:-1:-1,setsar=1,format=yuv420p"
        chains.append(f"[{number}:V:0]fps=16,{fitted}[v{number}]")
        heard = f"[{number}:a:0]apad," if facts.has_sound else "anullsrc=r=48000:cl=stereo,"
        chains.append(f"{heard}aformat=sample_rates=48000:channel_layouts=stereo,atrim=end=5[a{number}]")
    pads = "".join(f"[v{number}][a{number}]" for number in range(len(clips)))
    graph = ";".join(chains) + f";{pads}concat=n={len(clips)}:v=1:a=1[v][a]"
    coded = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "16", "-threads", "2", "-c:a", "aac", "-b:a", "192k")
    run_ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", "-map", "[a]", *coded, output)


async def once(way: str, paths: list[Path], output: Path) -> dict[str, Any]:
    clips = [(path, await probe(path)) for path in paths]
    before, began = _cpu_s(), time.monotonic()
    if way == "all":
        all_encoded(clips, output)
        return {"cut_s": time.monotonic() - began, "cpu_s": _cpu_s() - before}
    made = await smart_join(clips, output)
    offset_s = made.proof.offset_s or 0
    return {
        "method": made.method, "reason": made.reason, "copied": made.copied, "encoded": made.encoded,
        "cut_s": made.cut_s, "proof_s": made.proof_s, "spent_s": dict(made.spent_s), "cpu_s": _cpu_s() - before,
        "offset_ms": 1000 * offset_s, "samples": made.proof.sound_samples, "wanted": made.proof.wanted_samples,
    }  # fmt: skip


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def joined(way: str, paths: list[Path], output: Path) -> dict[str, Any]:
    argv = [sys.executable, __file__, "--once", way, output, *paths]
    said: dict[str, Any] = json.loads(subprocess.run(argv, check=True, capture_output=True, text=True).stdout)
    return said


def main() -> None:
    if sys.argv[1:2] == ["--once"]:
        paths = [Path(name) for name in sys.argv[4:]]
        print(json.dumps(asyncio.run(once(sys.argv[2], paths, Path(sys.argv[3])))))
        return
    with tempfile.TemporaryDirectory() as name:
        folder, output = Path(name), Path(name) / "out.mp4"
        equal = [clip(folder, number) for number in range(CLIPS)]
        rounds = [(copied(equal, output), joined("smart", equal, output)) for _ in range(ROUNDS)]
        odd = mixed(folder, equal)
        smart, every = joined("smart", odd, output), joined("all", odd, output)
    floor_s = statistics.median(floor for floor, _ in rounds)
    said = sorted((one for _, one in rounds), key=lambda one: one["cut_s"])[ROUNDS // 2]
    print(f"20 equal clips, ffmpeg -c copy  {floor_s:6.2f} s  1.0")
    show(said)
    print(f"  ratio                         {said['cut_s'] / floor_s:6.1f}    (aim 4, study 5.6)")
    print("20 mixed clips")
    show(smart)
    print(f"  all encoded anew              {every['cut_s']:6.2f} s, processor {every['cpu_s']:.2f} s")
    print(f"  processor, all against smart  {every['cpu_s'] / smart['cpu_s']:6.1f}    (aim 3.5; smart with its proof)")


def show(said: dict[str, Any]) -> None:
    print(f"  {said['method']} {said['reason']}: {said['copied']} copied, {said['encoded']} encoded, "
          f"A/V {said['offset_ms']:.2f} ms, {said['samples']} samples of {said['wanted']}")  # fmt: skip
    spent = ", ".join(f"{name} {spent_s:.2f}" for name, spent_s in said["spent_s"].items())
    print(f"  cut                           {said['cut_s']:6.2f} s  ({spent})")
    print(f"  proof                         {said['proof_s']:6.2f} s;  processor, both {said['cpu_s']:.2f} s")


if __name__ == "__main__":
    main()
