"""The house keeps its rules: arrows point down, rooms stay small, words mean one thing, nothing is foreign."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
LIB = sorted((ROOT / "lib").rglob("*.py"))
PAGES = sorted((ROOT / "pages").rglob("*.py"))
LARGEST = 250
LARGER: dict[str, str] = {}
"""Modules over 250 lines, with the reason."""
BANNED = re.compile(r"(^|_)(jobs?|utils?|helpers?|managers?|services?|handlers?)($|_)", re.IGNORECASE)
WIRE_NAMES = {"add_signal_handler", "handle_async_request"}
TEXTS = {".py", ".toml", ".txt", ".md", ".yml", ".yaml", ".json", ".cfg", ".sh", ".js", ".mjs", ".html", ".css", ""}
# In parts, so that this file does not name what no file may name.
FOREIGN = ["/wo" + "rk/", "/ro" + "ot/", "py" + "pi.", "registry.npm" + "js", "files.python" + "hosted"]


def listed() -> list[Path]:
    """Every file that git has or would take."""
    argv = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    named = subprocess.run(argv, cwd=ROOT, capture_output=True, check=True)
    paths = (ROOT / name for name in named.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_arrows_point_down() -> None:
    """The import contracts of pyproject.toml hold."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_rooms_stay_small() -> None:
    too_long = {short(path): lines(path) for path in LIB if lines(path) > LARGEST}
    assert too_long.keys() <= LARGER.keys(), too_long


def test_pages_say_what_and_never_how() -> None:
    """Four to sixty lines each, and none beside the script, where Streamlit would serve it past the router."""
    assert PAGES
    assert {short(path): lines(path) for path in PAGES if not 4 <= lines(path) <= 60} == {}
    assert [short(path) for path in PAGES if path.parent == ROOT / "pages"] == []


def test_every_module_says_what_it_is() -> None:
    silent = [short(path) for path in LIB + PAGES if path.read_text().strip() and not ast.get_docstring(_tree(path))]
    assert silent == []


def test_words_that_mean_nothing_are_not_used() -> None:
    found = [f"{short(path)}: {name}" for path in LIB + PAGES for name in _names(path) if BANNED.search(name)]
    assert [one for one in found if one.split(": ")[1] not in WIRE_NAMES] == []


def test_nothing_is_swallowed() -> None:
    """No bare except, and none that only passes."""
    caught = [
        (path, node) for path in LIB + PAGES for node in ast.walk(_tree(path)) if isinstance(node, ast.ExceptHandler)
    ]
    silent = [(path, node) for path, node in caught if node.type is None or isinstance(node.body[0], ast.Pass)]
    assert [f"{short(path)}:{node.lineno}" for path, node in silent] == []


def test_only_media_starts_ffmpeg() -> None:
    """Elsewhere no module names the binary's finder or the runner's leash, but for the stand-in's own performers."""
    allowed = ("lib/media/", "lib/standin/")
    callers = [short(path) for path in LIB if re.search(r"media\.(binary|leash)|imageio_ffmpeg", path.read_text())]
    assert [path for path in callers if not path.startswith(allowed)] == []


def test_the_code_is_not_hidden_from_git() -> None:
    """A usual Python .gitignore drops lib/ and with it everything."""
    named = {short(path) for path in listed()}
    assert {short(path) for path in LIB + PAGES} <= named
    assert not any(name.startswith((".venv/", "data/")) for name in named)


def test_nothing_names_this_workplace_or_a_registry() -> None:
    found = []
    for path in listed():
        if path.suffix in TEXTS and path.stat().st_size < 2_000_000:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{short(path)}: {word}" for word in FOREIGN if word in text]
    assert found == []


@pytest.mark.parametrize("name", ["LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "requirements.txt", "Makefile"])
def test_the_front_door_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _names(path: Path) -> Iterator[str]:
    """What the module itself defines: functions, classes, arguments, variables, and its own name."""
    yield path.stem
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name)
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
