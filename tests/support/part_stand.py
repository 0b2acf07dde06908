"""A part of the panel over a session that a test plays; the test is its page."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from nemo_notebook import errors
from nemo_notebook.film.edit import Edit, apply_edits
from nemo_notebook.film.model import Situation
from nemo_notebook.film.timeline import Timeline, read_sounds
from nemo_notebook.session import sync
from nemo_notebook.session.core import EventBus, Moved, News
from nemo_notebook.session.results import Reply

_NUMBERS = itertools.count()
PATIENCE_S = 15


class Session:
    """As much of a session as a part needs; what is asked of its backend is the test's own."""

    id = "s1"
    name = ""
    language = "en"
    asked_language = "auto"

    def __init__(self, asynchronous: Any = None) -> None:
        self.asynchronous = asynchronous
        self.backend = getattr(asynchronous, "backend", None)
        self.watchers = None if asynchronous is self else getattr(asynchronous, "watchers", None)
        if self.watchers is None:
            self.watchers = EventBus()

    def begin(self, work: Coroutine[Any, Any, Any]) -> Any:
        return sync.shared_bridge().start(work)

    def watch(self, watcher: Callable[[News], None]) -> Callable[[], None]:
        return self.watchers.add(watcher)

    def tell(self, *news: News) -> None:
        async def on_its_loop() -> None:
            for each in news:
                self.watchers.tell(each)

        sync.shared_bridge().run(on_its_loop())


class PageHere:
    """To be put before a part's own class: keeps what the part says, and asks it as a page does."""

    def __init__(self, *arguments: Any, **traits: Any) -> None:
        self.said: list[tuple[dict[str, Any], list[Any]]] = []
        self.changed = threading.Condition()
        super().__init__(*arguments, **traits)
        self.observe(lambda _: self._wake())

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [content for content, _ in self.said]

    def tell(self, content: Mapping[str, Any], buffers: Sequence[Any] = ()) -> None:
        with self.changed:
            self.said.append((dict(content), list(buffers)))
            self.changed.notify_all()

    def _wake(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def until(self, is_so: Callable[[], Any]) -> Any:
        with self.changed:
            assert self.changed.wait_for(is_so, PATIENCE_S), (self.messages, self.trouble)
            return is_so()

    def hear(self, content: Any, *buffers: bytes) -> None:
        self._hear(self, content, [memoryview(each) for each in buffers])

    def ask(self, what: str, *buffers: bytes, **content: Any) -> dict[str, Any]:
        """Ask, and wait for the answer: `content` with its `buffers`, or an `error` with its `hint`."""
        key = f"{what}-{next(_NUMBERS)}"
        self.hear({**content, "do": what, "ask": key}, *buffers)
        told, sent = self.until(lambda: next((each for each in self.said if each[0].get("answer") == key), None))
        return {**told, "buffers": sent}


class DraftSession(Session):
    """A session, and its async self, that keeps a draft with its history and tells of each new one.

    Attributes:
        drafts: What the draft has been; the last one holds.
        looks: How often the timeline was asked for.
    """

    def __init__(self, draft: dict[str, Any], *sounds: dict[str, Any]) -> None:
        super().__init__(self)
        self.drafts, self.undone = [draft], []
        self.looks = 0
        self._sounds = read_sounds(sounds)

    async def timeline(self) -> Timeline:
        self.looks += 1
        return Timeline(self.drafts[-1], "en", self._sounds)

    @property
    def steps(self) -> tuple[int, int]:
        return len(self.drafts) - 1, len(self.undone)

    async def edit(self, plan: Callable[..., Sequence[Edit]]) -> Reply:
        before = self.drafts[-1]
        after = apply_edits(before, plan(before, ()), Situation(before)).draft
        self.undone.clear()
        return self._move(self.drafts, dict(after))

    async def undo(self) -> Reply:
        if len(self.drafts) == 1:
            raise errors.UsageError("There is nothing to undo.")
        return self._move(self.undone, self.drafts.pop())

    async def redo(self) -> Reply:
        return self._move(self.drafts, self.undone.pop())

    def _move(self, kept: list[dict[str, Any]], draft: dict[str, Any]) -> Reply:
        before = Timeline(draft if kept is self.undone else self.drafts[-1], "en", self._sounds)
        kept.append(draft)
        after = Timeline(self.drafts[-1], "en", self._sounds)
        self.watchers.tell(Moved(after))
        return Reply("", after.diff(before), after)
