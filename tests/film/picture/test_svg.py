from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, strategies as st
from timelines import FILM

from nemo_notebook import errors
from nemo_notebook.film.picture import escape
from nemo_notebook.film.table import ems, fit, width
from nemo_notebook.film.timeline import Timeline


def test_picture__shows_and_saves_itself(tmp_path: Path) -> None:
    made = Timeline(FILM).plot()
    faces = made._repr_mimebundle_()
    assert (repr(made), faces["text/plain"]) == (Timeline(FILM).summary, Timeline(FILM).summary)
    assert made.svg.startswith("<svg ")
    assert made.save(tmp_path / "线.svg").read_text(encoding="utf-8") == made.svg
    with pytest.raises(errors.InputError, match="cannot be written"):
        made.save(tmp_path / "none" / "x.svg")
    with pytest.raises(errors.InputError, match="cannot be written"):
        made.save("\x00")


@given(st.text(), st.integers(0, 30))
def test_fit__is_never_wider_than_the_room(text: str, room: int) -> None:
    for measure in (ems, None):
        cut = fit(text, room, measure) if measure else fit(text, room)
        assert (width(cut, measure) if measure else width(cut)) <= room + 1e-9
        assert cut == text or cut == "" or (cut.endswith("…") and text.startswith(cut[:-1]))


def test_fit__counts_chinese_and_emoji_as_wide_and_does_not_split_them() -> None:
    assert fit("城市之夜", 5) == "城市…"
    assert fit("ab👩‍👩‍👧", 4) == "ab…"
    assert fit("Urban", 5) == "Urban"


@given(st.text())
def test_escape__any_text_can_stand_in_xml(text: str) -> None:
    clean = escape(text)
    if not re.search("[\ud800-\udfff]", clean):
        ElementTree.fromstring(f'<a b="{clean}">{clean}</a>')
