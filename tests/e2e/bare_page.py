"""Every Streamlit element that our pages use, once, with nothing of ours: what Streamlit itself is to blame for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SAMPLES = Path(__file__).parents[2] / "lib" / "assets" / "samples"
ICONS = SAMPLES.parent / "ui"
PROGRAM = (
    """import os


def run(name: str = "one") -> bool:  # a comment
    return os.environ.get("KEY", 1.5) is not None and True
"""
    + "print(1)\n" * 40
)
BODY = """{
  "text": "one",
  "number": 1.5,
  "yes": true,
  "none": null
}
""" + "\n".join("[1]" for _ in range(40))


def words() -> None:
    st.title("Title", anchor=False)
    st.header("Header", anchor="header", divider="gray")
    st.subheader("Subheader", anchor="subheader")
    st.markdown("Text with a [link](#header), `code`, :gray[gray] and :small[:gray[small gray] text]", help="Help")
    st.markdown("| A | B |\n| --- | --- |\n| 1 | 2 |\n\n- one\n- two\n\n```json\n{}\n```")
    st.markdown(":red[:material/error: wrong] :orange[perhaps] :violet-badge[Badge] :gray-badge[Badge]")
    st.caption("A caption with :orange[colour], :red[colour], `code` and :material/edit_note:")
    for color in ("gray", "blue", "green", "orange", "red", "violet"):
        st.badge("Badge", color=color)  # type: ignore[arg-type]
    st.text("Text")
    st.code(PROGRAM, language="python", height=160)
    st.code(BODY, language="json", height=160)
    st.code(BODY, language="bash", wrap_lines=True)
    st.json({"one": [1, {"two": 2}]}, expanded=2)
    for box in (st.info, st.warning, st.error, st.success):
        box("Body", title="Title")
        box("Body", icon=":material/paid:")
    st.progress(0.5, text="Progress")
    st.html("<style>.none { color: red }</style>")


def choices() -> None:
    st.segmented_control("Segments", ["one", "two"], default="one", required=True, help="Help")
    st.segmented_control("Segments off", ["one", "two"], disabled=True)
    st.segmented_control("Segments unnamed", ["one", "two"], label_visibility="collapsed")
    st.pills("Pills", ["one", "two"], selection_mode="multi", default=["one"])
    st.radio("Radio", ["one", "two"], horizontal=True)
    st.selectbox("Select", ["one", "two"], help="Help")
    st.selectbox("Select none", ["one", "two"], index=None, placeholder="Not chosen", label_visibility="collapsed")
    st.multiselect("Several :gray[(optional)]", ["one", "two"], accept_new_options=True, placeholder="Type one")
    st.multiselect("Several chosen", ["one", "two"], default=["one", "two"], max_selections=4)
    st.toggle("Toggle", wrap=True, help="Help")
    st.toggle("Toggle on", value=True)
    st.checkbox("Check", help="Help")
    st.checkbox("Check on", value=True)
    st.pagination(5, key="pages")


def numbers() -> None:
    st.slider("Slider", 0, 10, 5, help="Help")
    st.slider("Slider off", 0, 10, 5, disabled=True)
    st.slider("Range", 0, 10, (2, 5))
    st.number_input("Number", 0.0, 10.0, 5.0, help="Help")
    st.number_input("Number none", value=None, placeholder="random")
    st.number_input("Number off", disabled=True)
    st.date_input("Day", value=None)


def texts() -> None:
    st.text_input("Text :gray[(optional)]", help="Help", placeholder="Placeholder")
    st.text_input("Search", type="search", icon=":material/search:", placeholder="Search", label_visibility="collapsed")
    st.text_input("Off", disabled=True)
    st.text_input("Secret", type="password")
    st.text_area("Long text", "words", height=68, help="Help")
    st.text_area("Empty", placeholder="Placeholder", max_chars=4000)
    st.text_area("Off area", disabled=True)
    st.file_uploader("File", ["mp4"])
    with st.form("form", border=False):
        st.form_submit_button("Submit")


def buttons() -> None:
    st.button("Go", type="primary", icon=":material/play_arrow:", shortcut="Ctrl+Enter")
    st.button("Off", type="primary", icon=":material/play_arrow:", disabled=True)
    st.button("Second", icon=":material/lightbulb:", help="Help")
    st.button("Second off", disabled=True, help="Help")
    st.button("Third", type="tertiary", icon=":material/close:", help="Help")
    st.button("Third off", type="tertiary", disabled=True)
    st.button(":orange[★]", type="tertiary", help="Help")
    st.link_button("Link", "https://example.com", icon=":material/download:")
    st.download_button("Download", b"1", icon=":material/download:")
    st.menu_button("Menu", ["one", "two"], icon=":material/arrow_forward:")
    with st.popover("Popover", icon=":material/tune:"):
        st.caption("Inside")
    st.page_link(HERE, label="Page", icon=":material/menu_book:", help="Help")
    with st.expander("Expander"):
        st.caption("Inside")
    with st.expander("Expander open", expanded=True):
        st.caption("Inside")
    with st.expander("Compact", type="compact"):
        first, second = st.tabs(["One", "Two"])
        first.code("one")
        second.code("two")
    with st.expander("Compact open", type="compact", expanded=True, key="compact-open"):
        third, fourth = st.tabs(["One", "Two"], key="tabs-open")
        third.code("one", height=160)
        fourth.code("two")


def media() -> None:
    st.video(str(SAMPLES / "bunny.mp4"), alt="Video")
    st.audio(str(SAMPLES / "speech.wav"), alt="Audio")
    st.image(str(SAMPLES / "portrait.jpg"), alt="Picture", width=180)


def everything() -> None:
    words()
    left, right = st.columns(2)
    with left:
        choices()
        numbers()
    with right:
        texts()
        buttons()
    grid = st.grid(2, min_column_width=180)
    with grid.cell(), st.container(border=True, horizontal=True):
        media()


st.set_page_config(page_title="Bare", page_icon=str(ICONS / "icon.png"), layout="wide")
st.logo(str(ICONS / "logo.svg"), size="large", icon_image=str(ICONS / "icon.png"))
HERE = st.Page(everything, title="Everything", default=True)
OTHER = st.Page(words, title="Words", url_path="words")
page = st.navigation({"": [HERE], "Section": [OTHER]}, expanded=True)
st.sidebar.text_input("Name", placeholder="Your name", help="Help", label_visibility="collapsed")
page.run()
