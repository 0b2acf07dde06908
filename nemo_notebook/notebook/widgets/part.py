"""What the parts of the panel share: their session, what is said between them and the page, errors in a visible place.

A page asks with `{"do": NAME, "ask": ID, …}`; the method `do_NAME` answers. Its parameters are read from the message by
their types; `content` is the whole message, and `buffers` are the bytes beside it. It may be called on any thread; what
comes by two ways (see `live.py`) is heard once. A coroutine runs on the session's loop. What it raises goes back to who
asked, and into the line of troubles below the part.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import logging
import threading
import tomllib
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, get_type_hints

import anywidget
import ipywidgets as widgets
import msgspec
import traitlets

from nemo_notebook import errors
from nemo_notebook.notebook.display import register_panel_here
from nemo_notebook.notebook.execution import language_here, session_here
from nemo_notebook.notebook.widgets import live
from nemo_notebook.outside import redact
from nemo_notebook.session.core import News
from nemo_notebook.session.sync import Session

_HERE: Final = Path(__file__).parent
_SHARED: Final = ("kit", "link")
_LOG: Final = logging.getLogger("nemo_notebook.widgets")
_REMEMBERED: Final = 512  # asks, each of which may come twice

PIECE_BYTES: Final = 1 << 20
"""Of a file, in one message: ten times that would close the connection to a Jupyter server, without a word."""
WholeNumber = Annotated[int, msgspec.Meta(ge=0)]
"""A whole number that a page sends."""
Number = Annotated[float, msgspec.Meta(gt=-1e15, lt=1e15)]
"""A number that a page sends, neither NaN nor absurdly large."""


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What a page is answered with.

    Attributes:
        content: JSON.
        buffers: Bytes beside it, which are sent as they are.
    """

    content: Any = None
    buffers: Sequence[bytes | memoryview] = field(default=(), repr=False)


@cache
def _parameters(handler: Callable[..., Any]) -> dict[str, tuple[Any, bool]]:
    """The parameters of a handler: the type of each, and whether it is needed."""
    types = get_type_hints(handler, include_extras=True)
    parameters = list(inspect.signature(handler).parameters.values())[1:]
    return {each.name: (types[each.name], each.default is each.empty) for each in parameters}


def read_message(
    handler: Callable[..., Any], content: Mapping[str, Any], buffers: Sequence[memoryview]
) -> dict[str, Any]:
    """The arguments of a handler, from what a page says.

    Raises:
        UsageError: Something is missing, or of another type.
    """
    arguments: dict[str, Any] = {}
    known: dict[str, Any] = {**content, "content": content}
    for name, (kind, is_needed) in _parameters(handler).items():
        key = name.rstrip("_")  # one that Python has a meaning for
        if name == "buffers":
            arguments[name] = buffers
        elif is_needed or key in known:
            try:
                arguments[name] = msgspec.convert(known.get(key), kind)
            except msgspec.ValidationError as error:
                raise errors.UsageError("The page asks for what cannot be.", hint="Load the page again.") from error
    return arguments


def module(*names: str) -> str:
    """The source of a part's ES module: what all share, then its own, of which the last file has the default export."""
    return "\n".join((_HERE / f"{each}.js").read_text(encoding="utf-8") for each in (*_SHARED, *names))


def stylesheet(name: str) -> str:
    """The source of a part's stylesheet, likewise."""
    return "\n".join((_HERE / f"{each}.css").read_text(encoding="utf-8") for each in ("kit", name))


@cache
def labels(part: str) -> dict[str, tuple[str, str]]:
    """The labels of a part by key, in English and in Chinese; what is missing in Chinese is English.

    Args:
        part: The name of its table in `words/en.toml` and `words/zh.toml`.
    """
    english, chinese = (panel_words(language).get(part, {}) for language in ("en", "zh"))
    return {key: (text, chinese.get(key, text)) for key, text in english.items()}


@cache
def panel_words(language: str) -> dict[str, dict[str, str]]:
    """All words of the panel in a language (`en` or `zh`), by part; or the `patterns` of words that it looks for."""
    return tomllib.loads((_HERE / "words" / f"{language}.toml").read_text(encoding="utf-8"))


class Refresh:
    """Some work that is done once more after those who asked for it while it was done, however many they are.

    Args:
        work: What is done, on the session's loop.
    """

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._running = asyncio.Lock()
        self._is_due = False

    async def __call__(self) -> None:
        """Do it, or wait for who does it on behalf of all that asked meanwhile."""
        self._is_due = True
        async with self._running:
            if self._is_due:
                self._is_due = False
                await self._work()


def let_go(widget: widgets.Widget) -> None:
    """Close what a widget is made of: its children, and what says how it looks. Its own `close` leaves them open."""
    for child in getattr(widget, "children", ()):
        let_go(child)
        child.close()
    for name in ("layout", "style"):
        look = getattr(widget, name, None)
        if isinstance(look, widgets.Widget):
            look.close()


class PanelPart(anywidget.AnyWidget):
    """One part of the panel, over one session.

    A subclass names the `files` of its module, the last of which is also that of its stylesheet and its words. It has
    methods `do_…` for what its page asks, and methods `on_…(news)` for what it wants to hear of the session: `on_said`,
    `on_heard`, `on_answered`, `on_moved`, `on_arrived`, `on_progressed`, `on_settled`. These are called on the
    session's loop, and must not wait.

    Args:
        session: The session that is worked on; that of the magics without.
        traits: What its own traits begin with.
    """

    WORDS: ClassVar[Mapping[str, tuple[str, str]]] = {}  # labels by name: English, Chinese

    words = traitlets.Dict().tag(sync=True)
    language = traitlets.Unicode().tag(sync=True)  # as the user has set it; `auto`: each page takes its browser's
    trouble = traitlets.Unicode().tag(sync=True)
    kernel_id = traitlets.Unicode().tag(sync=True)
    session_id = traitlets.Unicode().tag(sync=True)
    part_id = traitlets.Unicode().tag(sync=True)
    is_viewed = traitlets.Bool()  # a page has shown it

    def __init_subclass__(cls, *, files: Sequence[str] = (), **more: Any) -> None:
        if files:
            cls._esm, cls._css = module(*files), stylesheet(files[-1])
            cls.WORDS = {**labels(files[-1]), **cls.WORDS}
        super().__init_subclass__(**more)

    def __init__(self, session: Session | None = None, **traits: Any) -> None:
        self.session = session or session_here()
        self.is_within = False  # whether it belongs to a panel, with which it is closed
        self._work: set[concurrent.futures.Future[Any]] = set()
        self._asked: deque[object] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()
        self._page_language = ""
        ids = {"kernel_id": live.kernel_id(), "session_id": self.session.id, "part_id": uuid.uuid4().hex}
        words = {**labels("common"), **self.WORDS}
        super().__init__(words=words, language=language_here(self.session), **ids, **traits)
        live.register_listener(self.part_id, self)
        if self.comm is not None:
            # ipykernel 7.4 hands what the browser says to the shell that has spoken last, which may wait in a cell;
            # without this, the browser's own choice holds: one that is free.
            self.comm._reply_subshell_for = None  # noqa: SLF001 - this has no public name
        self.on_msg(self._hear)
        self._leave: Callable[[], None] | None = self.session.watch(self._hear_news)

    def __repr__(self) -> str:
        return self.word("closed").format(name=type(self).__name__)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if not self.is_within:
            register_panel_here(self)
        return super()._repr_mimebundle_(**kwargs)

    def close(self) -> None:
        """Leave the page. What was begun at the backend goes on."""
        leave, self._leave = getattr(self, "_leave", None), None
        if leave is not None:
            leave()
        let_go(self)
        super().close()

    # To the page

    def tell(self, content: Mapping[str, Any], buffers: Sequence[bytes | memoryview] = ()) -> None:
        """Say something to every page that shows this part; `content["say"]` is what it is about."""
        if self.comm is not None:
            self.send(dict(content), list(buffers))

    def tell_trouble(self, error: BaseException | None) -> None:
        """Show an error below the part; None takes it away."""
        self.trouble = "" if error is None else error_text(error)

    # Work

    def begin(self, work: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        """Begin some work on the session's loop; what it raises is shown below the part."""
        return self._begin_answer(None, work)

    def _begin_answer(self, ask: object, work: Coroutine[Any, Any, Any]) -> concurrent.futures.Future[Any]:
        future = self.session.begin(self._answered(ask, work))
        self._work.add(future)
        future.add_done_callback(self._work.discard)
        return future

    def _fail(self, error: Exception) -> None:
        if not threading.main_thread().is_alive():
            return  # the kernel ends: what it was busy with, and the page, go with it
        if not isinstance(error, errors.NemoError):
            _LOG.exception("A part of the panel has failed.", exc_info=error)
        self.tell_trouble(error)

    # From the page

    def do_hello(self, language: str | None = None) -> None:
        """A page shows this part; it may tell its browser's language."""
        self._page_language = language or self._page_language
        self.is_viewed = True

    def do_dismiss(self) -> None:
        """The user has read what went wrong."""
        self.tell_trouble(None)

    def hear_urgent(self, content: Mapping[str, Any]) -> None:
        """Hear what a page says that may not wait for the running cell."""
        self._hear(self, content, ())

    def _hear(self, _: object, content: Mapping[str, Any], buffers: Sequence[memoryview]) -> None:
        if not isinstance(content, Mapping):
            return  # what a page sends may be anything
        name, ask = content.get("do"), content.get("ask")
        handler = getattr(self, f"do_{name}", None) if isinstance(name, str) and name.isidentifier() else None
        if handler is None or not self._is_new(ask):
            return
        try:
            result = handler(**read_message(handler.__func__, content, buffers))
        except Exception as error:
            self._fail(error)
            self._answer(ask, error)
            return
        if inspect.iscoroutine(result):
            self._begin_answer(ask, result)
        else:
            self._answer(ask, result)

    def _is_new(self, ask: object) -> bool:
        with self._lock:
            is_new = ask not in self._asked
            self._asked.append(ask)
        return is_new or not isinstance(ask, str)

    async def _answered(self, ask: object, work: Awaitable[Any]) -> None:
        try:
            result = await work
        except Exception as error:
            self._fail(error)
            result = error
        self._answer(ask, result)

    def _answer(self, ask: object, result: Any) -> None:
        if not isinstance(ask, str):
            return
        if isinstance(result, BaseException):
            self.tell({"answer": ask, **problem(result)})
        else:
            answer = result if isinstance(result, PageAnswer) else PageAnswer(result)
            self.tell({"answer": ask, "content": answer.content}, answer.buffers)

    # From the session

    def _hear_news(self, news: News) -> None:
        hear: Callable[[News], None] | None = getattr(self, f"on_{type(news).__name__.lower()}", None)
        if hear is not None:
            hear(news)

    # Words

    @property
    def is_chinese(self) -> bool:
        """Whether the panel speaks Chinese; else it is English."""
        return self.spoken.lower().startswith("zh")

    @property
    def spoken(self) -> str:
        """The language of the panel: as the user has set, else that of the page, and without a page the session's."""
        return self.language if self.language != "auto" else self._page_language or self.session.language

    def word(self, key: str) -> str:
        """A label in the language of the panel."""
        return str(self.words[key][self.is_chinese])


def error_text(error: BaseException) -> str:
    """An error in a line or two: what happened, and what to do next."""
    return "\n".join(redact(part) for part in problem(error).values() if part)


def problem(error: BaseException) -> dict[str, str]:
    """An error as pages are told: what happened, and the `hint` what to do next."""
    hint = error.hint if isinstance(error, errors.NemoError) else ""
    return {"error": message(error), "hint": redact(hint)}


def message(error: BaseException) -> str:
    """What happened, fit to be shown."""
    if isinstance(error, errors.NemoError):
        return "\n".join(redact(line) for line in error.message.splitlines())
    return f"Something went wrong inside ({type(error).__name__}); the kernel's log says more."
