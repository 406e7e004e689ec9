"""The clip player alone on a page, and two numbers that follow it: ?clip=<hash>, &plain, &cuts=2-5,9-12."""

from __future__ import annotations

import streamlit as st

from lib.ui.clip_player import Marks, clip_player
from lib.ui.links import base_of
from lib.ui.session import BASE_URL, get_studio

st.set_page_config(page_title="Player", layout="wide")
st.session_state[BASE_URL] = base_of(st.context.url, "")


def follow(marks: Marks) -> None:
    st.session_state["start"], st.session_state["end"] = marks.start_frame, marks.end_frame
    st.session_state["calls"] = st.session_state.get("calls", 0) + 1


studio = get_studio()
cuts = [tuple(map(int, part.split("-"))) for part in st.query_params.get("cuts", "").split(",") if part]
plain = "plain" in st.query_params
shown = st.container()
left, right = st.columns(2)
start = left.number_input("Start", value=None, min_value=0, step=1, key="start")
end = right.number_input("End", value=None, min_value=0, step=1, key="end")
with shown:
    marks = clip_player(
        studio, studio.asset(st.query_params["clip"]), key="clip", marks=None if plain else "result", start_frame=start,
        end_frame=end, cuts=cuts, on_marks=follow,
    )  # fmt: skip
st.text(f"marks {marks.start_frame} {marks.end_frame} {marks.at_frame}")
st.text(f"calls {st.session_state.get('calls', 0)}")
st.button("Again")
