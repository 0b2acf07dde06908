"""The same film by the object model, as a table, by hand in the panel, and in words: the same draft."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from engine_server import Serving, serving
from media_files import RATE, write_sound, write_video
from part_page import PartPage
from playwright.sync_api import Page, expect

import nemo_notebook as nemo
from nemo_notebook.notebook.widgets.timeline_view import TimelineView

from .test_timeline_view import AUDIO, TITLE, VIDEO, Editor

pytestmark = pytest.mark.timeout(180)
CLIPS = {"harbour": 90, "market": 60, "lantern": 120, "sea": 75}  # frames of 1/30 s
TUNE_S = 4


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("files")
    for name, frames in CLIPS.items():
        write_video(folder / f"{name}.mp4", frames=frames)
    tune = 0.3 * np.sin(2 * np.pi * 220 * np.arange(TUNE_S * RATE) / RATE)
    write_sound(folder / "tune.mp3", tune.astype(np.float32), RATE, codec="libmp3lame")
    return [*(folder / f"{name}.mp4" for name in CLIPS), folder / "tune.mp3"]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture
def begun(engine: Serving, files: list[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], nemo.Session]]:
    """Sessions that each begin with the four clips in a row, four seconds of music, and a title."""
    monkeypatch.setenv("NEMO_TOKEN", engine.token)
    opened: list[nemo.Session] = []

    def begin() -> nemo.Session:
        session = nemo.connect(backend=engine.url)
        opened.append(session)
        tune = session.upload(*files)[-1]
        session.edit("make_video", with_song=False)
        session.edit("add_sound", media=tune.hash, role="song", at_s=0, duration_s=3, volume=1.0)
        session.edit("add_title", text="Harbor at night", start_s=0, end_s=2)
        return session

    yield begin
    for session in opened:
        session.close()


def by_objects(session: nemo.Session) -> None:
    film = session.film
    with film.batch():
        film.titles[0].set_title(find="Harbor", replace="Harbour")
        film.titles[0].move(at_s=1)
        film.music.volume = 0.35
        film.shots[3].trim(duration_s=1.5)
        film.shots[2].remove()


def by_table(session: nemo.Session) -> None:
    frame = session.timeline().frame
    title, music = frame.kind == "text", frame.kind == "audio"
    shots = frame[frame.kind == "video"].index
    frame.loc[title, ["text", "start_s", "end_s"]] = ["Harbour at night", 1.0, 3.0]
    frame.loc[music, "volume"] = 0.35
    removed, last = shots[2], shots[3]
    frame.loc[last, ["start_s", "end_s", "duration_s"]] = [frame.start_s[removed], frame.start_s[removed] + 1.5, 1.5]
    session.apply(frame.drop(index=removed))


def in_words(session: nemo.Session) -> None:
    for message in (
        'change "Harbor" to "Harbour" in the title',
        "move the title to 0:01",
        "set the music to 35%",
        "make the last shot 1.5 seconds long",
        "remove the third shot",
    ):
        session.chat(message)


class Panel(Editor):
    """The timeline of a session on a page, its Python in this process."""

    @property
    def length_s(self) -> float:
        return float(self.session.film.duration_s)

    def fill(self, label: str, value: str) -> None:
        cell = self.page.get_by_label(label)
        cell.fill(value)
        cell.press("Enter")

    def shows(self, words: str) -> None:
        """Wait until a block is told of so: the edit has come back."""
        expect(self.page.get_by_role("option").filter(has_text=words)).to_have_count(1)


def in_the_panel(session: nemo.Session, page: Page) -> None:
    with PartPage(page, TimelineView(session)) as shown:
        edit_by_hand(Panel(shown, session))


def edit_by_hand(panel: Panel) -> None:
    page = panel.page
    panel.drag(TITLE, 1.0, 2.2)
    expect(page.get_by_role("option").filter(has_text="from 0:00.0").filter(has_text="Title")).to_have_count(0)
    panel.fill("Start", "1")
    panel.shows("Harbor at night, Title, track 3, from 0:01.0, 2.0 s")
    page.get_by_role("listbox").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Harbour at night")
    page.keyboard.press("Enter")
    panel.shows("Harbour at night, Title")
    panel.click(AUDIO, 2.0)
    panel.fill("Volume", "35")
    panel.shows("volume 35%")
    panel.click(VIDEO, 10.0)
    panel.fill("Length", "1.5")
    panel.shows("sea, Video, track 1, from 0:09.0, 1.5 s")
    panel.click(VIDEO, 7.0)
    page.keyboard.press("Delete")
    panel.shows("sea, Video, track 1, from 0:05.0, 1.5 s")
    panel.session.timeline()


def test_same_film_four_ways__is_the_same_draft(begun: Callable[[], nemo.Session], page: Page) -> None:
    ways = (by_objects, by_table, in_words, lambda session: in_the_panel(session, page))
    drafts = []
    for way in ways:
        session = begun()
        way(session)
        drafts.append(json.dumps(session.timeline().draft, sort_keys=True))
    assert drafts[1:] == drafts[:1] * 3
    film = nemo.Timeline(json.loads(drafts[0])).frame.set_index("segment")
    assert film.name.tolist()[:3] == ["harbour", "market", "sea"]
    assert film.start_s.tolist() == [0.0, 3.0, 5.0, 0.0, 1.0]
    assert film.duration_s.tolist() == [3.0, 2.0, 1.5, 3.0, 2.0]
    assert film.text.tolist()[-1] == "Harbour at night"
    assert film.volume.tolist()[3] == 0.35
