"""The server that ``python -m segmentation.app`` starts: Streamlit behind the guard."""

import os
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from segmentation.app.guard import Guard, Rules

RULES = Rules.of(st.get_option("server.address"), os.environ)
app = st.App(Path(__file__).with_name("main.py"), middleware=[Middleware(Guard, rules=RULES)])
