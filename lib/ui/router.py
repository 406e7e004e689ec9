"""All pages and the frame around them."""

from __future__ import annotations

import streamlit as st

from lib.catalog import CUT_FAMILIES, FAMILIES
from lib.errors import DailiesError
from lib.settings import ROOT
from lib.ui.errors import show
from lib.ui.links import base_of
from lib.ui.session import BASE_URL, ask_name

PAGES = ROOT / "pages"
LOOKS = ROOT / "lib" / "assets" / "ui"


def show_page(*, with_routes: bool) -> None:
    """Runs the page that the address names. `with_routes` says that the server answers /files."""
    # The icon is a local picture: Material icons of pages are fetched from outside (reference of Streamlit 1.67).
    st.set_page_config(page_title="Dailies", page_icon=str(LOOKS / "icon.png"), layout="wide")
    st.html(LOOKS / "look.css")
    st.logo(str(LOOKS / "logo.svg"), size="large", icon_image=str(LOOKS / "icon.png"))
    page = st.navigation(
        {
            "": [st.Page(PAGES / "start" / "home.py", title="Start", default=True)],
            "Models": [
                st.Page(PAGES / "models" / f"{family.slug}.py", title=family.title, url_path=family.slug)
                for family in FAMILIES
            ]
            + [st.Page(PAGES / "models" / "any.py", title="Any other model", url_path="any")],
            "Cut": [
                st.Page(PAGES / "cut" / f"{family.slug}.py", title=family.title, url_path=family.slug)
                for family in CUT_FAMILIES
            ],
            "Chains": [
                st.Page(PAGES / "chains" / f"{name}.py", title=name.capitalize(), url_path=name)
                for name in ("build", "runs")
            ],
            "Library": [
                st.Page(PAGES / "library" / f"{name}.py", title=name.capitalize(), url_path=name)
                for name in ("takes", "compare", "reference", "settings")
            ],
        },
        expanded=True,
    )
    st.session_state[BASE_URL] = base_of(st.context.url, page.url_path) if with_routes else None
    ask_name()
    try:
        page.run()
    except DailiesError as error:
        show(error)
