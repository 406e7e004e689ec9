"""Trim of [61.7 s, 487.3 s) out of ten minutes of 1080p (30 fps, GOP 250, B pyramid, AAC) against ffmpeg's `-c copy`.

Runs are interleaved and the medians compared, so that a busy machine slows both alike. The copy is no rival in what it
makes (its ends are wrong by some pictures); it is the floor. The study measured 6.3 for its own smart cut, 36 for
smartcut, and 171 MB; the aims are 4 and 150 MB.
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
from lib.media.probe import probe  # noqa: E402
from lib.media.smart.trim import smart_trim  # noqa: E402
from lib.media.trim import span  # noqa: E402

START_S, END_S, ROUNDS = 61.7, 487.3, 3
GOP = 250
PIECE = 8 * GOP  # pictures that are really encoded; nine times that makes ten minutes
ENCODED = ("-c:v", "libx264", "-preset", "veryfast", "-b:v", "11M", "-bf", "3", "-threads", "2")
KEYS = f"keyint={GOP}:min-keyint={GOP}:scenecut=0:b-pyramid=2"


def run_ffmpeg(*args: str | Path) -> None:
    subprocess.run([ffmpeg(), "-v", "error", "-y", *args], check=True, stdin=subprocess.DEVNULL)


def ten_minutes(folder: Path) -> Path:
    """The clip: a piece of moving, noisy pictures, encoded once and repeated by copying."""
    piece, listed, clip = folder / "piece.mp4", folder / "list.txt", folder / "clip.mp4"
    picture = "testsrc2=s=1920x1080:r=30,noise=alls=14:allf=t,format=yuv420p"
    length = f"{PIECE / 30:.6f}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-t", length, *ENCODED, "-x264-params", KEYS, piece)
    listed.write_text("".join(f"file '{piece}'\n" for _ in range(9)))
    noise = "anoisesrc=r=48000:a=0.3:d=600,lowpass=f=8000"
    inputs = ("-f", "concat", "-safe", "0", "-i", listed, "-f", "lavfi", "-i", noise)
    run_ffmpeg(*inputs, "-c:v", "copy", "-c:a", "aac", "-b:a", "160k", "-t", "600", clip)
    piece.unlink()
    return clip


def copied(clip: Path) -> float:
    """Seconds that ffmpeg's own copy takes."""
    began = time.monotonic()
    run_ffmpeg("-ss", str(START_S), "-to", str(END_S), "-i", clip, "-c", "copy", clip.with_name("copy.mp4"))
    return time.monotonic() - began


def smart(clip: Path) -> dict[str, Any]:
    """What one smart cut, in a process of its own, says of itself."""
    done = subprocess.run([sys.executable, __file__, "--once", clip], check=True, capture_output=True, text=True)
    said: dict[str, Any] = json.loads(done.stdout)
    return said


async def once(clip: Path) -> dict[str, Any]:
    facts = await probe(clip)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    part = span(facts, start_s=START_S, end_s=END_S)
    made = await smart_trim(clip, facts, clip.with_name("smart.mp4"), [part])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "method": made.method, "reason": made.reason, "encoded": made.encoded, "frames": made.proof.frames,
        "cut_s": made.cut_s, "proof_s": made.proof_s, "spent_s": dict(made.spent_s), "cpu_s": cpu_s,
        "peak_mb": after.ru_maxrss / 1024, "offset_s": made.proof.offset_s, "sound": made.sound,
        "ssim": min(seen.ssim for seen in made.proof.seen),
    }  # fmt: skip


def main() -> None:
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(asyncio.run(once(Path(sys.argv[2])))))
        return
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(sys.argv[1]) if sys.argv[1:] else ten_minutes(Path(folder))
        rounds = [(copied(clip), smart(clip)) for _ in range(ROUNDS)]
    floor_s = statistics.median(floor for floor, _ in rounds)
    said = sorted((one for _, one in rounds), key=lambda one: one["cut_s"])[ROUNDS // 2]
    show(floor_s, said)


def show(floor_s: float, said: dict[str, Any]) -> None:
    cut_s, proof_s = said["cut_s"], said["proof_s"]
    print(f"ffmpeg -c copy           {floor_s:7.2f} s  1.0")
    print(f"smart trim: {said['method']} {said['reason']}, {said['encoded']} of {said['frames']} pictures encoded")
    print(f"  cut                    {cut_s:7.2f} s  {cut_s / floor_s:.1f}  (aim 4, study 6.3, smartcut 36)")
    for name, spent_s in said["spent_s"].items():
        print(f"    {name:21}{spent_s:7.2f} s")
    print(f"    start and rename     {cut_s - sum(said['spent_s'].values()):7.2f} s")
    print(f"  proof                  {proof_s:7.2f} s  {proof_s / cut_s:.2f} of the cut (at most 1)")
    print(f"  processor, both        {said['cpu_s']:7.2f} s")
    print(f"  peak memory, both      {said['peak_mb']:7.0f} MB (aim 150, study 171)")
    offset_ms = 1000 * (said["offset_s"] or 0)
    print(f"  likeness at the seams  {said['ssim']:7.4f}, sound {said['sound']}, A/V {offset_ms:.2f} ms")


if __name__ == "__main__":
    main()
