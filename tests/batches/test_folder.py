"""The folder of the films: names, and the move of a finished film to its name."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path, PurePath

import pytest
from batch_stand import by_place, made, order_of, write_files
from hypothesis import given
from hypothesis import strategies as st

from nemo_notebook import errors
from nemo_notebook.batches import folder
from nemo_notebook.batches.folder import folded, free_name, is_name, mark_of, publish, stem_of
from nemo_notebook.batches.ledger import DONE, MADE, RUNNING, WAITING, LedgerEntry, MadeFilm
from nemo_notebook.batches.order import Order, plan


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("song.mp3", "song"),
        ("Ärger & Söhne.mp3", "Ärger & Söhne"),
        ("春天.mp3", "春天"),
        ("a.b.c.mp3", "a.b.c"),
        ("con.mp3", "con-film"),
        ("LPT1.live.mp3", "LPT1.live-film"),
        (".mp3", "mp3"),
        ("-rf.mp3", "rf"),
        ('what? <"now">.mp3', "what- -now-"),
        ("tab\tand\nline.mp3", "tab-and-line"),
        ("  many   spaces .mp3", "many spaces"),
        ("x" * 300 + ".mp3", "x" * 80),
        ("...", "film"),
        ("-.a.mp3", "a"),
    ],
)
def test_stem__is_of_the_song_and_fit_anywhere(name: str, stem: str) -> None:
    assert stem_of(PurePath(name)) == stem  # type: ignore[arg-type]


@given(st.text(min_size=1, max_size=300))
def test_stem__of_any_name_is_one(name: str) -> None:
    stem = stem_of(PurePath(name))  # type: ignore[arg-type]
    assert stem
    assert stem == stem.strip(" .")
    assert not stem.startswith(("-", "~", "."))
    assert len(stem.encode("utf-8")) <= 190
    assert is_name(f"{stem}-1000000.mp4", "mp4")
    assert not set(stem) & set('/\\:*?"<>|%{}\0\n\r\t')


def test_free_name__counts_on(tmp_path: Path) -> None:
    (tmp_path / "song-3.mp4").touch()
    assert free_name(tmp_path, "song", "mp4", {folded("Song.mp4"), folded("song-2.mp4")}) == "song-4.mp4"


def running(tmp_path: Path) -> tuple[Order, LedgerEntry, Path]:
    order = order_of(write_files(tmp_path, "a.mp3"), tmp_path / "films")
    working = tmp_path / "working.mp4"
    working.write_text("the film")
    return order, replace(plan(order, {})[0], state=RUNNING), working


def test_publish__notes_before_it_moves(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    film = replace(entry, film=MadeFilm(mark_of(working).sha256, 8))
    noted: list[tuple[str, str, bool]] = []

    def note(each: LedgerEntry) -> None:
        noted.append((each.state, each.name, (order.out / each.name).exists()))

    assert publish(working, entry, film, order.out, note) == replace(film, state=DONE)
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

        monkeypatch.setattr(folder.os, "link", refuse)
    order, entry, working = running(tmp_path)
    (order.out / "a.mp4").write_text("somebody's")
    seen: list[str] = []

    def note(each: LedgerEntry) -> None:  # and another comes at the last moment
        if not seen:
            (order.out / each.name).write_text("somebody else's")
        seen.append(each.name)

    found = publish(working, entry, entry, order.out, note)
    assert found.state == DONE
    assert (order.out / found.name).read_text() == "the film"
    assert {path.read_text() for path in order.out.iterdir()} == {"somebody's", "somebody else's", "the film"}
    assert len(set(seen)) == 2


def test_publish__an_earlier_film_of_ours_makes_room(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    before = made(order, [entry], RUNNING)["../a.mp3", "mp4"]
    assert publish(working, before, before, order.out, lambda _: None).name == "a.mp4"
    assert (order.out / "a.mp4").read_text() == "the film"
    (order.out / "a.mp4").write_text("cut by hand")  # it is the user's own now
    working.write_text("the film once more")
    found = publish(working, before, before, order.out, lambda _: None)
    assert (order.out / "a.mp4").read_text() == "cut by hand"
    assert (order.out / found.name).read_text() == "the film once more"


def test_publish__a_kill_just_before_the_move_makes_no_second_film(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    before = made(order, [entry], RUNNING)["../a.mp3", "mp4"]
    film = replace(before, key="another", film_key="another", film=MadeFilm(mark_of(working).sha256, 8))
    film = replace(film, earlier_sha256=mark_of(order.out / "a.mp4").sha256)
    noted: list[LedgerEntry] = []

    def note(each: LedgerEntry) -> None:
        noted.append(each)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(working, before, film, order.out, note)
    (again,) = plan(order, by_place(noted))
    assert again.state == WAITING
    assert publish(working, again, film, order.out, noted.append).name == "a.mp4"
    assert [path.read_text() for path in order.out.glob("*.mp4")] == ["the film"]


def test_publish__a_film_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    order, entry, working = running(tmp_path)
    working.unlink()
    with pytest.raises(errors.InputError):
        publish(working, entry, entry, order.out, lambda _: None)
