"""Whether what flows into a step is what its operation wants: limits, lengths, shapes, codings, idle fields. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lib.catalog.expected import Expected
from lib.catalog.fields import Input, LongText, marks_of
from lib.catalog.form import fields, ignored_now
from lib.catalog.gives.films import ZOOM
from lib.catalog.need import Level, Missed
from lib.catalog.needs import CLOSE_SHAPE, missed
from lib.catalog.operation import Operation
from lib.chain.finding import Finding
from lib.chain.flow import Foreseen

READ_EVERYWHERE = ("h264", "hevc", "vp8", "vp9", "av1", "gif", None)
CONTAINERS = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "gif", None)
EMPTY_IS_MEANT = ("fal-ai/magi/extend-video", "fal-ai/wan-vace-14b/reframe", "fal-ai/pixverse/sound-effects")
"""Their documents send an empty prompt, or say what comes of one."""
REFUSED = {"mask_video_url": "mask", "video_url": "no-clip"}
"""What is only remarked at these fields of Wan VACE, and refused by the endpoint."""
WAN = "fal-ai/wan-vace-14b"


def fits(step: Foreseen) -> Iterator[Finding]:
    """Every finding about a step whose values validate."""
    made, values = step.made, step.input
    if made is None or values is None:
        return
    if step.given.fault is not None:
        yield from _fault(step)
    if not step.open:
        for one in missed(made.id, values, step.files):
            yield _missed(step, one)
    for rule in RULES:
        yield from rule(step, made, values)


def _missed(step: Foreseen, found: Missed) -> Finding:
    need = found.need
    least, most = (_bound(bound, step) for bound in (need.least, need.most))
    said = need.said.format(have=found.have, least=least, most=most)
    level = need.level if found.sure else "note"
    hint = need.hint if found.sure else "It is not sure before the step before has run."
    return Finding(step.step.id, need.field, said, hint, level, need.rule, need.source)


def _bound(bound: Any, step: Foreseen) -> str:
    value = bound(step.input, step.files) if bound else None
    return "" if value is None else f"{value:,.10g}"


def _fault(step: Foreseen) -> Iterator[Finding]:
    """A cut that its own planning refuses."""
    error = step.given.fault
    assert error is not None
    # What a take will be like is foreseen, not known: the person may know better.
    level: Level = "warning" if any(one.made_by for one in step.files.values()) else "error"
    where = getattr(error, "fields", {}) or {"": error.message}
    for field, message in where.items():
        yield Finding(step.step.id, field, message, error.hint, level, "cut", "the cut's own planning")


def _prompt(step: Foreseen, made: Operation, values: Input) -> Iterator[Finding]:
    info = made.input.model_fields.get("prompt")
    if made.local or info is None or not info.is_required() or made.id in EMPTY_IS_MEANT:
        return
    if any(isinstance(mark, LongText) for mark in marks_of(info)) and not getattr(values, "prompt", "x").strip():
        yield Finding(
            step.step.id, "prompt", "The prompt is empty.", "Say what shall be seen.", "warning", "prompt",
            "the document asks for a prompt",
        )  # fmt: skip


def _remarks(step: Foreseen, made: Operation, values: Input) -> Iterator[Finding]:
    for field, message in values.remarks():
        rule = REFUSED.get(field) if made.id == WAN else None
        if rule == "no-clip" and getattr(values, "ref_image_urls", None):
            rule = None
        level: Level = "error" if rule else "warning"
        source = "document 003, page 2: required for this task" if rule else "the fields' own texts"
        yield Finding(step.step.id, field, message, "", level, rule or "remark", source)


def _idle(step: Foreseen, made: Operation, values: Input) -> Iterator[Finding]:
    """Values that were given and have no effect beside the others."""
    shown = {name: getattr(values, name) for name in made.input.model_fields}
    for spec in fields(made.input):
        given = spec.name in step.step.input and shown[spec.name] not in (None, "", [])
        why = ignored_now(spec, shown) if given and spec.ignored else None
        if why is not None:
            level: Level = "note" if shown[spec.name] == spec.default else "warning"
            said = f"{spec.title} has no effect here. {why}"
            yield Finding(step.step.id, spec.name, said, "Leave it out.", level, "idle", "the field's own text")


def _coding(step: Foreseen, made: Operation, values: Input) -> Iterator[Finding]:
    """A clip in a form that hosted models may not read."""
    for path, clip in step.files.items() if not made.local else ():
        if clip.kind != "video":
            continue
        deep = clip.pixel_format not in (None, "yuv420p", "yuvj420p") and clip.video_codec != "gif"
        if clip.container not in CONTAINERS or clip.video_codec not in READ_EVERYWHERE or deep:
            coded = " ".join(word for word in (clip.video_codec, clip.pixel_format, f"in {clip.container}") if word)
            yield Finding(
                step.step.id, path, f"The clip is coded as {coded}, which hosted models may not read.",
                "Bring it to H.264 in MP4.", "warning", "coding", "the examples are MP4, WebM and GIF",
            )  # fmt: skip


def _lyra(step: Foreseen, made: Operation, values: Input) -> Iterator[Finding]:
    """A scene is rebuilt from a camera flight."""
    clip = step.files.get("video_url") if made.id == "fal-ai/lyra-2/splat" else None
    if clip is None or clip.made_by == ZOOM:
        return
    said = "The clip is no camera flight by Lyra." if clip.made_by else "A scene is best made from a flight by Lyra."
    yield Finding(
        step.step.id, "video_url", said, "Fly into a picture first (lyra-2/zoom).",
        "warning" if clip.made_by else "note", "no-flight",
        "document 000: a Lyra-generated or Lyra-compatible exploration video",
    )  # fmt: skip


def _mixed(step: Foreseen, made: Operation, values: Input) -> Iterator[Finding]:
    """Clips that are joined although they differ from the one that they follow."""
    model = joined_like(step)
    if model is None:
        return
    for path, clip in step.files.items():
        if clip.fps and model.fps and clip.fps.exact and model.fps.exact and _stutters(clip.fps.low, model.fps.low):
            said = f"This clip has {clip.fps} pictures a second and is joined at {model.fps}: it will stutter."
            yield Finding(step.step.id, path, said, "Bring it to that rate before.", "warning", "rates", JOINED)
        if clip.ratio and model.ratio and abs(clip.ratio.low / model.ratio.low - 1) > CLOSE_SHAPE:
            said = "This clip has another shape than the one that it follows: it gets black bars."
            yield Finding(step.step.id, path, said, "Crop it before.", "warning", "shapes", JOINED)


JOINED = "the join brings all clips to the form of one"


def joined_like(step: Foreseen) -> Expected | None:
    """The clip that the others of a join follow; None for other steps, and where the most decide."""
    if step.step.operation != "cut/join" or step.input is None:
        return None
    place = {"first": 0, "clip": getattr(step.input, "like_clip", 1) - 1}.get(getattr(step.input, "like", ""))
    return None if place is None else step.files.get(f"video_urls.{place}")


def _stutters(fps: float, joined_fps: float) -> bool:
    """Whether pictures are repeated or left out unevenly."""
    ratio = joined_fps / fps
    return abs(ratio - round(ratio)) > 0.01


RULES: tuple[Callable[[Foreseen, Operation, Input], Iterator[Finding]], ...] = (
    _prompt, _remarks, _idle, _coding, _lyra, _mixed,
)  # fmt: skip
