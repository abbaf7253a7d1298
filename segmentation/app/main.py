"""The frame around every page: who may come in, which segmentation, and errors as sentences."""

import logging
import sys
from pathlib import Path

import duckdb
import streamlit as st

# Streamlit puts this folder on the path, not the one that holds the package.
ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from segmentation.app import address  # noqa: E402
from segmentation.app.access import admit  # noqa: E402
from segmentation.app.source import Source, context, source_of  # noqa: E402
from segmentation.published.served import CommandError, Published  # noqa: E402

ICON = str(Path(__file__).with_name("icon.svg"))
PAGES = {
    "overview": ("Overview", ":material/dashboard:"),
    "segments": ("Segments", ":material/groups:"),
    "how_many": ("How many?", ":material/tune:"),
    "predict": ("Predict", ":material/online_prediction:"),
    "find": ("Find a {unit}", ":material/person_search:"),
    "rules": ("Rules of your own", ":material/rule:"),
    "products": ("Products and baskets", ":material/shopping_basket:"),
    "campaigns": ("Did it work?", ":material/campaign:"),
    "health": ("Health", ":material/monitor_heart:"),
}


def main() -> None:
    """Draw the page that was asked for."""
    # Without an icon of its own the page would fetch that of the navigation from a font server.
    st.set_page_config(page_title="Segments", page_icon=ICON, layout="wide")
    admit()
    address.chosen("segmentation", "segmentation", lambda text: text if _is_known(text) else None)
    page = _navigation(_unit())
    try:
        st.session_state["source"] = source = _chosen_source()
        _go_where_the_address_means(page)
        _say_what_is_shown(source)
        page.run()
    except CommandError as error:
        st.error(str(error))
    except (OSError, MemoryError, duckdb.Error) as error:
        st.error(f"The published file cannot be read: {_first_line(error)}.")
    except Exception as error:
        logging.getLogger(__name__).exception("A page failed.")
        st.error(
            f"This page could not be drawn: {_first_line(error)}. The log of the server has the "
            "details; the other pages still work."
        )


def _unit() -> str:
    name = st.session_state.get("segmentation")
    try:
        return source_of(name).unit
    except (CommandError, OSError, MemoryError, duckdb.Error):
        # The page says what is amiss; what can be reached is called by its name until then.
        return (name or "customer").replace("_", " ")


def _navigation(unit: str):
    return st.navigation(
        [
            st.Page(
                f"views/{name}.py",
                title=title.format(unit=unit),
                icon=icon,
                url_path=name,
                default=not number,
            )
            for number, (name, (title, icon)) in enumerate(PAGES.items())
        ]
    )


def _is_known(segmentation: str) -> bool:
    try:
        return segmentation in source_of().ask(Published.segmentations)
    except (CommandError, OSError, MemoryError, duckdb.Error):
        return False


def _go_where_the_address_means(page) -> None:
    """Open the page of a link that names none: `?segment=3`, `?customer=30`, `?view=map`."""
    meant = address.meant(source_of().ask(Published.segmentations)) if page.url_path == "" else None
    if meant is not None:
        st.switch_page(f"views/{meant[0]}.py", query_params=meant[1])


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0].rstrip(".")


def _chosen_source() -> Source:
    names = source_of().ask(Published.segmentations)
    chosen = names[0]
    if len(names) > 1:
        chosen = st.sidebar.selectbox("Segments of", names, format_func=_plural, key="segmentation")
        address.write("segmentation", "segmentation", None if chosen == names[0] else chosen)
    return source_of(chosen)


def _plural(name: str) -> str:
    return f"{name.replace('_', ' ')}s"


def _say_what_is_shown(source: Source) -> None:
    # Imported here: the sign-in page needs none of the drawing libraries.
    from segmentation.app.drawing import plain

    found = source.ask(context)["overview"]
    lines = [
        f"Model version {found.model_version}",
        f"Data as of {found.as_of_date:%Y-%m-%d}",
    ]
    if found.published_at is not None:
        lines.append(f"Published {found.published_at:%Y-%m-%d %H:%M} UTC")
    st.sidebar.caption("  \n".join(lines))
    if found.notice:
        st.warning(plain(found.notice), icon=":material/history:")


main()
