"""A chain drawn: its files and steps as boxes, what flows between them as lines. An SVG of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape

from lib.chain.board import Board
from lib.chain.reference import references

WIDE, HIGH, RIGHT, DOWN, EDGE = 176, 56, 44, 16, 8
LETTERS = 22
Places = Mapping[str, tuple[int, int]]
"""Column and row of each box."""
STATES = {
    "": ("#7f908b", ""), "file": ("#7f908b", ""), "error": ("#c2410c", "does not fit"), "off": ("#9aa5a1", "off"),
    "waiting": ("#7f908b", "waits"), "ready": ("#7f908b", "next"), "running": ("#2563eb", "running"),
    "uncertain": ("#c2410c", "asks you"), "done": ("#15803d", "done"), "failed": ("#b91c1c", "failed"),
    "cancelled": ("#7f908b", "cancelled"), "skipped": ("#7f908b", "skipped"), "asking": ("#c2410c", "asks you"),
    "kept": ("#15803d", "kept"), "again": ("#2563eb", "runs again"),
}  # fmt: skip
"""The colour of each state, and its word: nobody has to tell colours apart."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours of the page that the picture lies on."""

    box: str
    words: str
    quiet: str


LIGHT, DARK = Look("#ffffff", "#1c2422", "#5d6b67"), Look("#1b2321", "#eef2f0", "#a3b1ac")


def drawn(board: Board, titles: Mapping[str, str], states: Mapping[str, str], look: Look = LIGHT) -> str:
    """The SVG. `titles` and `states` are by step id; a file's name is its title."""
    places = dict(_places(board))
    columns = 1 + max((column for column, _ in places.values()), default=0)
    rows = 1 + max((row for _, row in places.values()), default=0)
    size = columns * (WIDE + RIGHT) - RIGHT + 2 * EDGE, rows * (HIGH + DOWN) - DOWN + 2 * EDGE
    parts = [*_lines(board, places, look), *_boxes(board, places, titles, states, look)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}"'
        f' height="{size[1]}" font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )


def _places(board: Board) -> Iterator[tuple[str, tuple[int, int]]]:
    """(name, (column, row)): a step stands one column after the last of what it takes."""
    depth, filled = dict.fromkeys((f"inputs.{name}" for name in board.inputs), 0), dict[int, int]()
    ahead = list(board.steps)
    for _ in range(len(ahead) + 1):
        for step in ahead:
            before = [depth.get(name, 0) for name in _sources(board, step.input)]
            depth[step.id] = 1 + max(before, default=0 if board.inputs else -1)
    for name in board.inputs:  # right before what takes it first, so that no line runs behind a box
        taking = [depth[step.id] for step in board.steps if f"inputs.{name}" in _sources(board, step.input)]
        depth[f"inputs.{name}"] = min(taking, default=1) - 1
    for name, column in sorted(depth.items(), key=lambda one: one[0].startswith("inputs.")):
        row = filled.get(column, 0)
        filled[column] = row + 1
        yield name, (column, row)


def _sources(board: Board, values: object) -> list[str]:
    known = {step.id for step in board.steps}
    named = [f"inputs.{ref.path[0]}" if ref.source == "inputs" else ref.source for _, ref in references(values)]
    return [name for name in dict.fromkeys(named) if name in known or name.removeprefix("inputs.") in board.inputs]


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return EDGE + place[0] * (WIDE + RIGHT), EDGE + place[1] * (HIGH + DOWN)


def _lines(board: Board, places: Places, look: Look) -> Iterator[str]:
    for step in board.steps:
        for name in _sources(board, step.input):
            (x, y), (to_x, to_y) = _corner(places[name]), _corner(places[step.id])
            x, y, to_y = x + WIDE, y + HIGH // 2, to_y + HIGH // 2
            half = (to_x - x) // 2
            yield (
                f'<path d="M{x} {y} C{x + half} {y} {to_x - half} {to_y} {to_x} {to_y}" fill="none"'
                f' stroke="{look.quiet}" stroke-width="1.5"/>'
            )


def _boxes(
    board: Board,
    places: Places,
    titles: Mapping[str, str],
    states: Mapping[str, str],
    look: Look,
) -> Iterator[str]:
    for name, one in board.inputs.items():
        yield _box(_corner(places[f"inputs.{name}"]), name, one.kind, "file", look)
    for step in board.steps:
        state = "off" if step.off else states.get(step.id, "")
        yield _box(_corner(places[step.id]), titles.get(step.id, step.operation), step.id, state, look)


def _box(corner: tuple[int, int], title: str, under: str, state: str, look: Look) -> str:
    (x, y), (colour, word) = corner, STATES.get(state, STATES[""])
    said = f"{under} · {word}" if word else under
    dashes = ' stroke-dasharray="4 3"' if state in ("off", "file") else ""
    return (
        f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="8" fill="{look.box}" stroke="{colour}"'
        f' stroke-width="{1 if state in ("", "file", "off") else 2}"{dashes}/>'
        f'<text x="{x + 12}" y="{y + 24}" font-size="13" font-weight="600" fill="{look.words}">{_short(title)}</text>'
        f'<text x="{x + 12}" y="{y + 42}" font-size="11" fill="{colour if word else look.quiet}">{_short(said)}</text>'
    )


def _short(words: str) -> str:
    return escape(words if len(words) <= LETTERS else words[: LETTERS - 1].rstrip() + "…")
