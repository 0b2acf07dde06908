"""What is asked for, and the plan: which films are there, and which are to be made."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_stand import FORM, by_place, made, order_of, write_files
from cases import cases

from nemo_notebook import errors
from nemo_notebook.batches.folder import FileMark, mark_of
from nemo_notebook.batches.ledger import LedgerEntry, MadeFilm
from nemo_notebook.batches.order import BatchOrder, find_files, plan, read_order, remade


def read(what: Any, tmp_path: Path, **more: Any) -> BatchOrder:
    how = {"prompt": "a film", "out": tmp_path / "films", "skill": "from-music", "backend": "local", "form": FORM}
    return read_order(what, **{**how, **more})


def test_order__is_of_each_file_once_in_order(tmp_path: Path) -> None:
    songs = write_files(tmp_path / "a", "b.mp3", "a.mp3", "notes.txt", "c.flac")
    order = read([str(tmp_path / "a" / "*"), songs[0], tmp_path / "b" / ".." / "a" / "a.mp3"], tmp_path)
    assert [path.name for path in order.sources] == ["a.mp3", "b.mp3", "c.flac"]
    assert order.ending == "mp4"
    assert order.place(order.sources[0]) == "../a/a.mp3"


def test_place__is_another_for_each_name_and_can_be_kept(tmp_path: Path) -> None:
    order = read("a.mp3", tmp_path)
    names = ["a%.mp3", "a%25.mp3", "a\\udcff.mp3", *([os.fsdecode(b"a\xff.mp3")] if os.name == "posix" else [])]
    places = [order.place(tmp_path / name) for name in names]
    assert len({place.encode() for place in places}) == len(names)
    assert places[0] == "../a%25.mp3"


def test_order__takes_a_file_that_is_not_there_as_a_row(tmp_path: Path) -> None:
    assert read([tmp_path / "gone.mp3"], tmp_path).sources == (tmp_path / "gone.mp3",)


def test_order__does_not_take_its_own_films_for_songs(tmp_path: Path) -> None:
    songs = write_files(tmp_path / "films", "a.mp4", "song.mp3")
    assert len(read(str(tmp_path / "films" / "*"), tmp_path).sources) == 2
    assert read(str(tmp_path / "films" / "*"), tmp_path).without(songs[:1]).sources == (songs[1],)


@cases
def test_order__that_cannot_be_meant_is_refused(what: Any, more: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises((errors.UsageError, errors.InputError), match=message):
        read(what, tmp_path, **{**more, "form": {**FORM, **more.get("form", {})}})


def test_order__names_what_a_folder_holds(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing, match="is a folder") as told:
        read(tmp_path, tmp_path)
    assert "/*" in told.value.hint
    write_files(tmp_path, "films")
    with pytest.raises(errors.UsageError, match="films is no folder"):
        read("a.mp3", tmp_path)


def test_look__reads_a_file_again_only_if_it_has_changed(tmp_path: Path) -> None:
    (song,) = write_files(tmp_path, "a.mp3")
    mark = mark_of(song)
    assert (len(mark.sha256), mark.size_bytes) == (64, 5)
    told = FileMark("known", mark.size_bytes, mark.mtime_ns)
    assert mark_of(song, told) is told
    song.write_text("b.mp3")
    os.utime(song, ns=(mark.mtime_ns + 1, mark.mtime_ns + 1))
    assert mark_of(song, told).sha256 not in {"known", mark.sha256}
    assert mark_of(tmp_path / "gone") == FileMark()


def test_key__is_the_same_where_the_usual_quality_is_named_or_not(tmp_path: Path) -> None:
    """A line of the notebook names it always, a call in Python need not: the films are the same."""
    named = read("a.mp3", tmp_path, form={**FORM, "quality": "high"})
    unnamed = read("a.mp3", tmp_path, form={**FORM, "quality": None})
    assert named.keys("content", []) == unnamed.keys("content", [])


def test_key__is_another_for_whatever_changes_the_film(tmp_path: Path) -> None:
    order = read("a.mp3", tmp_path)
    whole, changes = {**FORM, "quality": "high"}, {"prompt": "another film"}
    film, session = order.keys("content", [])
    others = [order.keys("other content", []), order.keys("content", ["clip"])]
    for change in (changes, {"skill": "music-maker"}, {"backend": "cloud"}):
        others.append(read("a.mp3", tmp_path, **change).keys("content", []))
    assert len({film, *(each[0] for each in others)}) == len({session, *(each[1] for each in others)}) == 6
    for form in (whole, {**FORM, "format": "gif"}):
        other = read("a.mp3", tmp_path, form=form).keys("content", [])
        assert (other[0] != film, other[1] == session) == (True, True), "formats share a session"
    assert read("b.mp3", tmp_path, out=tmp_path / "elsewhere").keys("content", []) == (film, session)


def test_missing__names_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_files(tmp_path, "a.mp3", "logo.png")
    assert len(find_files(["a.mp3", "*.mp3", "later.mp3"], ["logo.png"])[0]) == 2
    with pytest.raises(errors.FileMissing) as told:
        find_files(["a/*.mp3", "a.mp3", "b/*.mp3"], ["one.png", "logo.png", "two.png", "c/*.png"])
    assert str(told.value) == "Nothing matches a/*.mp3, b/*.mp3, c/*.png. There are no files one.png, two.png."
    with pytest.raises(errors.FileMissing, match=r"6/\*\.mp3, 7/\*\.mp3 and 2 more\."):
        find_files([f"{n}/*.mp3" for n in range(10)])


OLD = LedgerEntry("a.mp3", "mp4", source=FileMark("sum"), key="key", film=MadeFilm("film", 1), film_key="key")
ASKED = replace(OLD, key="another", is_anew=True)
FILE = replace(ASKED, source=FileMark("another"))


@cases
def test_words__say_how_many_and_why(kinds: tuple[str, ...], words: str) -> None:
    entries = {"old": OLD, "asked": ASKED, "file": FILE}
    assert remade([entries[kind] for kind in kinds], {("a.mp3", "mp4"): OLD}) == words


def states(entries: list[LedgerEntry]) -> list[str]:
    return [entry.state for entry in entries]


def test_plan__all_is_to_be_made_at_first(tmp_path: Path) -> None:
    order = order_of(write_files(tmp_path, "a.mp3", "b.mp3"), tmp_path / "films")
    entries = plan(order, {})
    assert states(entries) == ["waiting", "waiting"]
    assert [entry.name for entry in entries] == ["a.mp4", "b.mp4"]


def test_plan__names_are_unique_and_leave_files_of_others_alone(tmp_path: Path) -> None:
    sources = [path for folder in "xyz" for path in write_files(tmp_path / folder, "Song.mp3")]
    sources += write_files(tmp_path / "v", "song.mp3")
    out = tmp_path / "films"
    out.mkdir()
    (out / "Song-2.mp4").write_text("somebody's")
    names = [entry.name for entry in plan(order_of(sources, out), {})]
    assert names == ["Song.mp4", "Song-3.mp4", "Song-4.mp4", "song-5.mp4"]


def test_plan__what_is_there_is_not_made_again(tmp_path: Path) -> None:
    sources = write_files(tmp_path, "a.mp3", "b.mp3", "c.mp3", "d.mp3", "e.mp3", "f.mp3")
    order = order_of(sources, tmp_path / "films")
    known = made(order, plan(order, {}))
    assert states(plan(order, known)) == ["done"] * 6
    sources[0].write_text("another song")  # a changed input
    (order.out / "b.mp4").unlink()  # a film that is gone
    (order.out / "c.mp4").write_text("cut")  # one that is not what it was
    known["../d.mp3", "mp4"] = replace(known["../d.mp3", "mp4"], film_key="", state="failed", reason="no")
    known["../e.mp3", "mp4"] = replace(known["../e.mp3", "mp4"], state="failed", reason="for other words")
    again = plan(order, known)
    assert states(again) == ["waiting", "waiting", "waiting", "waiting", "done", "done"]
    assert [entry.name for entry in again] == ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4"]
    assert [entry.reason for entry in again] == [""] * 6
    assert [entry.is_anew for entry in again] == [True, False, False, True, False, False]
    others = plan(order_of(sources, order.out, "another film"), known)
    assert states(others) == ["waiting"] * 6
    assert [entry.is_anew for entry in others] == [True, False, False, True, True, True]


def test_plan__a_file_that_was_only_touched_is_the_same(tmp_path: Path) -> None:
    (source,) = write_files(tmp_path, "a.mp3")
    order = order_of([source], tmp_path / "films")
    known = made(order, plan(order, {}))
    os.utime(source, (1, 1))
    (entry,) = plan(order, known)
    assert entry.state == "done"
    assert entry.source.mtime_ns == 1_000_000_000


def test_plan__what_goes_into_every_film_counts(tmp_path: Path) -> None:
    (source, clip) = write_files(tmp_path, "a.mp3", "clip.mp4")
    order = order_of([source], tmp_path / "films", more=(clip,))
    known = made(order, plan(order, {}))
    assert states(plan(order, known)) == ["done"]
    clip.write_text("another clip")
    assert states(plan(order, known)) == ["waiting"]


def test_plan__a_kill_between_the_move_and_its_note_costs_nothing(tmp_path: Path) -> None:
    order = order_of(write_files(tmp_path, "a.mp3", "b.mp3"), tmp_path / "films")
    known = made(order, plan(order, {}), "made")
    (order.out / "b.mp4").write_text("film of nobody.")  # of the same size: it was there before the move
    assert states(plan(order, known)) == ["done", "waiting"]


def test_plan__more_files_leave_the_names_of_the_earlier_ones(tmp_path: Path) -> None:
    late, early = write_files(tmp_path / "a", "s.mp3") + write_files(tmp_path / "b", "s.mp3")
    order = order_of([early], tmp_path / "films")
    known = made(order, plan(order, {}))
    entries = plan(order_of([late, early], order.out), known)
    assert [(entry.state, entry.name) for entry in entries] == [("waiting", "s-2.mp4"), ("done", "s.mp4")]
    (only,) = plan(order_of([late], order.out), known)
    assert only.name == "s-2.mp4", "the film of a file that is not asked for now keeps its name"


def test_plan__other_formats_are_films_beside_each_other(tmp_path: Path) -> None:
    order = order_of(write_files(tmp_path, "a.mp3"), tmp_path / "films")
    known = made(order, plan(order, {}))
    (other,) = plan(replace(order, ending="mov"), known)
    assert (other.state, other.name, other.is_anew) == ("waiting", "a.mov", False)
    assert states(plan(order, known | by_place([other]))) == ["done"]


def test_plan__a_file_that_is_away_is_what_it_was(tmp_path: Path) -> None:
    (source,) = write_files(tmp_path, "a.mp3")
    order = order_of([source], tmp_path / "films")
    known = made(order, plan(order, {}))
    source.unlink()
    assert plan(order, known) == list(known.values())
    (entry,) = plan(replace(order, prompt="another film"), known)
    assert (entry.state, entry.is_anew) == ("waiting", True)
    kept = by_place([replace(entry, state="failed")])
    write_files(tmp_path, "a.mp3")
    assert states(plan(order, kept)) == ["done"]


def test_plan__a_file_that_cannot_be_read_is_a_row(tmp_path: Path) -> None:
    (entry,) = plan(order_of([tmp_path / "gone.mp3"], tmp_path / "films"), {})
    assert (entry.state, entry.source.sha256, entry.name) == ("waiting", "", "gone.mp4")
