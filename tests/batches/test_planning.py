from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from batch_stand import FORM, write_files

from nemo_notebook import errors
from nemo_notebook.batches import planning
from nemo_notebook.batches.ledger import DONE, FAILED, MADE, RUNNING, WAITING, Entry
from nemo_notebook.batches.order import Order, look
from nemo_notebook.batches.planning import plan, publish


def order_of(sources: list[Path], out: Path, prompt: str = "a film", **more: object) -> Order:
    out.mkdir(exist_ok=True)
    return Order(tuple(sources), prompt, out, "from-music", "local", FORM, "mp4", **more)  # type: ignore[arg-type]


def by_place(entries: list[Entry]) -> dict[tuple[str, str], Entry]:
    return {(entry.place, entry.ending): entry for entry in entries}


def made(order: Order, entries: list[Entry], state: str = DONE) -> dict[tuple[str, str], Entry]:
    """The entries after all their films were made."""
    for entry in entries:
        (order.out / entry.name).write_text(f"film of {entry.place}")
    marks = [look(order.out / entry.name) for entry in entries]
    return by_place(
        [
            replace(entry, state=state, film_key=entry.key, film_sha256=mark.sha256, film_bytes=mark.size_bytes)
            for entry, mark in zip(entries, marks, strict=True)
        ]
    )


def states(entries: list[Entry]) -> list[str]:
    return [entry.state for entry in entries]


def test_plan__all_is_to_be_made_at_first(tmp_path: Path) -> None:
    order = order_of(write_files(tmp_path, "a.mp3", "b.mp3"), tmp_path / "films")
    entries = plan(order, {})
    assert states(entries) == [WAITING, WAITING]
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
    assert states(plan(order, known)) == [DONE] * 6
    sources[0].write_text("another song")  # a changed input
    (order.out / "b.mp4").unlink()  # a film that is gone
    (order.out / "c.mp4").write_text("cut")  # one that is not what it was
    known["../d.mp3", "mp4"] = replace(known["../d.mp3", "mp4"], film_key="", state=FAILED, reason="no")
    known["../e.mp3", "mp4"] = replace(known["../e.mp3", "mp4"], state=FAILED, reason="for other words")
    again = plan(order, known)
    assert states(again) == [WAITING, WAITING, WAITING, WAITING, DONE, DONE]
    assert [entry.name for entry in again] == ["a.mp4", "b.mp4", "c.mp4", "d.mp4", "e.mp4", "f.mp4"]
    assert [entry.reason for entry in again] == [""] * 6
    assert [entry.is_anew for entry in again] == [True, False, False, True, False, False]
    others = plan(order_of(sources, order.out, "another film"), known)
    assert states(others) == [WAITING] * 6
    assert [entry.is_anew for entry in others] == [True, False, False, True, True, True]


def test_plan__a_file_that_was_only_touched_is_the_same(tmp_path: Path) -> None:
    (source,) = write_files(tmp_path, "a.mp3")
    order = order_of([source], tmp_path / "films")
    known = made(order, plan(order, {}))
    os.utime(source, (1, 1))
    (entry,) = plan(order, known)
    assert entry.state == DONE
    assert entry.mtime_ns == 1_000_000_000


def test_plan__what_goes_into_every_film_counts(tmp_path: Path) -> None:
    (source, clip) = write_files(tmp_path, "a.mp3", "clip.mp4")
    order = order_of([source], tmp_path / "films", more=(clip,))
    known = made(order, plan(order, {}))
    assert states(plan(order, known)) == [DONE]
    clip.write_text("another clip")
    assert states(plan(order, known)) == [WAITING]


def test_plan__a_kill_between_the_move_and_its_note_costs_nothing(tmp_path: Path) -> None:
    order = order_of(write_files(tmp_path, "a.mp3", "b.mp3"), tmp_path / "films")
    known = made(order, plan(order, {}), MADE)
    (order.out / "b.mp4").write_text("film of nobody.")  # of the same size: it was there before the move
    assert states(plan(order, known)) == [DONE, WAITING]


def test_plan__more_files_leave_the_names_of_the_earlier_ones(tmp_path: Path) -> None:
    late, early = write_files(tmp_path / "a", "s.mp3") + write_files(tmp_path / "b", "s.mp3")
    order = order_of([early], tmp_path / "films")
    known = made(order, plan(order, {}))
    entries = plan(order_of([late, early], order.out), known)
    assert [(entry.state, entry.name) for entry in entries] == [(WAITING, "s-2.mp4"), (DONE, "s.mp4")]
    (only,) = plan(order_of([late], order.out), known)
    assert only.name == "s-2.mp4", "the film of a file that is not asked for now keeps its name"


def test_plan__other_formats_are_films_beside_each_other(tmp_path: Path) -> None:
    order = order_of(write_files(tmp_path, "a.mp3"), tmp_path / "films")
    known = made(order, plan(order, {}))
    (other,) = plan(replace(order, ending="mov"), known)
    assert (other.state, other.name, other.is_anew) == (WAITING, "a.mov", False)
    assert states(plan(order, known | by_place([other]))) == [DONE]


def test_plan__a_file_that_is_away_is_what_it_was(tmp_path: Path) -> None:
    (source,) = write_files(tmp_path, "a.mp3")
    order = order_of([source], tmp_path / "films")
    known = made(order, plan(order, {}))
    source.unlink()
    assert plan(order, known) == list(known.values())
    (entry,) = plan(replace(order, prompt="another film"), known)
    assert (entry.state, entry.is_anew) == (WAITING, True)
    kept = by_place([replace(entry, state=FAILED)])
    write_files(tmp_path, "a.mp3")
    assert states(plan(order, kept)) == [DONE]


def test_plan__a_file_that_cannot_be_read_is_a_row(tmp_path: Path) -> None:
    (entry,) = plan(order_of([tmp_path / "gone.mp3"], tmp_path / "films"), {})
    assert (entry.state, entry.sha256, entry.name) == (WAITING, "", "gone.mp4")


# Publishing


def running(tmp_path: Path) -> tuple[Order, Entry, Path]:
    order = order_of(write_files(tmp_path, "a.mp3"), tmp_path / "films")
    working = tmp_path / "working.mp4"
    working.write_text("the film")
    return order, replace(plan(order, {})[0], state=RUNNING), working


def test_publish__notes_before_it_moves(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    film = replace(entry, film_sha256=look(working).sha256, film_bytes=8)
    noted: list[tuple[str, str, bool]] = []

    def note(each: Entry) -> None:
        noted.append((each.state, each.name, (order.out / each.name).exists()))

    assert publish(working, entry, film, order, note) == replace(film, state=DONE)
    assert noted == [(MADE, "a.mp4", False)]
    assert (order.out / "a.mp4").read_text() == "the film"
    assert not working.exists()


@pytest.mark.parametrize("has_links", [True, False])
def test_publish__never_takes_the_place_of_what_others_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    if not has_links:

        def refuse(*_: object) -> None:
            raise OSError(errno.EPERM, "no links here")

        monkeypatch.setattr(planning.os, "link", refuse)
    order, entry, working = running(tmp_path)
    (order.out / "a.mp4").write_text("somebody's")
    seen: list[str] = []

    def note(each: Entry) -> None:  # and another comes at the last moment
        if not seen:
            (order.out / each.name).write_text("somebody else's")
        seen.append(each.name)

    found = publish(working, entry, entry, order, note)
    assert found.state == DONE
    assert (order.out / found.name).read_text() == "the film"
    assert {path.read_text() for path in order.out.iterdir()} == {"somebody's", "somebody else's", "the film"}
    assert len(set(seen)) == 2


def test_publish__an_earlier_film_of_ours_makes_room(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    before = made(order, [entry], RUNNING)["../a.mp3", "mp4"]
    assert publish(working, before, before, order, lambda _: None).name == "a.mp4"
    assert (order.out / "a.mp4").read_text() == "the film"
    (order.out / "a.mp4").write_text("cut by hand")  # it is the user's own now
    working.write_text("the film once more")
    found = publish(working, before, before, order, lambda _: None)
    assert (order.out / "a.mp4").read_text() == "cut by hand"
    assert (order.out / found.name).read_text() == "the film once more"


def test_publish__a_kill_just_before_the_move_makes_no_second_film(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    before = made(order, [entry], RUNNING)["../a.mp3", "mp4"]
    film = replace(before, key="another", film_key="another", film_sha256=look(working).sha256, film_bytes=8)
    film = replace(film, earlier_sha256=before.film_sha256)
    noted: list[Entry] = []

    def note(each: Entry) -> None:
        noted.append(each)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(working, before, film, order, note)
    (again,) = plan(order, by_place(noted))
    assert again.state == WAITING
    assert publish(working, again, film, order, noted.append).name == "a.mp4"
    assert [path.read_text() for path in order.out.glob("*.mp4")] == ["the film"]


def test_publish__a_film_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    working.unlink()
    with pytest.raises(errors.InputError):
        publish(working, entry, entry, order, lambda _: None)
