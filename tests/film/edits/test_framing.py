"""Edits of the camera and of which way up pictures are."""

from __future__ import annotations

from typing import Any

import pytest
from cases import cases
from small_films import changed, check_story, film, refused
from talk import CITY, PHOTOS, SEA, SONG

from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import apply_edits, parse
from nemo_notebook.film.model import Situation
from nemo_notebook.render.placement import orientation_of

UPLOADS = {"city": (CITY,), "sea": (SEA,), "photos": PHOTOS, "song": (SONG,)}


@cases
def test_framing_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(UPLOADS, of, steps)


@pytest.mark.parametrize("edit", ["set_camera", "set_orientation"])
def test_framing__nothing_that_is_said_is_refused(edit: str) -> None:
    assert refused(film(), {"edit": edit})[0] in ("move", "turn")


@pytest.mark.parametrize("move", ["push", "pull", "left", "right", "up", "down"])
def test_a_move__goes_where_it_is_said(move: str) -> None:
    draft, _ = changed(film(), {"edit": "set_camera", "move": move, "amount": 0.2}, media=(CITY, SEA))
    for shot in editable(draft).shots:
        (x, y, scale), (end_x, end_y, end_scale) = shot.meta["camera"]["from"], shot.meta["camera"]["to"]
        way = {"push": end_scale - scale, "pull": scale - end_scale, "left": x - end_x, "right": end_x - x}
        assert (way | {"up": y - end_y, "down": end_y - y})[move] > 0


def test_orientation__stays_through_a_new_cut_beside_its_own_mirroring() -> None:
    edits = [
        {"edit": "make_video"},
        {"edit": "set_orientation", "target": "sea", "flip": "h", "turn": 180},
        {"edit": "recut", "another": True},
    ]
    draft = apply_edits({}, [parse(edit) for edit in edits], Situation({}, (CITY, SEA, SONG))).draft
    for shot in editable(draft).shots:
        is_sea, mirrored = shot.meta["media"] == SEA.id, bool(shot.meta["camera"].get("mirrored"))
        assert orientation_of(shot.meta) == ("h" if is_sea != mirrored else "", 180 if is_sea else 0)
