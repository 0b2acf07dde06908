"""Edits of pictures over the film: where they lie, how long they last, and that the film below stays as it is."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from cases import cases
from hypothesis import given, strategies as st
from small_films import changed, check_story, film
from talk import CITY, PHOTOS, SEA, SONG

from nemo_notebook.film.draft import editable
from nemo_notebook.film.edits.overlays import _Corner, box_at, boxes_of
from nemo_notebook.film.target import of_kind

UPLOADS = {"city": (CITY,), "sea": (SEA,), "photo": PHOTOS[:1], "song": (SONG,)}


@cases
def test_overlays_of_a_film(of: str, steps: list[Any]) -> None:
    check_story(
        UPLOADS, of, [[edit, tuple(told) if isinstance(told, list) else told, now] for edit, told, now in steps]
    )


@given(
    place=st.sampled_from(get_args(_Corner)),
    size=st.floats(0.1, 1.0),
    aspect=st.floats(0.05, 20.0),
    canvas=st.sampled_from([(1920, 1080), (1080, 1920), (1080, 1080), (2560, 1080)]),
)
def test_a_small_picture__any_shape__lies_within_the_canvas(
    place: Any, size: float, aspect: float, canvas: tuple[int, int]
) -> None:
    left, top, width, height = box_at(place, size, aspect, canvas)
    assert left > 0 < top
    assert left + width < 1 > top + height
    assert width * canvas[0] / (height * canvas[1]) == pytest.approx(aspect, rel=0.05)


@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.parametrize("how", [None, "columns", "rows", "grid"])
@pytest.mark.parametrize("canvas", [(1920, 1080), (1080, 1920)])
def test_parts_of_a_split_screen__cover_the_canvas(count: int, how: str | None, canvas: tuple[int, int]) -> None:
    boxes = boxes_of(count, how, canvas)
    assert len(boxes) == count
    assert sum(width * height for *_, width, height in boxes) == pytest.approx(1, abs=0.001)
    assert len({box[:2] for box in boxes}) == count


def test_shots_below__stay_and_are_cut_again_as_if_nothing_lay_over_them() -> None:
    media = (SONG, CITY, SEA)
    cut = film(media)
    over, _ = changed(
        cut, {"edit": "add_overlay", "media": "sea.mp4"}, {"edit": "split_screen", "start_s": 8.0}, media=media
    )
    assert editable(over).shots == editable(cut).shots
    again = [changed(draft, {"edit": "recut", "another": True}, media=media)[0] for draft in (cut, over)]
    assert editable(again[0]).shots == editable(again[1]).shots
    assert of_kind(editable(again[1]), "overlay") == of_kind(editable(over), "overlay")
