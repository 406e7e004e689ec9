"""How long a change takes to be checked and priced anew, on a chain of twelve steps with files that are known.

Each round changes one value of one step, as typing in the builder does, and then foresees, checks and prices the whole
chain. The 95th percentile is what a person feels; it should stay under 150 ms.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib.chain.alter import with_values  # noqa: E402
from lib.chain.check import judge  # noqa: E402
from lib.chain.flow import Known, foresee  # noqa: E402
from lib.chain.model import Chain, make_chain  # noqa: E402
from lib.chain.pricing import sum_up  # noqa: E402
from lib.chain.repair import repairs  # noqa: E402
from lib.media.probe import probe_blocking  # noqa: E402
from lib.media.samples import sample  # noqa: E402

ROUNDS = 400
PROMPTS = ("a quiet valley", "snow falls", "the rabbit looks up")
STEPS: list[dict[str, Any]] = [
    {"id": "cut", "operation": "cut/trim", "input": {"video_url": "$inputs.video", "end_s": 5}},
    {"id": "hold", "operation": "cut/hold", "input": {"video_url": "$cut.video", "last_s": 1}},
    {"id": "wan", "operation": "fal-ai/wan-vace-14b/reframe", "input": {"video_url": "$hold.video"}},
    {"id": "extend", "operation": "fal-ai/pixverse/extend/fast",
     "input": {"video_url": "$wan.video", "prompt": "a quiet valley"}},
    {"id": "loop", "operation": "cut/loop", "input": {"video_url": "$extend.video", "until_s": 12}},
    {"id": "magi", "operation": "fal-ai/magi/extend-video",
     "input": {"video_url": "$loop.video", "prompt": "a quiet valley"}},
    {"id": "lips", "operation": "fal-ai/pixverse/lipsync",
     "input": {"video_url": "$magi.video", "audio_url": "$inputs.voice"}},
    {"id": "modify", "operation": "fal-ai/luma-dream-machine/ray-2/modify", "input": {"video_url": "$lips.video"}},
    {"id": "join", "operation": "cut/join", "input": {"video_urls": ["$lips.video", "$modify.video"]}},
    {"id": "amt", "operation": "fal-ai/amt-interpolation", "input": {"video_url": "$join.video"}},
    {"id": "up", "operation": "fal-ai/video-upscaler", "input": {"video_url": "$amt.video", "scale": 2}},
    {"id": "loud", "operation": "cut/loudness", "input": {"video_url": "$up.video"}},
]  # fmt: skip
CHANGES: list[tuple[str, str, tuple[Any, ...]]] = [
    ("cut", "end_s", (2, 3.5, 5)), ("hold", "last_s", (1, 2, 9)), ("extend", "prompt", PROMPTS),
    ("extend", "resolution", ("360p", "540p", "720p")), ("loop", "until_s", (3, 12, 30)),
    ("magi", "num_frames", (96, 120, 192)), ("modify", "mode", ("flex_1", "adhere_2")), ("up", "scale", (1.5, 2, 4)),
    ("amt", "recursive_interpolation_passes", (1, 2)), ("join", "transition", ("none", "crossfade", "gap")),
]  # fmt: skip


def chain() -> Chain:
    inputs = {"video": {"kind": "video", "sample": "bunny.mp4"}, "voice": {"kind": "audio", "sample": "speech.wav"}}
    return make_chain({"name": "twelve steps", "inputs": inputs, "steps": STEPS})


def measured(known: Known, clock: Callable[[], float]) -> list[float]:
    """Milliseconds of each round by that clock, the first ones left out."""
    rng, made, times = random.Random(1), chain(), list[float]()
    for _ in range(ROUNDS):
        step, field, values = rng.choice(CHANGES)
        began_s = clock()
        made = with_values(made, step, {field: rng.choice(values)})
        foreseen = foresee(made, known)
        judge(made, foreseen)
        str(sum_up(foreseen))
        times.append((clock() - began_s) * 1000)
    return times[20:]


def offered(known: Known) -> tuple[int, float]:
    """How many repairs a chain that does not fit is offered, and the milliseconds until they are there."""
    made = with_values(chain(), "cut", {"end_s": 1})
    findings = judge(made, foresee(made, known))
    began_s = time.perf_counter()
    count = sum(len(repairs(made, one, known)) for one in findings if one.alarming)
    return count, (time.perf_counter() - began_s) * 1000


def main() -> None:
    known = Known({"video": probe_blocking(sample("bunny.mp4")), "voice": probe_blocking(sample("speech.wav"))})
    for name, clock in (("wall clock", time.perf_counter), ("processor time", time.process_time)):
        times = measured(known, clock)
        centiles = statistics.quantiles(times, n=100)
        print(f"{len(STEPS)} steps, {len(times)} changes, {name}: median {centiles[49]:.1f} ms, ", end="")
        print(f"95 % under {centiles[94]:.1f} ms, longest {max(times):.1f} ms")
    count, took_ms = offered(known)
    print(f"{count} repairs found and checked in {took_ms:.0f} ms")


if __name__ == "__main__":
    main()
