"""The one place where things are shown: displays that update in place in a notebook, plain text in a terminal."""

from __future__ import annotations

import contextlib
import html
import time
from collections.abc import Iterator
from typing import Any, Final

from nemo_notebook import console
from nemo_notebook.notebook.text import markdown
from nemo_notebook.outside import plain
from nemo_notebook.session.results import Progress

_INTERVAL_S: Final = 0.25
_GROWTH: Final = 1.15  # a text is sent again when it has grown by this much: what is sent stays in proportion to it
_STYLE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px"


class Bundle:
    """Something with a face for each kind of front end."""

    def __init__(self, words: str, **faces: str) -> None:
        self._plain = words
        self._faces = {kind.replace("_", "/"): face for kind, face in faces.items()}

    def __repr__(self) -> str:
        return self._plain

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self._plain, **self._faces}


class Screen:
    """Shows results, progress and streamed text.

    Args:
        shell: The IPython shell that is shown in.
    """

    def __init__(self, shell: Any) -> None:
        self.is_rich = hasattr(shell, "kernel")
        self._shell = shell
        self._just_shown: object = None

    def show(self, value: object) -> None:
        """Show a result now. A cell that ends in it does not show it again."""
        from IPython.display import display

        display(value)
        self._just_shown = value

    def already_shown(self, value: object) -> None:
        """Do not show a value that the cell ends in: it has been shown in another way."""
        self._just_shown = value

    def forget_shown(self, *_: object) -> None:
        """Before a cell runs: whatever was shown in another one is shown again if this one asks for it."""
        self._just_shown = None

    def skip_shown(self, value: object) -> bool:
        """For IPython's display formatter: whether this value needs no more showing, once.

        Raises:
            NotImplementedError: It is to be shown as ever.
        """
        if value is not self._just_shown:
            raise NotImplementedError
        self._just_shown = None
        return True

    def say(self, words: str) -> None:
        """Show a line of our own words."""
        self._line_display(words)

    def _line_display(self, words: str) -> Any:
        if not self.is_rich:
            print(words)  # noqa: T201 - the terminal is the screen
            return None
        from IPython.display import display

        return display(_line(words), display_id=True)

    @contextlib.contextmanager
    def line(self, words: str) -> Iterator[Line]:
        """A line that changes while something goes on; it is gone if that fails."""
        line = Line(self._line_display(words), is_rich=self.is_rich)
        try:
            yield line
        except BaseException:
            line.clear()
            raise

    def meter(self) -> Meter | TextMeter:
        """A progress bar that shows itself with the first progress."""
        return Meter() if self.is_rich else TextMeter()

    def stream(self) -> RichStream | TextStream:
        """A text that grows while it comes."""
        return RichStream() if self.is_rich else TextStream()


class Line:
    """One line of words that can change."""

    def __init__(self, handle: Any, *, is_rich: bool) -> None:
        self._handle = handle
        self._is_rich = is_rich

    def done(self, words: str) -> None:
        """The last words."""
        if self._is_rich:
            self._handle.update(_line(words))
        else:
            print(words)  # noqa: T201 - the terminal is the screen

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._is_rich:
            self._handle.update(Bundle(""))


def _line(words: str) -> Bundle:
    return Bundle(words, text_html=f'<div style="{_STYLE}">{html.escape(words)}</div>')


def _notice(words: str) -> Bundle:
    return Bundle(plain(words), text_markdown=markdown(words))


class Meter:
    """A progress bar in a notebook: one display, updated a few times a second, and gone or words at the end."""

    def __init__(self) -> None:
        self._handle: Any = None
        self._next_s = 0.0

    def __call__(self, progress: Progress) -> None:
        """Show the newest progress."""
        now_s = time.monotonic()
        if now_s < self._next_s and progress.done < 1:
            return
        self._next_s = now_s + _INTERVAL_S
        words = console.words(progress)
        face = (
            f'<div style="{_STYLE}"><progress value="{progress.done:.4f}" max="1" style="width:240px;vertical-align:'
            f'middle" aria-label="{html.escape(words)}"></progress>&nbsp; {html.escape(words)}</div>'
        )
        self._update(Bundle(words, text_html=face))

    def _update(self, bundle: Bundle) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, display_id=True)
        else:
            self._handle.update(bundle)

    def close(self, words: str = "") -> None:
        """Leave these words behind, or nothing."""
        if words:
            self._update(_line(words))
        elif self._handle is not None:
            self._handle.update(Bundle(""))


class TextMeter(console.TextBar):
    """The same in a terminal."""

    def close(self, words: str = "") -> None:
        """Leave these words behind, or nothing."""
        super().close()
        if words:
            self._write(f"{words}\n")


class RichStream:
    """Streamed Markdown in a notebook.

    One display is updated at most four times a second, ever less often as it grows; a finished paragraph is sealed into
    a display of its own and never sent again.
    """

    def __init__(self) -> None:
        self._handle: Any = None
        self._open = ""  # the text of the open display
        self._sealed: list[tuple[Any, str]] = []  # of the passage that is coming
        self._sent = 0
        self._next_s = 0.0

    def feed(self, piece: str) -> None:
        """Show a further piece."""
        self._open += piece
        head, gap, tail = self._open.rpartition("\n\n")
        if gap and head.strip() and head.count("```") % 2 == 0:
            self._send(head)
            self._seal(head + gap)
            self._open = tail
        if self._open.strip() and time.monotonic() >= self._next_s and len(self._open) >= _GROWTH * self._sent:
            self._send(self._open)

    def replace(self, passage: str) -> None:
        """The passage that came in pieces, whole."""
        sealed = "".join(text for _, text in self._sealed)
        if sealed and not passage.startswith(sealed):
            for handle, _ in self._sealed:
                handle.update(Bundle(""))
            sealed = ""
        self._open = passage[len(sealed) :]
        if self._open.strip() or self._handle is not None:
            self._send(self._open)
        self._seal(self._open)
        self._sealed.clear()
        self._open = ""

    def begin(self, job: str) -> None:
        """Say what the work is called; the next piece takes its place."""
        self.note(f"⏳ {job}")

    def notice(self, words: str) -> None:
        """A word of our own, which stays."""
        if self._handle is not None and not self._open.strip():
            self._update(_notice(words))
            self._handle = None
        else:
            from IPython.display import display

            display(_notice(words))

    def note(self, words: str) -> None:
        """A quiet word while nothing comes; the next piece takes its place."""
        if not self._open.strip():
            self._update(_line(words))

    def close(self) -> None:
        """Show what is left."""
        if self._open.strip():
            self._send(self._open)
        elif self._handle is not None:
            self._handle.update(Bundle(""))

    def _seal(self, text: str) -> None:
        if self._handle is not None:
            self._sealed.append((self._handle, text))
        self._handle, self._sent, self._next_s = None, 0, 0.0

    def _send(self, text: str) -> None:
        self._update(Bundle(plain(text), text_markdown=markdown(text)))
        self._sent = len(text)
        self._next_s = time.monotonic() + _INTERVAL_S

    def _update(self, bundle: Bundle) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(bundle, display_id=True)
        else:
            self._handle.update(bundle)


class TextStream:
    """Streamed text in a terminal: the pieces as they come."""

    def __init__(self) -> None:
        self._passage = ""

    def feed(self, piece: str) -> None:
        """Show a further piece."""
        self._passage += piece
        print(plain(piece), end="", flush=True)  # noqa: T201 - the terminal is the screen

    def replace(self, passage: str) -> None:
        """The passage whole; what is there already is not shown again."""
        rest = passage.removeprefix(self._passage) if self._passage else passage
        if rest == passage and self._passage and passage.strip():
            rest = f"\n{passage}"
        self._passage = ""
        print(plain(rest))  # noqa: T201 - the terminal is the screen

    def begin(self, job: str) -> None:
        """Say what the work is called."""
        print(f"⏳ {job}")  # noqa: T201 - the terminal is the screen

    def notice(self, words: str) -> None:
        """A word of our own, on lines of its own."""
        print(f"\n{plain(words)}" if self._passage else plain(words))  # noqa: T201 - the terminal is the screen
        self._passage = ""

    def note(self, words: str) -> None:
        """Nothing: a terminal shows only what stays."""

    def close(self) -> None:
        """End the line."""
        if self._passage:
            print()  # noqa: T201 - the terminal is the screen
