"""Every operation with its fields, limits, price and source, as the catalog has them: searchable, and linkable."""

from __future__ import annotations

from functools import cache

import streamlit as st

from lib.catalog import known, operation
from lib.catalog.form import fields
from lib.catalog.operation import Family, Operation
from lib.catalog.reference import body
from lib.settings import ROOT
from lib.ui.draft import slug_of
from lib.ui.places import ALL, choose, family_of, page_of
from lib.ui.text import count, plain

REFERENCE_PAGE = ROOT / "pages" / "library" / "reference.py"
OPERATION = "operation"
WORDS = "reference:words"


def reference_page() -> None:
    """The operation that the address names, or all that match the search."""
    st.title("Reference", anchor=False)
    st.markdown("Every model and cut: fields, limits, prices and where they are from. Written from the catalog itself.")
    one = known(st.query_params.get(OPERATION, ""))
    if one is not None:
        st.button("Show all", key="reference:all", on_click=st.query_params.clear, icon=":material/arrow_back:")
        _operation(one)
        return
    words = st.text_input(
        "Search", key=WORDS, placeholder="Search models, cuts and fields", icon=":material/search:", type="search",
        label_visibility="collapsed", live=True, persist_state="session", width=420,
    )  # fmt: skip
    _all(found(words or ""))


def found(words: str) -> list[tuple[Family[Operation], list[Operation]]]:
    """The operations in which every word stands somewhere, by family; the models first."""
    wanted = words.lower().split()
    families = sorted(ALL, key=lambda family: family.operations[0].local)
    listed = [(family, [each for each in family.operations if _has(each, wanted)]) for family in families]
    return [(family, made) for family, made in listed if made]


def _has(made: Operation, wanted: list[str]) -> bool:
    return all(word in _text(made.id) for word in wanted)


@cache
def _text(operation_id: str) -> str:
    """All that is searched: the names and texts of the operation and its fields, not their example."""
    made = operation(operation_id)
    family = family_of(made)
    specs = fields(made.input)
    parts = [made.id, made.title, made.about, family.title]
    parts += [f"{spec.name} {spec.title} {spec.help}" for each in specs for spec in (each, *each.item)]
    return " ".join(parts).lower()


def _all(listed: list[tuple[Family[Operation], list[Operation]]]) -> None:
    if not listed:
        st.info("Try fewer words.", title="No operation matches")
        return
    total = sum(len(made) for _, made in listed)
    links = " · ".join(f"[{plain(family.title)}](#{family.slug})" for family, _ in listed)
    st.markdown(f":small[:gray[{count(total, 'operation')}:]] {links}")
    for family, made in listed:
        st.header(plain(family.title), anchor=family.slug, divider="gray")
        for each in made:
            _operation(each)


def _operation(made: Operation) -> None:
    with st.container(border=True, key=f"reference-{slug_of(made)}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(plain(made.title), anchor=slug_of(made), width="content")
            pressed = st.button(
                "Open its form", key=f"reference:open:{made.id}", icon=":material/arrow_forward:", on_click=choose,
                args=(made,), type="tertiary",
            )  # fmt: skip
        st.caption(f"`{made.wire_id}`")
        st.markdown(_body(made.id))
    if pressed:
        st.switch_page(page_of(made))


@cache
def _body(operation_id: str) -> str:
    return body(operation(operation_id), plain)


def reference_link(made: Operation) -> None:
    """The operation's id, as a way to what is written about it."""
    st.page_link(
        REFERENCE_PAGE, label=plain(made.wire_id), query_params={OPERATION: made.id}, icon=":material/menu_book:",
        help="Fields, limits, price and source",
    )  # fmt: skip
