"""The proof as a picture: what was compared, side by side with where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lib.errors import Unsupported
from lib.media.facts import Facts
from lib.media.folder import private_folder
from lib.media.limits import Limits
from lib.media.probe import probe
from lib.media.proof.prove import Clip, place_of
from lib.media.proof.sheet import Proof, Seen
from lib.media.samples import FONT
from lib.media.smart.child import child
from lib.media.smart.running import Progress, Running
from lib.media.timing import frames_of

MOST = 24  # pairs on one sheet


async def proof_sheet(
    output: Path, clips: Sequence[Clip], proof: Proof, to: Path, *, method: str = "", reason: str = ""
) -> None:
    """A PNG at `to`: compared pictures of `output` beside those of the clips that it was made of, with the numbers.

    Raises a MediaError where one of the files cannot be read any more, and then leaves nothing.
    """
    made, seen = await probe(output), _some(proof.seen)
    if made.kind != "video":
        raise Unsupported("A still has no proof sheet: it is the picture itself.", hint="Look at the numbers instead.")
    output, to = output.absolute(), to.absolute()  # noqa: ASYNC240 - no disk is touched
    with private_folder(to.parent) as folder:
        running, drawn = Running(Progress(None), None, Limits()), folder / "sheet.png"
        request = {
            "do": "proof sheet",
            "output": str(output),
            "to": str(drawn),
            "font": str(FONT),
            "clips": [{"path": str(path.absolute()), "zero_s": facts.picture_start_s} for path, facts in clips],
            "pairs": [_pair(one, clips[one.check.clip][1]) for one in seen],
            "lines": lines(proof, method, reason),
        }
        async with child(folder, running.limits) as worker:
            await worker.ask(request, running.watch(0, 1))
        drawn.replace(to)


def lines(proof: Proof, method: str = "", reason: str = "") -> list[str]:
    """The numbers of a proof in sentences, the most important first."""
    said = [f"{proof.frames} pictures, {proof.wanted_frames} asked for."]
    if proof.sound_samples is not None:
        said.append(
            f"Sound: {proof.sound_samples} samples at {proof.sample_rate} Hz, {proof.wanted_samples} asked for."
        )
    if proof.offset_s is not None:
        said.append(f"Sound against picture: {proof.offset_s * 1000:+.2f} ms.")
    if method:
        said.append(f"Method: {method}. {reason}".strip())
    return [*said, *(proof.faults or ("No fault was found.",))]


def _some(seen: Sequence[Seen]) -> list[Seen]:
    """All of them, or evenly chosen ones that include the first and the last."""
    if len(seen) <= MOST:
        return list(seen)
    return [seen[round(place * (len(seen) - 1) / (MOST - 1))] for place in range(MOST)]


def _pair(seen: Seen, source: Facts) -> dict[str, object]:
    check = seen.check
    number = min(check.source, frames_of(source) - 1)
    alike = "equal to the bit" if seen.equal else f"likeness {seen.ssim:.4f}"
    return {
        "clip": check.clip,
        "made": check.made,
        "place": place_of(number, source),
        "source_label": f"clip {check.clip + 1}, picture {number}",
        "made_label": f"picture {check.made}: {check.how}, {alike}",
    }
