"""Seeded chains: some into which one defect was put, and some that are right by the way they were made."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lib.chain.flow import Known
from lib.chain.model import Chain
from lib.media.facts import Facts
from tests.chain.making import (
    AMT,
    ANIMATE,
    LTX,
    MAGI,
    MERGE,
    PIX,
    RAY,
    SPLAT,
    UP,
    WAN,
    ZOOM,
    Row,
    chain_of,
    clip,
    known,
    still,
    voice,
)

SIZES = ((640, 360), (1280, 720), (832, 480), (480, 832), (720, 720), (960, 540), (96, 64))
RATES = (8, 12, 15, 16, 23.976, 24, 25, 29.97, 30)
TASKS = ("depth", "pose", "reframe", "outpainting")
V: dict[str, Any] = {"video_url": "$inputs.video"}
P: dict[str, Any] = {"prompt": "a quiet valley"}
A: dict[str, Any] = {"audio_url": "$inputs.voice"}


@dataclass(frozen=True)
class Case:
    """A chain with the facts of its files; for a bad one where its defect is (`step`, `field`) and by which rule."""

    name: str
    chain: Chain
    known: Known
    step: str = ""
    field: str = ""
    rule: str = ""


def film(rng: random.Random, least: int, most: int, rates: tuple[float, ...] = RATES) -> Facts:
    width, height = rng.choice(SIZES)
    sound = rng.choice(("aac", "aac", None))
    return clip(rng.randint(least, most), rng.choice(rates), width, height, audio_codec=sound)


def before(rng: random.Random, rows: list[Row], source: str = "$inputs.video") -> str:
    """Some cuts that change neither length nor shape, and what they give."""
    for at in range(rng.randint(0, 3)):
        rows.append((f"cut{at}", rng.choice(("cut/reverse", "cut/mute", "cut/resize")), {"video_url": source}))
        if rows[-1][1] == "cut/resize":
            rows[-1][2]["height"] = rng.choice((240, 360))
        source = f"$cut{at}.video"
    return source


def matched(rng: random.Random) -> tuple[str, dict[str, Any]]:
    """A task of Wan that makes as many pictures as it is given."""
    task = rng.choice(TASKS)
    more = {"match_input_num_frames": True, "match_input_frames_per_second": True}
    side = {"expand_left": True} if task == "outpainting" else {}
    return f"{WAN}/{task}", more | side | (P if task != "reframe" else {})


def _at(
    rng: random.Random, operation: str, values: dict[str, Any], facts: Facts, rule: str, field: str = "video_url"
) -> Case:
    """The clip, some harmless cuts, and the step that it does not fit."""
    rows: list[Row] = []
    source = before(rng, rows)
    rows.append(("last", operation, {"video_url": source} | values))
    rng.shuffle(rows)
    return Case(rule, chain_of(*rows), known(facts), "last", field, rule)


def too_short(rng: random.Random) -> Case:
    return _at(rng, *matched(rng), film(rng, 5, 80), "frames")


def too_long(rng: random.Random) -> Case:
    return _at(rng, *matched(rng), film(rng, 242, 900), "frames")


def too_fast(rng: random.Random) -> Case:
    return _at(rng, *matched(rng), film(rng, 90, 200, (48, 50, 60, 120)), "rate")


def too_slow(rng: random.Random) -> Case:
    return _at(rng, *matched(rng), film(rng, 90, 200, (1, 2, 4)), "rate")


def too_few(rng: random.Random) -> Case:
    facts = film(rng, 40, 60, (24, 25, 30))
    return _at(rng, f"{WAN}/depth", P | {"num_frames": rng.randint(90, 241)}, facts, "too-few")


def trimmed_short(rng: random.Random) -> Case:
    """It would fit, but a trim before it takes too much."""
    facts = film(rng, 150, 240)
    rows: list[Row] = [("cut", "cut/trim", V | {"end_frame": rng.randint(10, 80)})]
    operation, values = matched(rng)
    rows.append(("last", operation, {"video_url": "$cut.video"} | values))
    return Case("trimmed", chain_of(*rows), known(facts), "last", "video_url", "frames")


def no_prefix(rng: random.Random) -> Case:
    return _at(rng, f"{MAGI}/extend-video", P, film(rng, 4, 32), "prefix")


def start_beyond(rng: random.Random) -> Case:
    facts = film(rng, 40, 200)
    start = (facts.frames or 0) + rng.randint(1, 500)
    return _at(rng, f"{MAGI}/extend-video", P | {"start_frame": start}, facts, "start", "start_frame")


def half_a_unit(rng: random.Random) -> Case:
    frames = rng.choice([count for count in range(97, 192) if (count - 96) % 24])
    return Case("units", chain_of(("last", MAGI, P | {"num_frames": frames})), known(), "last", "num_frames", "units")


def ignored_frames(rng: random.Random) -> Case:
    if rng.random() < 0.5:
        return _at(rng, SPLAT, {}, film(rng, 162, 600), "beyond")
    picture = {"image_url": "$inputs.image", "num_frames": rng.choice((241, 321, 401, 481))} | P
    rows = [("zoom", ZOOM, picture), ("last", SPLAT, {"video_url": "$zoom.video"})]
    return Case("beyond", chain_of(*rows), known(), "last", "video_url", "beyond")


def unused_seconds(rng: random.Random) -> Case:
    return _at(rng, ANIMATE, P, film(rng, 110, 300), "seconds")


def too_large(rng: random.Random) -> Case:
    return _at(
        rng,
        UP,
        {"scale": rng.choice((12, 16.5, 40))},
        clip(60, 24, *rng.choice(((1280, 720), (1920, 1080)))),
        "pixels",
        "scale",
    )


def voice_too_long(rng: random.Random) -> Case:
    facts = film(rng, 60, 120, (24, 25))
    sound = voice((facts.duration_s or 0) + rng.uniform(0.5, 4))
    operation = rng.choice((f"{PIX}/lipsync", MERGE))
    return Case(
        "voice", chain_of(("last", operation, V | A)), known(facts, sound=sound), "last", "audio_url", "sound-longer"
    )


def other_shape(rng: random.Random) -> Case:
    facts = clip(120, 16, 640, 360)
    shape = rng.choice(("9:16", "1:1"))
    operation, more = rng.choice(((f"{WAN}/pose", {}), (f"{MAGI}/extend-video", {}), (f"{WAN}/depth", {})))
    return _at(rng, operation, P | {"aspect_ratio": shape} | more, facts, "shape")


def unread(rng: random.Random) -> Case:
    worse = rng.choice(
        ({"video_codec": "prores"}, {"container": "avi"}, {"pixel_format": "yuv444p"}, {"video_codec": "mpeg2video"})
    )
    operation = rng.choice((UP, AMT, f"{RAY}/modify"))
    return Case("coding", chain_of(("last", operation, V)), known(clip(**worse)), "last", "video_url", "coding")


def wrong_kind(rng: random.Random) -> Case:
    operation, field = rng.choice(
        ((ZOOM, "image_url"), (f"{RAY}/image-to-video", "image_url"), ("fal-ai/lynx", "image_url"))
    )
    return Case("kind", chain_of(("last", operation, P | {field: "$inputs.video"})), known(), "last", field, "kind")


def video_as_voice(rng: random.Random) -> Case:
    rows = [("last", f"{PIX}/lipsync", V | {"audio_url": "$inputs.other"})]
    return Case("kind", chain_of(*rows), known(clip(200), clip(50)), "last", "audio_url", "kind")


def out_of_bounds(rng: random.Random) -> Case:
    operation, field, value = rng.choice(
        (
            (f"{WAN}/depth", "num_frames", rng.randint(1, 80)), (f"{WAN}/pose", "num_frames", rng.randint(242, 999)),
            (f"{WAN}/depth", "frames_per_second", rng.randint(31, 99)), (f"{MAGI}/extend-video", "num_frames", 95),
            (f"{MAGI}/extend-video", "num_frames", rng.randint(193, 400)),
        )
    )  # fmt: skip
    facts = clip(400, 25)
    return Case("bounds", chain_of(("last", operation, V | P | {field: value})), known(facts), "last", field, "values")


def between_steps(rng: random.Random) -> Case:
    """81 + 80 k, and nothing else."""
    frames = rng.choice([count for count in range(60, 500) if (count - 1) % 80])
    values = P | {"image_url": "$inputs.image", "num_frames": frames}
    return Case("steps", chain_of(("last", ZOOM, values)), known(), "last", "num_frames", "values")


def long_and_large(rng: random.Random) -> Case:
    values = P | {"resolution": "1080p", "duration": "8"}
    name = rng.choice(("v4.5/text-to-video", "extend"))
    more = V if name == "extend" else {}
    return Case("1080p", chain_of(("last", f"{PIX}/{name}", values | more)), known(), "last", "duration", "values")


def no_prompt(rng: random.Random) -> Case:
    operation = rng.choice((f"{PIX}/extend/fast", f"{WAN}/depth", ANIMATE))
    facts = clip(70, 24, 640, 360)
    values = V | ({"num_frames": 81, "frames_per_second": 30} if "wan" in operation else {})
    return Case("missing", chain_of(("last", operation, values)), known(facts), "last", "prompt", "values")


def empty_prompt(rng: random.Random) -> Case:
    operation = rng.choice((RAY, f"{PIX}/v4.5/text-to-video", MAGI))
    return Case("empty", chain_of(("last", operation, {"prompt": "  "})), known(), "last", "prompt", "prompt")


def no_mask(rng: random.Random) -> Case:
    if rng.random() < 0.5:
        rows = [("last", WAN, V | P | {"task": "inpainting"})]
        return Case("mask", chain_of(*rows), known(), "last", "mask_video_url", "mask")
    return Case("mask", chain_of(("last", f"{WAN}/inpainting", V | P)), known(), "last", "mask_video_url", "values")


def no_effect(rng: random.Random) -> Case:
    operation, values, field = rng.choice(
        (
            (ZOOM, {"image_url": "$inputs.image", "num_inference_steps": rng.randint(5, 20)}, "num_inference_steps"),
            (ZOOM, {"image_url": "$inputs.image", "zoom_out_strength": 2.5}, "zoom_out_strength"),
            (f"{WAN}/depth", V | {"match_input_num_frames": True, "num_frames": 200}, "num_frames"),
            (f"{PIX}/lipsync", V | A | {"text": "Hello"}, "text"),
        )
    )
    values = values | (P if "lipsync" not in operation else {})
    return Case("idle", chain_of(("last", operation, values)), known(), "last", field, "idle")


def no_flight(rng: random.Random) -> Case:
    maker = rng.choice(((RAY, P), (f"{PIX}/v4.5/text-to-video", P), (MAGI, P | {"num_frames": 96})))
    rows: list[Row] = [("first", *maker)]
    source = before(rng, rows, "$first.video")
    rows.append(("last", SPLAT, {"video_url": source, "max_frames": 250}))
    return Case("flight", chain_of(*rows), known(), "last", "video_url", "no-flight")


def stutters(rng: random.Random) -> Case:
    one, other = rng.sample((16, 24, 25, 30), 2)
    rows = [("last", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]})]
    if other % one == 0 or one % other == 0:
        one, other = 24, 16
    return Case("rates", chain_of(*rows), known(clip(60, one), clip(60, other)), "last", "video_urls.1", "rates")


def black_bars(rng: random.Random) -> Case:
    one, other = rng.sample(((640, 360), (360, 640), (480, 480)), 2)
    rows = [("last", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]})]
    return Case(
        "shapes", chain_of(*rows), known(clip(60, 24, *one), clip(60, 24, *other)), "last", "video_urls.1", "shapes"
    )


def beyond_the_end(rng: random.Random) -> Case:
    facts = film(rng, 30, 90, (24, 25))
    return _at(rng, "cut/trim", {"start_s": (facts.duration_s or 0) + rng.uniform(0.1, 9)}, facts, "cut", "start_s")


def nothing_there(rng: random.Random) -> Case:
    rows: list[Row] = [("first", UP, V), ("last", UP, {"video_url": "$first.film"})]
    return Case("output", chain_of(*rows), known(), "last", "video_url", "output")


def no_such_field(rng: random.Random) -> Case:
    return Case("field", chain_of(("last", UP, V | {"scal": 2})), known(), "last", "scal", "values")


def no_such_operation(rng: random.Random) -> Case:
    return Case("operation", chain_of(("last", "fal-ai/video-upscalr", V)), known(), "last", "", "operation")


def no_file(rng: random.Random) -> Case:
    return Case("file", chain_of(("last", UP, {"video_url": "clip.mp4"})), known(), "last", "video_url", "file")


BAD: tuple[Callable[[random.Random], Case], ...] = (
    too_short, too_long, too_fast, too_slow, too_few, trimmed_short, no_prefix, start_beyond, half_a_unit,
    ignored_frames, unused_seconds, too_large, voice_too_long, other_shape, unread, wrong_kind, video_as_voice,
    out_of_bounds, between_steps, long_and_large, no_prompt, empty_prompt, no_mask, no_effect, no_flight, stutters,
    black_bars, beyond_the_end, nothing_there, no_such_field, no_such_operation, no_file,
)  # fmt: skip


def bad(seed: int) -> Case:
    """Number `seed` of the bad ones: each kind of defect in turn."""
    return BAD[seed % len(BAD)](random.Random(seed))


def follows_a_clip(rng: random.Random) -> Case:
    facts = film(rng, 81, 241, (8, 12, 15, 16, 23.976, 24, 25, 29.97, 30))
    rows: list[Row] = []
    source = before(rng, rows)
    operation, values = matched(rng)
    rows += [("wan", operation, {"video_url": source} | values), ("up", UP, {"video_url": "$wan.video", "scale": 2})]
    rng.shuffle(rows)
    return Case("matched", chain_of(*rows), known(facts))


def as_many_as_asked(rng: random.Random) -> Case:
    count, rate = rng.randint(81, 241), rng.choice((12, 16, 24))
    facts = film(rng, 600, 900, (24, 25, 30))
    needed_s = count / rate + 0.2
    rows: list[Row] = [("cut", "cut/loop", V | {"until_s": round(max(needed_s, facts.duration_s or 0), 3)})]
    values = {"num_frames": count, "frames_per_second": rate, "prompt": "snow"}
    rows.append(("wan", f"{WAN}/{rng.choice(('depth', 'pose'))}", {"video_url": "$cut.video"} | values))
    return Case("counted", chain_of(*rows), known(facts))


def flight_and_scene(rng: random.Random) -> Case:
    frames, way = rng.choice(((81, "in"), (161, "out"), (81, "both"), (241, "in")))
    picture = {"image_url": "$inputs.image", "num_frames": frames, "zoom_direction": way} | P
    rows: list[Row] = [("zoom", ZOOM, picture)]
    source = before(rng, rows, "$zoom.video")
    rows.append(("splat", SPLAT, {"video_url": source, "max_frames": max(162, frames)}))
    return Case("flight", chain_of(*rows), known(image=still(*rng.choice(SIZES))))


def spoken(rng: random.Random) -> Case:
    facts = film(rng, 120, 250, (24, 25))
    rows: list[Row] = [
        ("extend", f"{PIX}/extend/fast", V | P | {"resolution": rng.choice(("360p", "540p"))}),
        ("lipsync", f"{PIX}/lipsync", {"video_url": "$extend.video"} | A),
        ("upscale", UP, {"video_url": "$lipsync.video", "scale": rng.choice((1.5, 2))}),
    ]
    return Case("spoken", chain_of(*rows), known(facts, sound=voice(rng.uniform(1, 4.9))))


def changed(rng: random.Random) -> Case:
    rows: list[Row] = [
        (
            "ray",
            f"{RAY}/image-to-video",
            P | {"image_url": "$inputs.image", "resolution": rng.choice(("540p", "720p"))},
        ),
        ("modify", f"{RAY}/modify", {"video_url": "$ray.video", "mode": "flex_2"}),
        ("amt", AMT, {"video_url": "$modify.video", "recursive_interpolation_passes": rng.randint(1, 3)}),
        ("sound", "cut/sound", {"video_url": "$amt.video"} | A),
    ]
    return Case("changed", chain_of(*rows), known(image=still(*rng.choice(SIZES))))


def longer_and_longer(rng: random.Random) -> Case:
    frames = [rng.choice((96, 120, 144, 168, 192)) for _ in range(3)]
    rows: list[Row] = [
        ("first", f"{MAGI}/image-to-video", P | {"image_url": "$inputs.image", "num_frames": frames[0]}),
        ("second", f"{MAGI}/extend-video", {"video_url": "$first.video", "prompt": "", "num_frames": frames[1]}),
        ("third", f"{MAGI}/extend-video", {"video_url": "$second.video", "num_frames": frames[2]} | P),
    ]
    return Case("longer", chain_of(*rows), known(image=still(*rng.choice(SIZES))))


def made_to_fit(rng: random.Random) -> Case:
    """Whatever the clip is, a normalise before makes it fit."""
    endpoint = rng.choice((f"{WAN}/reframe", f"{MAGI}/extend-video", ANIMATE))
    rows: list[Row] = [
        ("fit", "cut/normalise", V | {"endpoint": endpoint}),
        ("last", endpoint, {"video_url": "$fit.video"} | ({} if "reframe" in endpoint else P)),
    ]
    return Case("normalised", chain_of(*rows), known(film(rng, 5, 900, (*RATES, 50, 60))))


def joined(rng: random.Random) -> Case:
    size, rate = rng.choice(SIZES), rng.choice(RATES)
    one, other = (clip(rng.randint(30, 200), rate, *size) for _ in range(2))
    between = rng.choice(({}, {"transition": "crossfade", "transition_s": 0.5}, {"transition": "gap"}))
    rows: list[Row] = [
        ("join", "cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]} | between),
        ("sheet", "cut/sheet", {"video_url": "$join.video", "rows": 2, "columns": 3}),
        ("sound", "cut/extract-sound", {"video_url": "$join.video"}),
    ]
    return Case("joined", chain_of(*rows), known(one, other))


def from_frame_to_film(rng: random.Random) -> Case:
    rows: list[Row] = [
        ("one", "cut/frame", V | {"which": "first"}),
        ("two", "cut/frame", {"video_url": "$inputs.other", "which": "last"}),
        ("move", f"{PIX}/v4.5/transition", P | {"first_image_url": "$one.image", "last_image_url": "$two.image"}),
        ("effect", f"{PIX}/sound-effects", {"video_url": "$move.video", "prompt": "wind"}),
    ]
    return Case("frames", chain_of(*rows), known(film(rng, 10, 200), film(rng, 10, 200)))


def branched(rng: random.Random) -> Case:
    """One clip feeds two steps, and both are joined."""
    facts = film(rng, 81, 241, (16, 24, 25))
    rows: list[Row] = [
        ("cut", "cut/mute", V),
        ("left", "cut/reverse", {"video_url": "$cut.video"}),
        ("right", "cut/hold", {"video_url": "$cut.video", "last_s": 1}),
        ("join", "cut/join", {"video_urls": ["$left.video", "$right.video"]}),
        ("short", "cut/trim", {"video_url": "$join.video", "end_s": 2.5}),
        ("anim", ANIMATE, {"video_url": "$short.video"} | P),
    ]
    rng.shuffle(rows)
    return Case("branched", chain_of(*rows), known(facts))


def pinned(rng: random.Random) -> Case:
    images = [{"image_url": "$inputs.image", "start_frame_num": at} for at in sorted(rng.sample(range(0, 96, 8), 2))]
    rows: list[Row] = [("ltx", LTX, P | {"images": images, "num_frames": 97, "frame_rate": rng.choice((24, 30))})]
    rows.append(("up", UP, {"video_url": "$ltx.video", "scale": 2}))
    return Case("pinned", chain_of(*rows), known())


def sound_laid(rng: random.Random) -> Case:
    facts = film(rng, 100, 300, (24, 25))
    sound = voice(rng.uniform(0.5, 2))
    rows: list[Row] = [("merge", MERGE, V | A | {"start_offset": rng.choice((0, 1, 1.5))})]
    return Case("merged", chain_of(*rows), known(facts, sound=sound))


GOOD: tuple[Callable[[random.Random], Case], ...] = (
    follows_a_clip, as_many_as_asked, flight_and_scene, spoken, changed, longer_and_longer, made_to_fit, joined,
    from_frame_to_film, branched, pinned, sound_laid,
)  # fmt: skip


def good(seed: int) -> Case:
    """Number `seed` of the good ones."""
    return GOOD[seed % len(GOOD)](random.Random(seed))
