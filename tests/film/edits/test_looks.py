"""Edits of colours, transitions, fades, the canvas and the visualizer."""

from __future__ import annotations

from typing import Any

import pytest
from cases import cases
from small_films import CLIPS, changed, film, refused
from talk import CITY, PHOTOS, SONG

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import parse
from nemo_notebook.film.model import MediaItem
from nemo_notebook.film.tracks import Json

COVERED = MediaItem("s2", "disc.mp3", "audio", 9000, has_audio=True, cover_colors=("#102030", "#405060", "#708090"))


def shots(draft: Json) -> list[dict[str, Any]]:
    return [shot["m"] for shot in editable(draft).shots]


@cases
def test_colours_of_a_visualizer__are_three_or_none(colors: Any, field: str, allowed: str) -> None:
    with pytest.raises(InvalidEdit) as caught:
        parse({"edit": "set_visualizer", "colors": colors})
    assert [(problem.field, problem.allowed) for problem in caught.value.problems] == [(field, allowed)]


def test_a_filter__is_of_the_film_or_of_what_is_meant() -> None:
    draft, told = changed(film(), {"edit": "set_look", "filter": "sepia", "target": "sea"})
    assert [own.get("filter") for own in shots(draft)] == [None, "sepia"]
    assert told == "Put the sepia look on sea (0:08–0:14)."
    draft, told = changed(draft, {"edit": "set_look", "filter": "bw"})
    assert (draft["m"]["filter"], [own.get("filter") for own in shots(draft)]) == ("bw", [None, None])
    assert told == "Put the black and white look on the whole video."


def test_original_colours_of_one_shot__leave_the_others_in_the_films_filter() -> None:
    toned = changed(film(), {"edit": "set_look", "filter": "bw", "contrast": 0.5})[0]
    draft = changed(toned, {"edit": "set_look", "filter": "none", "target": {"number": 1}})[0]
    assert not {"filter", "adjust"} & {*draft["m"]}
    assert [(own.get("filter"), own.get("adjust")) for own in shots(draft)] == [(None, None), ("bw", {"contrast": 0.5})]
    same, told = changed(film(), {"edit": "set_look", "filter": "none"})
    assert (same, told) == (film(), "The pictures have no filter: these are their own colours.")


def test_tints__are_set_or_added_and_told_with_what_was() -> None:
    draft, told = changed(film(), {"edit": "set_look", "brightness": 0.4, "saturation": -1.0})
    assert draft["m"]["adjust"] == {"brightness": 0.4, "saturation": -1.0}
    assert told == "Set for the whole video: brightness +40% (it was 0%), saturation -100% (it was 0%)."
    draft, told = changed(draft, {"edit": "set_look", "brightness": 0.8, "relative": True})
    assert draft["m"]["adjust"] == {"brightness": 1.0, "saturation": -1.0}
    assert told == "Set for the whole video: brightness +100% (it was +40%)."
    again, told = changed(draft, {"edit": "set_look", "brightness": 0.1, "relative": True})
    assert (again, told) == (draft, "It is already as far as it goes.")


def test_a_look_of_a_stretch__splits_what_is_meant_alone() -> None:
    edit = {"edit": "set_look", "filter": "noir", "start_s": 6.0, "end_s": 10.0}
    draft, told = changed(film(), edit)
    looks = [(s["s"], s["d"], s["m"].get("filter")) for s in editable(draft).shots]
    assert looks == [(0, 6000, None), (6000, 2000, "noir"), (8000, 2000, "noir"), (10_000, 4000, None)]
    assert told == "Put the noir look on 0:06–0:10."
    draft = changed(film(), {**edit, "target": "sea"})[0]
    assert [own["source"] for own in shots(draft) if own.get("filter")] == ["sea.mp4"]
    open_end = changed(film(), {"edit": "set_look", "filter": "noir", "end_s": 8.0})[0]
    assert [own.get("filter") for own in shots(open_end)] == ["noir", None]


def test_fit__is_told_in_both_languages() -> None:
    edit = {"edit": "set_look", "fit": "blur", "target": "sea"}
    draft, told = changed(film(), edit)
    assert [own.get("fit") for own in shots(draft)] == [None, "blur"]
    assert told == "Now shown whole before a blurred background: sea (0:08–0:14)."
    assert changed(film(), edit, language="zh")[1] == "sea（0:08–0:14）的画面现在完整显示，背景模糊。"


@cases
def test_a_look__that_cannot_be_set(fields: dict[str, Any], field: str, words: str) -> None:
    told = refused(film(), {"edit": "set_look", **fields})
    assert told[0] == field
    assert words in told[1]


def test_a_look__of_no_picture() -> None:
    assert "no pictures yet" in refused({}, {"edit": "set_look", "filter": "bw"}, media=())[1]
    drawn = changed(film((SONG,)), {"edit": "set_look", "filter": "bw"}, media=(SONG,))[0]
    assert drawn["m"]["filter"] == "bw"
    song = editable(drawn).segments("song")[0]["id"]
    assert refused(drawn, {"edit": "set_look", "filter": "bw", "target": {"id": song}}, (SONG,)) == (
        "target",
        "my_song_final is neither a clip nor a photo.",
    )


def test_transitions__are_at_all_cuts_or_at_those_that_are_meant() -> None:
    row = film((*CLIPS, *PHOTOS), with_song=False)
    draft, told = changed(row, {"edit": "set_transition", "kind": "wipe", "duration_s": 0.4}, media=(*CLIPS, *PHOTOS))
    assert [own.get("transition") for own in shots(draft)] == [None, *[{"kind": "wipe", "ms": 400}] * 4]
    assert told == "Added a 0.4 s wipe at all 4 cuts."
    for meant, numbers in (
        ({"target": {"kind": "cut", "number": 2}}, [2]),
        ({"target": {"kind": "cut", "number": -1}}, [4]),
        ({"target": {"kind": "cut", "at_s": 9.0}}, [1]),
        ({"after": "city"}, [1]),
        ({"before": "photo2"}, [3]),
        ({"after": "sea", "before": "photo1"}, [2]),
        ({"target": "photo3"}, [4]),
    ):
        draft = changed(row, {"edit": "set_transition", **meant}, media=(*CLIPS, *PHOTOS))[0]
        assert [number for number, own in enumerate(shots(draft)) if "transition" in own] == numbers


def test_a_transition__takes_at_most_half_of_the_shorter_shot_and_goes_again() -> None:
    draft, told = changed(film(), {"edit": "set_transition", "duration_s": 30.0})
    assert shots(draft)[1]["transition"] == {"kind": "dissolve", "ms": 3000}
    assert told == "Added a 3 s dissolve between city and sea at 0:08."
    draft, told = changed(draft, {"edit": "set_transition", "kind": "none"})
    assert (draft, told) == (film(), "Hard cuts again between city and sea at 0:08.")
    draft, told = changed(draft, {"edit": "set_transition", "kind": "none"})
    assert (draft, told) == (film(), "There are no transitions: all cuts are hard.")


@cases
def test_a_transition__at_no_cut(fields: dict[str, Any], field: str, words: str) -> None:
    told = refused(film(), {"edit": "set_transition", **fields})
    assert told[0] == field
    assert words in told[1]
    assert "fewer than two shots" in refused(film((CITY,)), {"edit": "set_transition"}, (CITY,))[1]


def test_a_fade__of_the_picture_lies_on_frames_within_the_film() -> None:
    draft, told = changed(film(), {"edit": "fade", "in_s": 60.0, "out_s": 0.31})
    assert (draft["m"]["fade_in_ms"], draft["m"]["fade_out_ms"]) == (7000, 300)
    assert told == "The picture fades in from black over the first 7 s and fades to black over the last 0.3 s."
    told = changed(draft, {"edit": "fade", "in_s": 0.0}, language="zh")[1]
    assert told == "画面开头不再淡入。"


def test_a_fade__of_sounds_is_of_the_first_and_the_last() -> None:
    media = (SONG, *CLIPS)
    draft, told = changed(film(media), {"edit": "fade", "target": "music", "in_s": 1.0, "out_s": 2.0}, media=media)
    (song,) = editable(draft).segments("song")
    assert (song["m"]["fade_in_ms"], song["m"]["fade_out_ms"]) == (1000, 2000)
    assert told == "The music fades in over the first 1 s and fades out over the last 2 s."
    both = {"edit": "fade", "target": ["picture", "music"], "out_s": 3.0}
    draft, told = changed(draft, both, media=media)
    assert draft["m"]["fade_out_ms"] == editable(draft).segments("song")[0]["m"]["fade_out_ms"] == 3000
    assert told == "The picture and the music fade to black over the last 3 s."
    told = changed(draft, {"edit": "fade", "target": "sound", "in_s": 0.0, "out_s": 0.0}, media=media)[1]
    assert told == "The music does not fade any more."


def test_a_fade__of_a_clips_own_sound_or_of_a_voice() -> None:
    draft, told = changed(film(), {"edit": "fade", "target": {"kind": "clip", "name": "sea"}, "out_s": 1.0})
    assert editable(draft).segments("clip")[1]["m"]["fade_out_ms"] == 1000
    assert told == "The sound fades out over the last 1 s."
    voice = {"id": "v", "s": 0, "d": 2000, "m": {"role": "speech", "name": "voice"}}
    spoken = {**film(), "t": [*film()["t"], {"tt": 1, "sg": [voice]}]}
    draft, told = changed(spoken, {"edit": "fade", "target": {"id": "v"}, "in_s": 9.0})
    assert editable(draft).segments("speech")[0]["m"]["fade_in_ms"] == 2000
    assert told == "The voice recording fades in over the first 2 s."


@cases
def test_a_fade__of_nothing(fields: dict[str, Any], field: str, words: str) -> None:
    told = refused(film(), {"edit": "fade", **fields})
    assert told[0] == field
    assert words in told[1]
    assert "no picture" in refused({}, {"edit": "fade", "in_s": 1.0}, media=())[1]


@cases
def test_a_canvas__has_the_shape_and_size_that_are_asked_for(fields: dict[str, Any], size: tuple[int, int]) -> None:
    draft, told = changed(film(), {"edit": "set_canvas", **fields})
    assert (draft["m"]["width"], draft["m"]["height"]) == size
    assert f"{size[0]} × {size[1]}" in told
    assert draft["m"].get("fit") == ("crop" if size[1] > size[0] else None)


def test_a_canvas__tells_what_was() -> None:
    told = changed(film(), {"edit": "set_canvas", "aspect": "9:16", "platform": "TikTok", "fills": False})[1]
    assert told == "The picture is now vertical 9:16, 1080 × 1920 (it was 1920 × 1080), fit for TikTok."
    told = changed(film(), {"edit": "set_canvas", "short_side": 1080})[1]
    assert told == "The picture stays horizontal 16:9, 1920 × 1080."
    field, words = refused(film(), {"edit": "set_canvas", "aspect": "21:9", "short_side": 8192})
    assert (field, "out of range" in words) == ("", True)


def test_a_visualizer__keeps_what_is_not_asked_for() -> None:
    draft = changed(film((SONG,)), {"edit": "set_visualizer", "style": "line", "palette": "fire"}, media=(SONG,))[0]
    draft, told = changed(draft, {"edit": "set_visualizer", "style": "circular"}, media=(SONG,))
    (drawn,) = editable(draft).segments("visualizer")
    (backdrop,) = editable(draft).segments("backdrop")
    assert (drawn["m"]["style"], drawn["m"]["palette"], backdrop["m"]["palette"]) == ("circular", "fire", "fire")
    assert told == "The visualizer now shows a ring in fire colours, drawn from the sound."
    draft, told = changed(draft, {"edit": "set_visualizer", "colors": ["#b80000", "#ff0000", "#ffa3a3"]}, media=(SONG,))
    assert editable(draft).segments("visualizer")[0]["m"]["colors"] == ["#b80000", "#ff0000", "#ffa3a3"]
    assert "in #ff0000, drawn" in told
    draft, told = changed(draft, {"edit": "set_visualizer", "shown": False}, media=(SONG,))
    assert (editable(draft).segments("visualizer"), told) == ([], "Removed the visualizer.")
    assert changed(draft, {"edit": "set_visualizer", "shown": False}) == (
        draft,
        "There is no visualizer on the timeline.",
    )


def test_a_visualizer__takes_the_colours_of_a_cover() -> None:
    edit = {"edit": "set_visualizer", "cover": True}
    draft, told = changed(film((COVERED,)), edit, media=(COVERED,))
    assert editable(draft).segments("visualizer")[0]["m"]["colors"] == [*COVERED.cover_colors]
    assert "the cover art's colours" in told
    field, words = refused(film((SONG,)), edit, (SONG,))
    assert (field, "no cover art" in words) == ("cover", True)
    assert "drawn from sound" in refused(film(PHOTOS), {"edit": "set_visualizer"}, PHOTOS)[1]


def test_a_visualizer__of_another_hand_is_drawn_as_it_can_be() -> None:
    draft = changed(film((SONG,)), {"edit": "set_visualizer"}, media=(SONG,))[0]
    drawn = editable(draft).segments("visualizer")[0]
    odd = {**drawn, "m": {**drawn["m"], "style": "cubes", "palette": "?", "colors": ["red"]}}
    others = [track for track in draft["t"] if track["sg"][0]["id"] != drawn["id"]]
    draft, told = changed({**draft, "t": [*others, {"tt": 0, "sg": [odd]}]}, {"edit": "set_visualizer"}, media=(SONG,))
    assert editable(draft).segments("visualizer")[0]["m"]["style"] == "bars"
    assert "bars in aurora colours" in told
