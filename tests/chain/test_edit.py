"""Building a chain: every change gives a sound board, what cannot be is said, and each change can be taken back."""

from __future__ import annotations

import random

import pytest

from lib.catalog import OPERATIONS, operation
from lib.chain.board import Board, History, board_of, open_fields, sources, why_not
from lib.chain.edit import add, bind, duplicate, move, put_input, remove, rename, sweep, switch
from lib.chain.model import ChainInput
from lib.chain.presets import preset
from lib.chain.reference import Reference, references
from lib.errors import InputError

UPSCALE, EXTEND, LIPSYNC, FRAME = (
    "fal-ai/video-upscaler",
    "fal-ai/pixverse/extend/fast",
    "fal-ai/pixverse/lipsync",
    "cut/frame",
)
CLIP = Board("A chain", {"video": ChainInput(kind="video", sample="bunny.mp4")})


def flow(board: Board) -> list[str]:
    """Each step with what it takes, in the order in which they are shown."""
    return [f"{step.id} <- {', '.join(str(ref) for _, ref in references(step.input))}" for step in board.steps]


def three() -> Board:
    return rename(add(add(add(CLIP, EXTEND), UPSCALE), "cut/trim"), "trim", "trim")


def test_a_new_step_takes_the_latest_file_that_fits() -> None:
    """The clip of the step before; a field of another kind stays open, and is named."""
    board = add(add(CLIP, EXTEND), LIPSYNC)
    assert flow(board) == ["extend-fast <- $inputs.video", "pixverse-lipsync <- $extend-fast.video"]
    assert board.chain().last_steps() == ["pixverse-lipsync"]
    alone = add(Board(), UPSCALE)
    assert list(open_fields(alone, "video-upscaler")) == [("video_url", "video")]


def test_a_step_in_the_middle_takes_only_what_is_before_it() -> None:
    board = add(add(CLIP, EXTEND), UPSCALE, at=0)
    assert flow(board) == ["video-upscaler <- $inputs.video", "extend-fast <- $inputs.video"]


def test_what_cannot_follow_says_why() -> None:
    """Without a picture no model that animates one; after a cut that takes one out it can."""
    zoom = operation("fal-ai/lyra-2/zoom")
    assert why_not(zoom, CLIP) == "It needs an image, and nothing before gives one."
    assert why_not(zoom, add(CLIP, FRAME)) == ""
    assert why_not(operation(UPSCALE), CLIP) == ""


@pytest.mark.parametrize("id", OPERATIONS)
def test_every_operation_can_be_added_where_its_files_are(id: str) -> None:
    """Whatever it needs is bound, a list as a list, so that references alone never make a chain unsound."""
    inputs = {kind: ChainInput(kind=kind) for kind in ("video", "image", "audio")}  # type: ignore[arg-type]
    board = Board("All", inputs)
    made = operation(id)
    if why_not(made, board):
        assert "scene" in made.media_in().values() or why_not(made, board)
        return
    added = add(board, id)
    assert list(open_fields(added, added.steps[0].id)) == []
    assert added.chain().steps == added.steps


def test_moving_past_its_source_turns_the_flow() -> None:
    """a, b, c with c moved up is a, c, b: what followed on b follows on it still, wherever it stands."""
    board = add(three(), LIPSYNC)
    moved = move(board, "trim", -1)
    assert flow(moved) == [
        "extend-fast <- $inputs.video", "trim <- $extend-fast.video", "video-upscaler <- $trim.video",
        "pixverse-lipsync <- $video-upscaler.video",
    ]  # fmt: skip
    assert flow(move(moved, "trim", 1)) == flow(board)
    assert flow(move(board, "trim", -99))[0] == "trim <- $inputs.video"
    assert move(board, "pixverse-lipsync", 5) == board


def test_moving_what_cannot_be_turned_says_why() -> None:
    """A picture cannot be extended as a clip."""
    board = add(add(CLIP, FRAME), "fal-ai/lyra-2/zoom")
    with pytest.raises(InputError, match="needs what frame makes"):
        move(board, "lyra-2-zoom", -1)


def test_without_a_step_the_flow_goes_on() -> None:
    """What took its clip takes the clip that it was given; where there is none, the field is open."""
    assert flow(remove(three(), "video-upscaler")) == ["extend-fast <- $inputs.video", "trim <- $extend-fast.video"]
    board = remove(add(add(CLIP, FRAME), "fal-ai/lyra-2/zoom"), "frame")
    assert list(open_fields(board, "lyra-2-zoom")) == [("image_url", "image")]


def test_a_circle_is_refused_at_its_field() -> None:
    board = three()
    with pytest.raises(InputError) as caught:
        bind(board, "extend-fast", "video_url", Reference("trim", ("video",)))
    assert list(caught.value.fields) == ["video_url"]
    free = bind(board, "trim", "video_url", None)
    assert "video_url" not in free.step("trim").input
    assert flow(bind(free, "trim", "video_url", Reference("inputs", ("video",))))[2] == "trim <- $inputs.video"


def test_a_branch_a_name_a_switch_and_a_sweep() -> None:
    """One take feeds two; references follow a new name; a switch and a sweep are the step's own."""
    board = duplicate(three(), "trim")
    assert flow(board)[2:] == ["trim <- $video-upscaler.video", "trim-2 <- $video-upscaler.video"]
    renamed = rename(board, "video-upscaler", "larger")
    assert flow(renamed)[2] == "trim <- $larger.video"
    assert switch(switch(board, "trim"), "trim") == board
    swept = sweep(board, "extend-fast", "seed", (1, 2, 3))
    assert swept.step("extend-fast").sweep == {"seed": (1, 2, 3)}
    assert sweep(swept, "extend-fast", "seed", ()) == board


@pytest.mark.parametrize("name", ["trim", "inputs", "", "Größe", "1st", "a" * 41, "a b"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        rename(three(), "extend-fast", name)


def test_every_change_can_be_taken_back() -> None:
    """A hundred changes back and forth end where they began; a new change forgets what was taken back."""
    history, rng, seen = History(CLIP), random.Random(3), [CLIP]
    for _ in range(100):
        board = add(history.now, rng.choice([UPSCALE, EXTEND, "cut/trim"]))
        history = history.changed(board)
        seen.append(board)
    for board in reversed(seen[:-1]):
        history = history.undone()
        assert history.now == board
    assert history.undone() == history
    assert history.redone().now == seen[1]
    again = history.redone().redone().undone().changed(add(CLIP, FRAME))
    assert again.redone() == again


def test_random_building_never_breaks_a_chain() -> None:
    """A thousand random changes: each gives a board that is a chain, or a sentence."""
    rng, board, refused = random.Random(11), board_of(preset("extend-lipsync-upscale")), list[str]()
    for _ in range(1000):
        names = [step.id for step in board.steps]
        one = rng.choice(names)
        change = rng.choice(["add", "remove", "move", "duplicate", "switch", "rename"])
        try:
            if change == "add" and len(names) < 12:
                board = add(board, rng.choice(list(OPERATIONS)), rng.randrange(len(names) + 1))
            elif change == "remove" and len(names) > 1:
                board = remove(board, one)
            elif change == "move":
                board = move(board, one, rng.choice((-2, -1, 1, 2)))
            elif change == "duplicate" and len(names) < 12:
                board = duplicate(board, one)
            elif change == "switch":
                board = switch(board, one)
            elif change == "rename":
                board = rename(board, one, f"step-{rng.randrange(30)}")
        except InputError as error:
            refused.append(error.message)
        assert board.chain().steps == board.steps
        assert sources(board)
    assert refused
    assert all(said.endswith(".") for said in refused)


def test_the_input_of_a_step_is_replaced_whole() -> None:
    board = put_input(three(), "trim", {"video_url": "$inputs.video", "end_s": 1})
    assert board.step("trim").input == {"video_url": "$inputs.video", "end_s": 1}
