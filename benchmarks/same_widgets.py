"""One of our pages told again in plain Streamlit: the same widgets with the same labels and choices, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.ui.stage import open_app, quiet

HEAD = """import streamlit as st
st.set_page_config(page_title="Bare", layout="wide")


def first():
    st.title("First")
    st.markdown("A short page.")


def second():
"""
FOOT = """

st.navigation([
    st.Page(first, title="First", default=True), st.Page(second, title="{title}", url_path="second"),
]).run()
"""


def write_same(page: str, folder: Path) -> tuple[Path, Counter[str]]:
    """A script whose second page has the widgets of `page` ("models/wan"), and how many of each there are."""
    studio = quiet(folder / "same")
    try:
        app = open_app(studio, page)
        lines = list(_told(app.main, "    "))
        title = app.title[0].value
    finally:
        studio.close()
    script = folder / "same.py"
    script.write_text(HEAD + "\n".join(lines) + FOOT.format(title=title))
    return script, Counter(line.strip().removeprefix("with ").split("(")[0] for line in lines)


def _told(block: Any, indent: str) -> Iterator[str]:
    for node in block.children.values():
        if node.type == "expander" and node.children:
            yield f"{indent}with st.expander({node.label!r}):"
            yield from _told(node, indent + "    ")
        elif hasattr(node, "children"):
            yield from _told(node, indent)
        else:
            yield indent + _line(node)


def _line(node: Any) -> str:
    command, given = TELLING[node.type]
    said = [repr(each) for each in given(node)]
    if command == "segmented_control":
        said.append(f"default={given(node)[1][0]!r}, required=True")
    if getattr(node.proto, "id", ""):
        said.append(f"key={node.proto.id.removeprefix('$$ID-')!r}")
    return f"st.{command}({', '.join(said)})"


def _words(node: Any) -> list[Any]:
    return [node.value]


def _named(node: Any) -> list[Any]:
    return [node.proto.label]


def _valued(node: Any) -> list[Any]:
    return [node.label, node.value]


def _chosen(node: Any) -> list[Any]:
    return [node.label, node.options]


def _number(node: Any) -> list[Any]:
    """Streamlit wants the bounds in the value's own type; the page has them all as floats."""
    kind = float if isinstance(node.value, float) else int
    return [node.label, *(None if bound is None else kind(bound) for bound in (node.min, node.max)), node.value]


TELLING: dict[str, tuple[str, Callable[[Any], list[Any]]]] = {
    **{kind: (kind, _words) for kind in ("title", "markdown", "caption")},
    **{kind: (kind, _valued) for kind in ("toggle", "checkbox", "text_input", "text_area")},
    **{kind: (kind, _chosen) for kind in ("selectbox", "multiselect")},
    "button": ("button", _named),
    "button_group": ("segmented_control", lambda node: [node.label, [each.content for each in node.proto.options]]),
    "slider": (
        "slider",
        lambda node: [node.label, *map(type(node.value), (node.min, node.max, node.value, node.step))],
    ),
    "number_input": ("number_input", _number),
    "page_link": ("link_button", lambda node: [node.proto.label, "https://example.com"]),
    # Without routes our page has Streamlit's own, which is thus the peer of our upload control.
    "file_uploader": ("file_uploader", _named),
}
