"""What the player shows, and when it makes a preview by itself."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from part_stand import PageHere, Session
from traitlets import observe

from nemo_notebook import errors
from nemo_notebook.film.provenance import hash_of
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets import film_player as players
from nemo_notebook.notebook.widgets.film_player import Player
from nemo_notebook.session import sync
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.core import Moved, Settled
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.previews import Preview, PreviewPiece
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Progress


def timeline(text: str, duration_s: float = 3.0, **canvas: object) -> Timeline:
    title = {"id": "a", "s": 0, "d": 1000 * duration_s, "text": text}
    return Timeline({"d": 1000 * duration_s, "m": canvas, "t": [{"tt": 7, "sg": [title]}]})


class Renders:
    """An async session whose previews end when the test says so, or at once."""

    id = "s1"

    def __init__(self, folder: Path, *, is_local: bool = True) -> None:
        self.folder = folder
        self.backend = Backend("http://127.0.0.1:1", is_local=is_local)
        self.now = Timeline(None)
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.gate: asyncio.Event | None = None
        self.look: asyncio.Event | None = None
        self.refusal: Exception | None = None

    async def timeline(self) -> Timeline:
        now = self.now
        if self.look is not None:
            await self.look.wait()
        return now

    async def preview(self, on_progress: Callable[[Progress], None] | None = None) -> Preview:
        text = self.now.tracks[0].segments[0].text
        self.begun.append(text)
        assert on_progress is not None
        on_progress(Progress("render", 0.5, left_s=2.4))
        if self.gate is not None:
            await self.gate.wait()
        if self.refusal is not None:
            raise self.refusal
        self.ended.append(text)
        path = self.folder / f"{text}.mp4"
        path.write_bytes(b"headaaabbb")
        pieces = (PreviewPiece(0.0, 4, 3), PreviewPiece(2.0, 7, 3))
        return Preview(path, text, 3.0, 640, 360, 30.0, "avc1.42C01E, mp4a.40.2", 4, pieces)


class Moving(Session):
    """A session whose timeline the test moves."""

    def move(self, text: str, duration_s: float = 3.0) -> None:
        self.asynchronous.now = timeline(text, duration_s)
        self.tell(Moved(self.asynchronous.now))


class Watched(PageHere, Player):
    """A player whose page is the test."""

    def __init__(self, session: Any, **traits: Any) -> None:
        self.works: list[dict[str, Any]] = []
        self.works_begun: list[concurrent.futures.Future[Any]] = []
        super().__init__(session, **traits)

    @observe("work")
    def _note(self, change: Any) -> None:
        self.works.append(change["new"])

    def begin(self, work: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        self.works_begun.append(super().begin(work))
        return self.works_begun[-1]

    def shows(self, name: str, **more: Any) -> None:
        self.until(lambda: all(self.film.get(key) == value for key, value in {"name": name, **more}.items()))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(players, "DEBOUNCE_S", 0.05)


@pytest.fixture
def renders(tmp_path: Path) -> Renders:
    return Renders(tmp_path)


@pytest.fixture
def session(renders: Renders) -> Moving:
    return Moving(renders)


@pytest.fixture
def player(session: Moving) -> Iterator[Watched]:
    """A player over a film that it has had its first look at."""
    session.asynchronous.now = timeline("one")
    made = Watched(session)
    made.works_begun[0].result(10)
    assert made.is_ready
    yield made
    made.close()


def exported(folder: Path, name: str = "film.mp4", state: str = "done", session_id: str = "s1", **detail: Any) -> Job:
    target = folder / name
    target.write_bytes(b"a film")
    detail = {"target": str(target), "duration_s": 3.0, **detail}
    job = Journal().begin("render", session_id, name, detail, f"render_{time.time_ns()}")
    return Journal().settle(job, state)


def test_preview__of_a_film_that_was_there_waits_to_be_asked_for(player: Watched, renders: Renders) -> None:
    assert (player.film, player.work, renders.begun) == ({}, {}, [])


@pytest.mark.parametrize("duration_s", [3.0, 3600.0])
def test_preview__is_made_after_each_edit_where_that_is_set(
    duration_s: float, player: Watched, session: Moving, renders: Renders
) -> None:
    assert player.auto
    for text in ("two", "three"):
        session.move(text, duration_s)
        player.shows(f"{text}.mp4", is_old=False)
    player.auto = False
    session.move("four", duration_s)
    player.shows("three.mp4", is_old=True)
    player.works_begun[-1].result(10)
    assert (player.work, renders.begun) == ({}, ["two", "three"])
    player.ask("preview")
    player.shows("four.mp4", is_old=False)


def test_first_look__that_comes_late_does_not_take_an_edit_back(session: Moving, renders: Renders) -> None:
    renders.look = asyncio.Event()
    renders.now = timeline("one")
    player = Watched(session)
    session.move("two")
    player.shows("two.mp4", is_old=False)
    sync.shared_bridge().loop.call_soon_threadsafe(renders.look.set)
    player.works_begun[0].result(10)
    assert player.film["name"] == "two.mp4"
    assert not player.film["is_old"]
    player.close()


def test_preview__is_made_when_asked_and_read_by_its_pieces(player: Watched, session: Moving, tmp_path: Path) -> None:
    player.ask("preview")
    player.shows("one.mp4", kind="preview", look="video", is_old=False, size=10, duration_s=3.0, is_pieces=True)
    assert player.works == [{"done": 0.0, "left_s": None}, {"done": 0.5, "left_s": 2}, {}]
    key = player.film["key"]
    assert player.ask("pieces", key=key)["content"] == {
        "head_bytes": 4,
        "codecs": "avc1.42C01E, mp4a.40.2",
        "pieces": [[0.0, 4, 3], [2.0, 7, 3]],
    }
    assert player.ask("read", key=key, offset=4, size=3)["content"] == {"offset": 4, "total": 10}
    assert "error" in player.ask("read", key="other", offset=4, size=3)
    assert "error" in player.ask("pieces", key="other")
    assert str(tmp_path) not in str(player.film)


def test_preview__of_an_older_draft_is_ended_by_an_edit(player: Watched, session: Moving, renders: Renders) -> None:
    renders.gate = asyncio.Event()
    player.ask("preview")
    player.until(lambda: player.work)
    session.move("two")
    player.until(lambda: renders.begun == ["one", "two"])
    sync.shared_bridge().loop.call_soon_threadsafe(renders.gate.set)
    player.shows("two.mp4", is_old=False)
    assert renders.ended == ["two"]
    player.until(lambda: not player.work)


def test_trouble__goes_with_the_film_that_it_was_of(player: Watched, session: Moving, renders: Renders) -> None:
    renders.refusal = errors.NothingToExport("There is nothing yet.")
    player.ask("preview")
    player.until(lambda: player.trouble)
    renders.refusal = None
    session.move("two")
    player.until(lambda: not player.trouble)


def test_preview__that_is_known_is_not_made_again(player: Watched, session: Moving, renders: Renders) -> None:
    player.ask("preview")
    player.shows("one.mp4")
    session.move("two")
    player.shows("two.mp4", is_old=False)
    session.move("one")
    player.shows("one.mp4", is_old=False)
    assert renders.begun == ["one", "two"]


def test_preview__that_fails_is_told_and_can_be_tried_again(player: Watched, session: Moving, renders: Renders) -> None:
    renders.refusal = errors.RenderFailed("It broke.")
    player.ask("preview")
    player.until(lambda: player.trouble.startswith("It broke.") and player.has_failed and not player.work)
    renders.refusal = None
    player.ask("preview")
    player.shows("one.mp4")
    assert (player.trouble, player.has_failed) == ("", False)


def test_preview__is_ended_by_cancel_and_by_the_end_of_the_player(session: Moving, renders: Renders) -> None:
    session.move("one")
    player = Watched(session)
    player.until(lambda: player.is_ready)
    renders.gate = asyncio.Event()
    for end in (lambda: player.ask("cancel"), player.close):
        player.ask("preview")
        player.until(lambda: player.work.get("done") == 0.5)
        rendering = player._rendering
        end()
        assert rendering is not None
        assert rendering.cancelled()
    assert player.film == {}
    assert (renders.ended, player.trouble) == ([], "")


def test_cloud__has_no_previews(tmp_path: Path) -> None:
    session = Moving(Renders(tmp_path, is_local=False))
    player = Watched(session, auto=True)
    session.move("one")
    player.until(lambda: player.is_ready)
    session.move("two")
    assert not player.can_preview
    assert session.asynchronous.begun == []
    player.close()


def test_export__of_this_draft_is_shown_and_marked_after_an_edit(
    player: Watched, session: Moving, tmp_path: Path
) -> None:
    session.tell(Settled(exported(tmp_path, draft=hash_of(timeline("one").draft))))
    player.shows("film.mp4", kind="export", is_old=False, is_pieces=False, duration_s=3.0)
    session.move("two")
    player.shows("film.mp4", is_old=True)
    session.move("one")
    player.shows("film.mp4", is_old=False)


def test_export__of_an_earlier_kernel_is_found(session: Moving, tmp_path: Path) -> None:
    session.move("one")
    exported(tmp_path, "older.mp4")
    exported(tmp_path, "elsewhere.mp4", session_id="s2")
    exported(tmp_path, "failed.mp4", "failed")
    exported(tmp_path, "gone.mp4")
    (tmp_path / "gone.mp4").unlink()
    player = Watched(session)
    player.shows("older.mp4", is_old=True)
    player.close()
    exported(tmp_path, "this.mp4", draft=hash_of(timeline("one").draft))
    exported(tmp_path, "newest.mp4")
    player = Watched(session)
    player.shows("this.mp4", is_old=False)
    player.close()


def test_export__that_is_no_film_of_the_whole_gives_way_to_a_preview(
    player: Watched, session: Moving, tmp_path: Path
) -> None:
    mark = hash_of(timeline("one").draft)
    song, cut = exported(tmp_path, "song.mp3", draft=mark), exported(tmp_path, "canvas.mp4", draft=mark, duration_s=1.0)
    session.tell(Settled(song))
    player.shows("canvas.mp4", is_old=False)
    player.ask("preview")
    player.shows("one.mp4", is_old=False)
    player.ask("show", job=song.id)
    player.shows("song.mp3", look="sound", is_old=False)
    player.ask("show", job=cut.id)
    player.shows("canvas.mp4", is_old=False)


LOOKS = {"video": "webm mov mp4", "sound": "mp3 wav", "picture": "gif jpg", "file": "mid mkv avi x"}


@pytest.mark.parametrize(("look", "endings"), LOOKS.items())
def test_export__is_shown_by_its_kind(look: str, endings: str) -> None:
    assert {players._look(f"film.{ending}") for ending in endings.split()} == {look}


def test_aspect__is_that_of_the_timeline(player: Watched, session: Moving) -> None:
    assert player.aspect == pytest.approx(16 / 9)
    for canvas, aspect in (
        ({"width": 1080, "height": 1920}, 9 / 16),
        ({"width": 1080, "height": 0}, 16 / 9),
        ({"width": "wide", "height": 1080}, 16 / 9),
    ):
        session.tell(Moved(timeline(str(canvas), **canvas)))
        player.works_begun[-1].result(10)
        player.until(lambda aspect=aspect: player.aspect == pytest.approx(aspect))


def test_show__gives_exports_of_this_session_only(player: Watched, tmp_path: Path) -> None:
    ours, others = exported(tmp_path), exported(tmp_path, "secret.mp4", session_id="s2")
    shown = player.ask("show", job=ours.id)
    player.shows("film.mp4", key=shown["content"])
    for bad in (others.id, "nothing"):
        assert "no such export" in player.ask("show", job=bad)["error"]
    (tmp_path / "film.mp4").unlink()
    assert "cannot be read" in player.ask("show", job=ours.id)["error"]
    assert player.film["name"] == "film.mp4"
