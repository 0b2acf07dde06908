from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import pytest
from cases import cases
from part_stand import Session
from stage import Stage

import nemo_notebook as nemo
from nemo_notebook import errors, skills
from nemo_notebook.client.events import Notice, Text, TextFinal
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets import plain as plain_module, studio as studio_module
from nemo_notebook.notebook.widgets.plain import PlainStudio, named_files
from nemo_notebook.notebook.widgets.studio import Studio
from nemo_notebook.session import sync
from nemo_notebook.session.core import Moved
from nemo_notebook.session.results import Credits, Media, MediaList, Progress, Reply, Video

PATIENCE_S = 20
DRAFT = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "a", "s": 0, "d": 3000, "text": "<b>Hi</b>"}]}]}
EMPTY, TITLE = Timeline({}), Timeline(DRAFT)
HOSTILE = "<img src=x onerror=alert(1)> & <script>\x1b[31m"
ESCAPED = "&lt;img src=x onerror=alert(1)&gt; &amp; &lt;script&gt;"


class Call:
    """Something that the panel has asked of the session, and waits for."""

    def __init__(self, what: str, arguments: tuple[Any, ...], how: dict[str, Any]) -> None:
        self.what, self.arguments, self.how = what, arguments, how
        self.end: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def reports(self, *values: object) -> None:
        """Report progress, or events of a turn."""

        async def report() -> None:
            hear = self.how.get("on_progress") or self.arguments[1]
            for value in values:
                hear(value)

        sync.shared_bridge().run(report())

    def ends(self, result: object) -> None:
        """End it with a result, or with an error."""
        end = self.end.set_exception if isinstance(result, Exception) else self.end.set_result
        sync.shared_bridge().loop.call_soon_threadsafe(end, result)


class Asking(Session):
    """A session, and its async self: it does nothing by itself but tell its timeline."""

    skill = skills.load("from-music")

    def __init__(self, language: str = "en", shown: Timeline = EMPTY) -> None:
        super().__init__(self)
        self.language = self.asked_language = language
        self.shown = shown
        self.calls: queue.Queue[Call] = queue.Queue()
        self.begun: list[Future[Any]] = []

    def begin(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        self.begun.append(super().begin(work))
        return self.begun[-1]

    async def timeline(self) -> Timeline:
        return self.shown

    def __getattr__(self, name: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        async def called(*arguments: Any, **how: Any) -> Any:
            call = Call(name, arguments, how)
            self.calls.put(call)
            return await call.end

        return called

    def called(self, what: str) -> Call:
        call = self.calls.get(timeout=PATIENCE_S)
        assert call.what == what
        return call

    def rests(self) -> None:
        """Wait for the end of all that was begun."""
        for each in self.begun:
            each.result(PATIENCE_S)
        assert self.calls.empty()


def panel_of(session: Asking) -> PlainStudio:
    panel = PlainStudio(session)  # type: ignore[arg-type]
    session.rests()
    return panel


def ask(panel: PlainStudio, words: str, what: str) -> Call:
    """Send what is wanted; gives what the panel asks of its session then."""
    panel.prompt.value = words
    panel.send.click()
    return panel.session.called(what)  # type: ignore[attr-defined]


def disabled(panel: PlainStudio) -> list[bool]:
    return [each.disabled for each in (panel.upload, panel.send, panel.export)]


@cases
def test_named_files__are_words_which_quotes_hold_together(line: str, names: tuple[str, ...]) -> None:
    assert named_files(line) == names
    assert named_files(f"{line} {'x' * 5000}")[-1].endswith("x" * 5000)


def test_named_files__take_a_pasted_name_with_spaces_whole(tmp_path: Path) -> None:
    song = tmp_path / 'my "best" song.mp3'
    song.write_bytes(b"song")
    assert named_files(f" {song} ") == (str(song),)
    assert len(named_files(f"{song}.gone")) == 3


def test_plain__uploads_by_name_and_shows_how_far_it_is() -> None:
    session = Asking()
    panel = panel_of(session)
    assert disabled(panel) == [False, False, True]  # there is nothing to export yet
    panel.files.value = '"my song.mp3" city.mp4'
    panel.upload.click()
    upload = session.called("upload")
    assert upload.arguments == ("my song.mp3", "city.mp4")
    assert disabled(panel) == [True, True, True]
    upload.reports(Progress("upload", 0.4, HOSTILE))
    assert "40 %" in panel.note.value
    assert ESCAPED in panel.note.value
    panel.upload.click()  # which a page that is late may do
    panel.send.click()
    upload.ends(MediaList([Media("my song.mp3", "audio", 24.0, 0, 0, 0.0, 1000, "h")]))
    session.rests()
    assert "✓ my song.mp3 (24.0 s" in panel.note.value
    assert panel.files.value == ""
    assert disabled(panel) == [False, False, True]


def test_plain__chat_streams_into_the_reply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_module, "_PAUSE_S", 0.0)
    session = Asking()
    panel = panel_of(session)
    chat = ask(panel, "make a music video", "chat")
    assert chat.arguments[0] == "make a music video"
    chat.reports(Text("Cut "), Text(HOSTILE))
    assert f"Cut {ESCAPED}" in panel.note.value
    chat.reports(Notice("Still <working>"))
    assert "Still &lt;working&gt;" in panel.note.value
    chat.reports(TextFinal("Cut on the beat."), Text("And"))
    assert "Cut on the beat.\n\nAnd" in panel.note.value
    session.watchers.tell(Moved(TITLE))
    assert disabled(panel) == [True, True, True]
    chat.ends(Reply("All of it.\nDone.", TITLE.diff(EMPTY), TITLE))
    session.rests()
    assert "All of it.\nDone." in panel.note.value
    assert "(0-3s)" in panel.timeline.value
    assert "<b>Hi" not in panel.timeline.value
    assert disabled(panel) == [False, False, False]
    assert panel.prompt.value == ""


def test_plain__a_long_reply_is_not_sent_anew_with_each_piece() -> None:
    session = Asking()
    panel = panel_of(session)
    sent: list[str] = []
    panel.note.observe(lambda change: sent.append(change["new"]), "value")
    chat = ask(panel, "tell me a story", "chat")
    chat.reports(*(Text(f"word{n} ") for n in range(2000)))
    chat.ends(Reply("The end.", TITLE.diff(TITLE), TITLE))
    session.rests()
    assert "The end." in sent[-1]
    assert len(sent) < 20


def test_plain__keeps_the_prompt_of_a_turn_that_failed_and_tells_what_to_do() -> None:
    session = Asking(shown=TITLE)
    panel = panel_of(session)
    ask(panel, "cut on the beat", "chat").ends(errors.NetworkError("It <broke>.", hint="Do & try."))
    session.rests()
    assert "⚠️ It &lt;broke&gt;.\nDo &amp; try." in panel.note.value
    assert panel.prompt.value == "cut on the beat"
    assert disabled(panel) == [False, False, False]
    panel.send.click()
    assert "⚠️" not in panel.note.value
    session.called("chat").ends(ValueError("a secret"))
    session.rests()
    assert "ValueError" in panel.note.value
    assert "secret" not in panel.note.value
    assert disabled(panel) == [False, False, False]


def test_plain__routes_what_is_said_as_a_cell_does(tmp_path: Path) -> None:
    session = Asking(shown=TITLE)
    panel = panel_of(session)
    export = ask(panel, "export to film.webm", "export")
    assert (export.arguments, export.how["format"]) == (("film.webm",), None)
    export.ends(Video(tmp_path / "film.webm", "", 3.0))
    session.rests()
    ask(panel, "how many credits do I have?", "credits").ends(Credits(42, 8, 50))
    session.rests()
    assert "42" in panel.note.value
    upload = ask(panel, "upload song.mp3", "upload")
    assert upload.arguments == ("song.mp3",)
    upload.ends(MediaList([]))
    session.rests()


def test_plain__sees_what_cells_do_until_it_is_closed() -> None:
    session = Asking()
    panel = panel_of(session)
    session.watchers.tell(Moved(TITLE))
    assert "data:image/svg+xml" in panel.timeline.value
    assert disabled(panel) == [False, False, False]
    panel.close()
    assert not session.watchers


def test_plain__speaks_the_language_of_the_session() -> None:
    panel = panel_of(Asking("zh-CN", TITLE))
    assert [each.description for each in (panel.upload, panel.send, panel.export)] == ["上传", "发送", "导出"]
    assert "表格" in panel.timeline.value


@pytest.fixture
def session(stage: Stage) -> Iterator[nemo.Session]:
    with nemo.connect(backend=stage.url) as opened:
        yield opened


def displayed(studio: Studio) -> None:
    """As a cell shows it."""
    studio._repr_mimebundle_()


def plain_of(studio: Studio) -> PlainStudio:
    """The plain panel, once the patience with the page is over."""
    assert studio._patience is not None
    studio._patience.join(PATIENCE_S)
    _, note, plain = studio.children
    assert isinstance(note, widgets.HTML)
    assert isinstance(plain, PlainStudio)
    return plain


def hello(studio: Studio) -> None:
    studio.header._hear(studio.header, {"do": "hello", "ask": "1"}, ())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "_PATIENCE_S", 0.01)


@pytest.mark.usefixtures("impatient")
def test_studio__is_plain_below_where_no_page_shows_it_and_goes_when_one_does(session: nemo.Session) -> None:
    studio = Studio(session)
    displayed(studio)
    plain = plain_of(studio)
    assert plain.session is session
    assert "here is a plain panel" in studio.children[1].value
    hello(studio)
    assert len(studio.children) == 1
    assert plain.comm is None
    displayed(studio)  # once more: a page is known to show it
    assert len(studio.children) == 1
    studio.close()


def test_studio__is_not_plain_where_a_page_shows_it_in_time(session: nemo.Session) -> None:
    studio = Studio(session)
    displayed(studio)
    hello(studio)
    studio._be_plain()
    assert len(studio.children) == 1
    studio.close()


@pytest.mark.usefixtures("impatient")
def test_studio__takes_the_plain_panel_along_when_it_closes(session: nemo.Session) -> None:
    studio = Studio(session)
    displayed(studio)
    plain = plain_of(studio)
    studio.close()
    assert plain.comm is None


def test_studio__waits_for_no_page_once_it_is_closed(session: nemo.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio_module, "_PATIENCE_S", 10 * PATIENCE_S)
    studio = Studio(session)
    displayed(studio)
    studio.close()
    assert studio._patience is not None
    studio._patience.join(PATIENCE_S)
    assert not studio._patience.is_alive()
    studio._be_plain()  # as if it had been on its way
    assert len(studio.children) == 1


@pytest.mark.usefixtures("impatient")
def test_studio__tells_why_it_is_plain_in_the_language_of_the_session(stage: Stage) -> None:
    with nemo.connect(backend=stage.url, language="zh-CN") as session:
        studio = Studio(session)
        displayed(studio)
        plain_of(studio)
        assert "简单的面板" in studio.children[1].value
        studio.close()
