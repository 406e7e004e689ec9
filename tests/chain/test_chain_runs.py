"""Repaired chains run: cuts for real, hosted steps by the stand-in's own limits and performers, which know nothing of
the check. What comes out of each step lies within what was foreseen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lib.catalog import operation
from lib.catalog.expected import NUMBERS, Expected, probed
from lib.catalog.operation import Cut
from lib.chain.check import check
from lib.chain.files import by_field, named
from lib.chain.flow import Known, foresee
from lib.chain.model import Chain, make_chain, order
from lib.chain.reference import substitute
from lib.chain.repair import repairs
from lib.media.probe import probe
from lib.media.samples import sample
from lib.media.work import carry_out
from lib.standin.limits import check_media, check_values
from lib.standin.perform import PERFORMERS, Task
from tests.chain.making import MAGI, PIX, WAN
from tests.standin.perform_stage import make_clip

pytestmark = pytest.mark.anyio

V = {"video_url": "$inputs.video"}
P = {"prompt": "a hill", "resolution": "480p"}
SPOKEN = (f"{PIX}/lipsync", V | {"audio_url": "$inputs.voice"}, "sound-longer")
CASES = [
    (*SPOKEN, "Hold the last picture"),
    (*SPOKEN, "Cut the sound"),
    (*SPOKEN, "Slow the picture down"),
    (*SPOKEN, "Loop the picture"),
    (f"{WAN}/reframe", V | {"resolution": "480p"}, "frames", "Hold the last picture"),
    (f"{WAN}/reframe", V | {"resolution": "480p"}, "frames", "Make it fit"),
    (f"{MAGI}/extend-video", V | P, "prefix", "Loop it"),
    ("fal-ai/lynx", P | {"image_url": "$inputs.video", "num_frames": 9}, "kind", "Take the last picture"),
    ("cut/join", {"video_urls": ["$inputs.video", "$inputs.other"]}, "shapes", "Crop it"),
]


async def run(chain: Chain, files: dict[str, Path], folder: Path) -> dict[str, dict[str, Path]]:
    """The files of every step, by output field. Fails where the stand-in refuses a step."""
    made: dict[str, dict[str, Path]] = {}
    for step in order(chain.steps):
        place = folder / step.id
        place.mkdir()
        values = substitute(
            step.input, lambda ref: str(files[ref.path[0]] if ref.source == "inputs" else made[ref.source][ref.path[0]])
        )
        made[step.id] = await one(step.operation, values, place)
    return made


async def one(id: str, values: dict[str, Any], place: Path) -> dict[str, Path]:
    made = operation(id)
    checked = made.validate(values)
    paths = {path: Path(value) for path, value, _ in named(made, values)}
    facts = {path: await probe(file) for path, file in paths.items()}
    if isinstance(made, Cut):
        output = place / f"made{made.ending(checked)}"
        await carry_out(made.build(checked, by_field(paths.items()), by_field(facts.items()), output))
        return {next(iter(made.media_out())): output}
    assert check_values(id, checked) == []
    assert check_media(id, checked, facts) == []
    done = await PERFORMERS[id](Task(id, checked, paths, facts, place, 7, lambda line: None))
    return dict(done.files)


def within(said: Expected, seen: Expected) -> list[str]:
    """The facts that are not as was said: an mp4 may end by a rounding later or earlier."""
    found = []
    for name in NUMBERS:
        expected, is_now = getattr(said, name), getattr(seen, name)
        slack = 0.05 if name == "duration_s" else 1.01 if name in ("frames", "width", "height") else 0.01
        if expected is not None and not expected.low - slack <= is_now.low <= expected.high + slack:
            found.append(f"{name}: said {expected}, is {is_now}")
    return found


@pytest.mark.parametrize(
    ("id", "values", "rule", "title"),
    [pytest.param(*case, marks=[] if at < 1 else [pytest.mark.long]) for at, case in enumerate(CASES)],
)
async def test_a_repaired_chain_runs_to_its_end(
    tmp_path: Path, id: str, values: dict[str, Any], rule: str, title: str
) -> None:
    """It did not fit; with the offered steps every take is made, and is what was foreseen."""
    files = {
        "video": make_clip(tmp_path / "in.mp4", frames=24),
        "other": make_clip(tmp_path / "other.mp4", frames=24, size=(64, 64)),
        "voice": sample("speech.wav"),
    }
    inputs = {name: {"kind": "audio" if name == "voice" else "video"} for name in files}
    steps = [{"id": "last", "operation": id, "input": values}]
    chain = make_chain({"inputs": inputs, "steps": steps})
    known = Known({name: await probe(path) for name, path in files.items()})
    finding = next(one for one in check(chain, known) if one.rule == rule)
    repaired = next(one for one in repairs(chain, finding, known) if one.title == title).chain
    foreseen = foresee(repaired, known)
    for name, made in (await run(repaired, files, tmp_path)).items():
        for field, path in made.items():
            assert within(foreseen[name].given.files[field], probed(await probe(path))) == []
