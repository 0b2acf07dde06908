"""Views that keep out of what is beside a picture, and rows of uploads that have a length."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talk import CITY, PHOTOS, SEA

from nemo_notebook.film.assembly import lay_in_row
from nemo_notebook.film.camerawork import camera_of
from nemo_notebook.film.draft import editable
from nemo_notebook.film.fitting import view_inside
from nemo_notebook.film.footage import Source, takes
from nemo_notebook.film.style import Style

TALL = replace(PHOTOS[0], width=900, height=1600, focus=((0.9, 0.2),))


def edges(place: float, scale: float) -> tuple[float, float]:
    """Where a view begins and ends, 0–1 of the canvas."""
    first = place * (1 - 1 / scale)
    return first, first + 1 / scale


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("scale", [1.0, 1.2, 2.0, 4.0])
@pytest.mark.parametrize("place", [0.0, 0.3, 1.0])
def test_views__show_nothing_beside_a_picture_or_as_much_on_both_sides(
    share: float, scale: float, place: float
) -> None:
    x, y, kept = view_inside((place, place, scale), (share, 1.0))
    first, last = edges(x, scale)
    before, behind = (1 - share) / 2 - first, last - (1 + share) / 2
    assert kept == scale
    assert y == place
    assert before == pytest.approx(behind, abs=1e-3) or max(before, behind) < 1e-3


def test_cameras__over_tall_pictures_leave_them_in_the_middle() -> None:
    source = Source.of(TALL, (1920, 1080))
    assert source.filled == pytest.approx((0.3167, 1), abs=0.002)
    cameras = [
        camera_of(take, number, source, Style())
        for number, take in enumerate(takes(range(0, 1201, 60), [source], (), 3))
    ]
    assert all(camera["from"][0] == camera["to"][0] == 0.5 for camera in cameras)
    assert all(camera["from"] != camera["to"] for camera in cameras)
    assert Source.of(TALL, (1920, 1080), "crop").filled == (1.0, 1.0)


@pytest.mark.parametrize("frames", [30, 100, 240, 419, 500])
def test_rows__that_are_too_long_show_something_of_all(frames: int) -> None:
    film = editable({})
    assert lay_in_row(film, (CITY, SEA, PHOTOS[0]), until=frames) == frames
    assert [shot.meta["media"] for shot in film.shots] == [CITY.id, SEA.id, PHOTOS[0].id][: max(1, frames // 12)]
    assert film.shots[0].first == 0
    assert all(shot.frames >= 12 for shot in film.shots)
    assert all(shot.in_ms + shot["d"] <= 8_000 for shot in film.shots)
    assert all(one.last == other.first for one, other in zip(film.shots, film.shots[1:], strict=False))


def test_rows__that_are_a_little_too_short_end_with_no_crumb() -> None:
    film = editable({})
    lay_in_row(film, (CITY, SEA), until=14 * 30 + 10)
    assert [shot.frames for shot in film.shots] == [240, 95, 95]
    assert film.shots[-1].in_ms + film.shots[-1]["d"] == pytest.approx(CITY.duration_ms, abs=40)
