"""Pictures over others: in their box, exact to the frame, with the film around them as it is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from nemo_notebook.errors import InputError
from nemo_notebook.render.formats import output_for
from nemo_notebook.render.layers import Clip, Image, Overlay, as_json, from_json
from nemo_notebook.render.overlays import pixels_of, rounded
from nemo_notebook.render.plan import make_plan, one_frame

share = st.floats(0, 1)


@given(
    x=share,
    y=share,
    wide=st.floats(0.01, 1),
    high=st.floats(0.01, 1),
    size=st.sampled_from([(640, 360), (96, 64), (360, 640)]),
)
def test_a_box__lies_on_even_pixels_of_the_canvas(x, y, wide, high, size):
    left, top, right, bottom = pixels_of((x, y, min(wide, 1 - x), min(high, 1 - y)), *size)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert not any(edge % 2 for edge in (left, top, right, bottom))


@pytest.mark.parametrize("count", [2, 3, 4, 7])
def test_neighbours__have_their_edge_in_common(count):
    edges = [pixels_of((round(k / count, 4), 0, round(1 / count, 4), 1), 640, 360) for k in range(count)]
    assert [left for left, *_ in edges[1:]] == [right for _, _, right, _ in edges[:-1]]
    assert (edges[0][0], edges[-1][2]) == (0, 640)


def test_corners__are_round_and_the_middle_is_whole():
    luma, chroma = rounded(64, 36, 1.0)
    assert (luma[0, 0], luma[18, 32], chroma[9, 16]) == (0, 256, 256)
    assert np.array_equal(luma, luma[::-1, ::-1])
    assert chroma.shape == (18, 32)


def film_with(studio, kit, *overlays):
    studio.clip("a", 30)
    studio.image("white", np.full((64, 96, 3), 255, np.uint8))
    shots = [kit.segment("clip", 0, 2000, media="a", in_ms=0)]
    return kit.draft_of(2000, (0, shots), *((0, [kit.segment("overlay", 1000, 500, **own)]) for own in overlays))


def test_an_overlay__is_seen_in_its_box_and_for_its_time(studio, kit):
    path, _ = studio.film(film_with(studio, kit, {"media": "white", "box": [0.5, 0, 0.5, 1]}))
    pictures = kit.pictures(path)
    half = pictures[0].width // 2
    seen = [abs(float(picture.y[:, half + 4 :].mean()) - 235) < 3 for picture in pictures]
    assert [number for number, is_seen in enumerate(seen) if is_seen] == list(range(30, 45))
    alone = kit.pictures(studio.film(film_with(studio, kit))[0])
    for number in (29, 35, 50):
        left = [picture.y[:, : half - 4].astype(int) for picture in (pictures[number], alone[number])]
        assert np.abs(left[0] - left[1]).mean() < 2


def test_a_clip_over_a_film__runs_on_over_pieces_of_a_shot(studio, kit):
    studio.clip("a", 30)
    over = kit.segment("overlay", 1000, 12_000, media="a", in_ms=2000, box=[0.6, 0.6, 0.3, 0.3])
    draft = kit.draft_of(14_000, (0, [kit.segment("clip", 0, 14_000, media="a", in_ms=0)]), (0, [over]))
    plan = make_plan(draft, studio.media, output_for(draft))
    starts = {
        shot.first_frame: layer.picture.skip
        for shot in plan.shots
        for layer in shot.layers
        if isinstance(layer, Overlay)
    }
    assert len(starts) > 2
    assert all(skip == first - 30 for first, skip in starts.items())
    layer = next(layer for layer in one_frame(plan, 100).layers if isinstance(layer, Overlay))
    assert layer.picture.skip == 70
    assert from_json(as_json(layer)) == layer


def test_an_overlay_without_a_box__takes_the_place_of_the_film_and_is_silent(studio, kit):
    draft = film_with(studio, kit, {"media": "white"})
    plan = make_plan(draft, studio.media, output_for(draft))
    shown = [type(layer) for shot in plan.shots for layer in shot.layers]
    assert shown == [Clip, Image, Clip]
    assert not plan.sound.sounds


def test_more_than_nine__are_refused(studio, kit):
    box = {"media": "white", "box": [0, 0, 0.2, 0.2]}
    draft = film_with(studio, kit, *[box] * 10)
    with pytest.raises(InputError, match="9 pictures"):
        make_plan(draft, studio.media, output_for(draft))
