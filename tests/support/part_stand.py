"""A part of the panel over a session that a test plays; the test is its page."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from nemo_notebook.session import sync
from nemo_notebook.session.core import EventBus, News

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
