"""The folder of the films: names, and the move of a finished film to its name."""

from __future__ import annotations

import errno
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePath

import pytest
from batch_stand import made, order_of, write_files
from cases import cases
from hypothesis import given, strategies as st

from nemo_notebook.batches import folder, scheduler as schedulers
from nemo_notebook.batches.folder import is_name, mark_of, stem_of
from nemo_notebook.batches.ledger import Ledger, LedgerEntry, MadeFilm
from nemo_notebook.batches.order import plan
from nemo_notebook.batches.scheduler import Scheduler


@cases
def test_stem__is_of_the_song_and_fit_anywhere(name: str, stem: str) -> None:
    assert stem_of(PurePath(name)) == stem


@given(st.text(min_size=1, max_size=300))
def test_stem__of_any_name_is_one(name: str) -> None:
    stem = stem_of(PurePath(name))
    assert stem
    assert stem == stem.strip(" .")
    assert not stem.startswith(("-", "~", "."))
    assert len(stem.encode("utf-8")) <= 190
    assert is_name(f"{stem}-1000000.mp4", "mp4")
    assert not set(stem) & set('/\\:*?"<>|%{}\0\n\r\t')


class Publishing:
    """A scheduler that has one film to move to its name, and what its ledger held at each move."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.order = order_of(write_files(tmp_path, "a.mp3"), tmp_path / "films")
        self.out = self.order.out
        self.ledger = Ledger(tmp_path / "kept")
        self.ledger.begin()
        self.entry = replace(plan(self.order, {})[0], state="running")
        self.noted: list[tuple[str, str, bool]] = []
        for name in ("move_new", "replace_durably"):
            monkeypatch.setattr(schedulers, name, partial(self.move, getattr(schedulers, name)))

    def move(self, does: Callable[[Path, Path], None], working: Path, target: Path) -> None:
        (entry,) = self.ledger.entries().values()
        self.noted.append((entry.state, entry.name, working.exists()))
        does(working, target)

    def publish(self, before: LedgerEntry, content: str | None = "the film") -> LedgerEntry:
        scheduler = Scheduler(self.order, [before], self.ledger, ThreadPoolExecutor(1), 1)
        working = Path(scheduler._work(scheduler._states[0]).target)
        working.parent.mkdir(parents=True)
        if content is not None:
            working.write_text(content)
        mark = mark_of(working)
        return scheduler._publish(scheduler._states[0], before.with_film(MadeFilm(mark.sha256, mark.size_bytes), ""))

    def films(self) -> list[str]:
        return sorted(path.read_text() for path in self.out.iterdir())


@pytest.fixture
def publishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publishing:
    return Publishing(tmp_path, monkeypatch)


def test_publish__notes_before_it_moves(publishing: Publishing) -> None:
    assert publishing.publish(publishing.entry).state == "done"
    assert publishing.noted == [("made", "a.mp4", True)]
    assert publishing.films() == ["the film"]


@pytest.mark.parametrize("has_links", [True, False])
def test_publish__never_takes_the_place_of_what_others_made(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    def arrive(working: Path, target: Path) -> None:  # another comes at the last moment
        if len(publishing.noted) == 1:
            target.write_text("somebody else's")
        move(working, target)

    if not has_links:
        monkeypatch.setattr(folder.os, "link", refuse)
    move = folder.move_new
    monkeypatch.setattr(schedulers, "move_new", partial(publishing.move, arrive))
    (publishing.out / "a.mp4").write_text("somebody's")
    found = publishing.publish(publishing.entry)
    assert found.state == "done"
    assert (publishing.out / found.name).read_text() == "the film"
    assert publishing.films() == ["somebody else's", "somebody's", "the film"]
    assert len({name for _, name, _ in publishing.noted}) == 2


def test_publish__an_earlier_film_of_ours_makes_room(publishing: Publishing) -> None:
    before = made(publishing.order, [publishing.entry], "running")["../a.mp3", "mp4"]
    assert publishing.publish(before).name == "a.mp4"
    assert publishing.films() == ["the film"]
    (publishing.out / "a.mp4").write_text("cut by hand")  # it is the user's own now
    found = publishing.publish(before, "the film once more")
    assert (publishing.out / "a.mp4").read_text() == "cut by hand"
    assert (publishing.out / found.name).read_text() == "the film once more"


def test_publish__a_kill_just_before_the_move_makes_no_second_film(
    publishing: Publishing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise KeyboardInterrupt

    before = made(publishing.order, [publishing.entry], "running")["../a.mp3", "mp4"]
    with monkeypatch.context() as killed:
        killed.setattr(schedulers, "replace_durably", kill)
        with pytest.raises(KeyboardInterrupt):
            publishing.publish(replace(before, key="another"))
    (again,) = plan(publishing.order, publishing.ledger.entries())
    assert again.state == "waiting"
    assert publishing.publish(again).name == "a.mp4"
    assert publishing.films() == ["the film"]


def test_publish__a_film_that_is_gone_fails(publishing: Publishing) -> None:
    failed = publishing.publish(publishing.entry, None)
    assert failed.state == "failed"
    assert "a.mp4 cannot be written: No such file" in failed.reason
