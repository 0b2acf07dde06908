"""What a cell shows: values, lines, progress, one display that is updated at most four times a second, panels, badges.

Output lands in the cell that asked, from any thread, also after other cells have run. A cell that is run again replaces
its output: panels of its earlier run are gone from the page, but nothing says so to them, so they are closed here.
"""

from __future__ import annotations

import contextlib
import html
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Protocol

from nemo_notebook.outside import plain

if TYPE_CHECKING:
    from nemo_notebook.errors import NemoError
    from nemo_notebook.session.results import Progress, ReportProgress
    from nemo_notebook.tapes.tape import TapeState

STYLE: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:13px"
_SMALL: Final = "font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:11px;opacity:.75"
_INTERVAL_S: Final = 0.25
_BYTES_PER_S: Final = 40_000  # to the browser: what is long is updated less often
_SHARE: Final = 0.05  # of a core, at most, for what takes long to draw
_LOCK: Final = threading.Lock()  # serializes messages of several threads


class Bundle:
    """Something with a representation for each kind of front end.

    Args:
        words: Its plain text.
        faces: Other representations by MIME type, `_` for `/`: `text_html`, `text_markdown`.

    Attributes:
        metadata: The metadata of its output.
    """

    def __init__(self, words: str, **faces: str) -> None:
        self.metadata: dict[str, Any] = {}
        self._plain = words
        self._faces = {kind.replace("_", "/"): face for kind, face in faces.items()}

    def __repr__(self) -> str:
        return self._plain

    @property
    def size(self) -> int:
        """Characters of all its representations."""
        return sum(map(len, [self._plain, *self._faces.values()]))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self._plain, **self._faces}


def line_of(words: str) -> Bundle:
    """A line of our own words, or a few."""
    page = html.escape(words).replace("\n", "<br>")
    return Bundle(words, text_html=f'<div style="{STYLE}">{page}</div>')


@dataclass(frozen=True, slots=True)
class CellRun:
    """A run of a cell.

    Attributes:
        cell: The cell's id; empty where the front end sends none.
        request: The id of the message that started it.
    """

    cell: str = ""
    request: str = ""


def current_run(shell: Any) -> CellRun:
    """The run of a cell in this thread, as far as the kernel knows it."""
    get_parent = getattr(shell, "get_parent", None)  # ipykernel's; a display's own copy has no metadata
    parent = get_parent() if callable(get_parent) else None
    return CellRun(_field(parent, "metadata", "cellId"), _field(parent, "header", "msg_id"))


def _field(message: object, part: str, key: str) -> str:
    found = message.get(part) if isinstance(message, Mapping) else None
    value = found.get(key) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


class Outlet:
    """The output of the cell that runs when it is created.

    A kernel's displays carry the header of the message that they answer. IPython keeps it where the next cell
    overwrites it (ipykernel 6) or where other threads do not see it (7), so it is kept here and sent along.

    Args:
        shell: The IPython shell.

    Attributes:
        is_rich: Whether a notebook shows it; else it is a terminal.
        run: The run of the cell.
        has_reader: Whether somebody sits before it who can click: not so for nbclient, nor within `%%capture`.
    """

    def __init__(self, shell: Any) -> None:
        self._formatter = shell.display_formatter
        self._publisher = shell.display_pub
        self._parent: Mapping[str, Any] | None = None
        if getattr(self._publisher, "session", None) is not None:  # ipykernel's; not a terminal's, nor a browser's own
            self._parent = self._publisher.parent_header
        self.run = current_run(shell)
        kernel = getattr(shell, "kernel", None)
        self.is_rich = kernel is not None
        self.has_reader = self._parent is not None and bool(getattr(kernel, "_allow_stdin", False))

    def show(self, value: object) -> CellDisplay:
        """Show a value in a display of its own, which can be updated."""
        shown = CellDisplay(self, uuid.uuid4().hex)
        self.publish(value, shown.display_id, update=False)
        return shown

    def print(self, words: str, end: str = "\n") -> None:
        """Write to the terminal, in what characters it has."""
        from nemo_notebook import console

        console.write_text(sys.stdout, f"{words}{end}")

    def say(self, words: str) -> CellDisplay | None:
        """Show a line of our own words."""
        if self.is_rich:
            return self.show(line_of(words))
        self.print(words)
        return None

    def tell_error(self, error: NemoError) -> None:
        """Show an error that nobody waits for, as a cell's own would be."""
        words = "\n".join(error._render_traceback_())
        if self.is_rich:
            self.show(Bundle(words, text_html=f'<pre style="margin:0">{html.escape(words)}</pre>'))
        else:
            self.print(words)

    @contextlib.contextmanager
    def line(self, words: str) -> Iterator[Callable[[str], None]]:
        """A line while something goes on, and what puts the last words in its place; it is gone if that fails."""
        shown = self.say(words)

        def end(last: str) -> None:
            if shown is not None:
                shown.update(line_of(last) if last else Bundle(""))
            elif last:
                self.print(last)

        try:
            yield end
        except BaseException:
            end("")
            raise

    @contextlib.contextmanager
    def meter(self) -> Iterator[ReportProgress]:
        """A progress bar that shows itself with the first progress, and is gone at the end."""
        from nemo_notebook import console

        display, text_bar = LiveDisplay(self), console.TextBar()

        def tell(progress: Progress) -> None:
            if self.is_rich:
                display.draw(lambda: _bar(progress), is_last=progress.done >= 1)
            else:
                text_bar(progress)

        try:
            yield tell
        finally:
            display.clear()
            text_bar.close()

    def publish(self, value: object, display_id: str, *, update: bool) -> None:
        """Send a display, or an update of one."""
        data, metadata = self._faces(value)
        transient = {"display_id": display_id}
        if self._parent is None:  # a terminal, `%%capture`, or a kernel of another make
            self._publisher.publish(data, metadata, transient=transient, update=update)
            return
        from ipykernel.jsonutil import encode_images

        content = {"data": encode_images(data), "metadata": metadata, "transient": transient}
        session, kind = self._publisher.session, "update_display_data" if update else "display_data"
        with _LOCK:
            if not update:
                sys.stdout.flush()  # what was printed before comes before
                sys.stderr.flush()
            message = session.msg(kind, content, parent=self._parent)
            session.send(self._publisher.pub_socket, message, ident=self._publisher.topic)

    def _faces(self, value: object) -> tuple[dict[str, Any], dict[str, Any]]:
        if isinstance(value, Bundle):
            return value._repr_mimebundle_(), value.metadata
        data, metadata = self._formatter.format(value)
        return dict(data), dict(metadata)


class CellDisplay:
    """A display that is there."""

    def __init__(self, outlet: Outlet, display_id: str) -> None:
        self._outlet = outlet
        self.display_id = display_id

    def update(self, value: object) -> None:
        """Show something else in its place."""
        self._outlet.publish(value, self.display_id, update=True)

    def clear(self) -> None:
        """Leave nothing behind."""
        self.update(Bundle(""))


class LiveDisplay:
    """One display of a notebook that is updated at most four times a second, and less often where that is expensive.

    Args:
        outlet: The cell's output.
        now: A monotonic clock, in seconds.
    """

    def __init__(self, outlet: Outlet, now: Callable[[], float] = time.monotonic) -> None:
        self._outlet = outlet
        self._now = now
        self._shown: CellDisplay | None = None
        self._next_s = float("-inf")
        self._is_empty = True

    def draw(self, make: Callable[[], object], *, is_last: bool = False) -> bool:
        """Show what `make` returns if an update is due, or if it is the last one; returns whether it was due."""
        begun_s = self._now()
        if begun_s < self._next_s and not is_last:
            return False
        value = make()
        if self._shown is None:
            self._shown = self._outlet.show(value)
        else:
            self._shown.update(value)
        self._is_empty = False
        ended_s = self._now()
        size = value.size if isinstance(value, Bundle) else 0
        self._next_s = ended_s + max(_INTERVAL_S, size / _BYTES_PER_S, (ended_s - begun_s) / _SHARE)
        return True

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._shown is not None and not self._is_empty:
            self._shown.clear()
        self._is_empty = True


def _bar(progress: Progress) -> Bundle:
    from nemo_notebook import console

    words = console.progress_words(progress)
    page = html.escape(words)
    style = "width:240px;vertical-align:middle"
    bar = f'<progress value="{progress.done:.4f}" max="1" style="{style}" aria-label="{page}"></progress>'
    return Bundle(words, text_html=f'<div style="{STYLE}">{bar}&nbsp; {page}</div>')


class DisplayDedup:
    """Keeps IPython from displaying values again that a command has just shown.

    Args:
        shell: The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._muted: list[object] = []
        self._types: dict[type, Any] = {}
        self._hook = shell.display_trap.hook

    def install(self) -> None:
        """Wrap the display hook."""
        self._shell.display_trap.hook = _Hook(self._hook, self.is_muted)
        self._shell.events.register("pre_run_cell", self.forget)

    def remove(self) -> None:
        """Restore the display hook and the formatters."""
        self._shell.events.unregister("pre_run_cell", self.forget)
        self._shell.display_trap.hook = self._hook
        formatter = self._shell.display_formatter.ipython_display_formatter
        for kind in self._types:
            formatter.pop(kind, None)

    def mute(self, value: object) -> None:
        """Skip a value that has been shown, until the next cell."""
        kind = type(value)
        if value is None or kind.__module__.partition(".")[0] != __name__.partition(".")[0]:
            return
        self._muted.append(value)
        if kind not in self._types:  # `%%capture` has a display hook of its own, but the same formatter
            formatter = self._shell.display_formatter.ipython_display_formatter
            self._types[kind] = formatter.for_type(kind, self._skip)

    def forget(self, *_: object) -> None:
        """Before a cell runs: values of earlier ones are shown again where it asks for them."""
        self._muted.clear()

    def is_muted(self, value: object) -> bool:
        """Whether a value has just been shown."""
        return any(value is muted for muted in self._muted)

    def _skip(self, value: object) -> None:
        """For the formatter: to return is to have shown it."""
        if not self.is_muted(value) or isinstance(sys.displayhook, _Hook):  # which would have skipped it: it is the
            raise NotImplementedError  # user's own `display`
        self._muted = [muted for muted in self._muted if muted is not value]


class _Hook:
    """IPython's display hook, without the `Out[n]:` of muted values; they are counted and kept as ever."""

    def __init__(self, hook: Any, is_muted: Any) -> None:
        self._hook = hook
        self._is_muted = is_muted

    def __call__(self, result: object = None) -> None:
        if not self._is_muted(result):
            self._hook(result)
        elif not self._hook.quiet():
            self._hook.update_user_ns(result)
            self._hook.fill_exec_result(result)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hook, name)


_PANELS_LOCK: Final = threading.Lock()
_panels: Final[dict[str, tuple[str, list[Panel]]]] = {}  # cell → its last run that showed any, and those


class Panel(Protocol):
    """Something that lives in a cell's output."""

    def close(self) -> None:
        """Leave the page."""


def register_panel_here(panel: Panel) -> None:
    """Register a panel for the running cell. Other threads register theirs themselves: they know the cell."""
    if threading.current_thread() is threading.main_thread():
        from IPython.core.getipython import get_ipython

        register_panels(current_run(get_ipython()), panel)


def register_panels(run: CellRun, *panels: Panel) -> None:
    """Register panels for a run; those of the cell's earlier runs that no other cell shows are closed."""
    if not run.request:
        return
    cell = run.cell or f"run {run.request}"
    with _PANELS_LOCK:
        request, before = _panels.get(cell, ("", []))
        kept = before if request == run.request else []
        _panels[cell] = run.request, [*kept, *(panel for panel in panels if panel not in kept)]
        shown = [panel for _, row in _panels.values() for panel in row]
    for panel in before:
        if panel not in shown:
            panel.close()


def close_panels() -> None:
    """Close all panels."""
    with _PANELS_LOCK:
        shown = [panel for _, row in _panels.values() for panel in row]
        _panels.clear()
    for panel in shown:
        panel.close()


_MONTHS: Final = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def day(seconds: float) -> str:
    """A day (of a moment in seconds since 1970, in UTC) as people write it, whatever the language here."""
    then = time.gmtime(seconds)
    return f"{then.tm_mday} {_MONTHS[then.tm_mon - 1]} {then.tm_year}"


def badge_of(state: TapeState) -> Bundle:
    """Says of a cell that what it shows was played from a tape, and of when that is."""
    words = f"📼 {plain(state.path.name)} · recorded {day(state.recorded_s)}"
    badge = Bundle(words, text_html=f'<div style="{_SMALL}">{html.escape(words)}</div>')
    badge.metadata = {"nemo": {"tape": True}}
    return badge


class Badges:
    """Tells tapes which cell runs, and puts a badge below each that was answered from one.

    Args:
        shell: The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._shown: set[str] = set()  # labels of cells that have theirs
        self.label = ""

    def install(self) -> None:
        """From the next cell on."""
        self._shell.events.register("pre_run_cell", self.begin)
        self._shell.events.register("post_run_cell", self.end)

    def remove(self) -> None:
        """Take that back."""
        self._shell.events.unregister("pre_run_cell", self.begin)
        self._shell.events.unregister("post_run_cell", self.end)

    def begin(self, *_: object) -> None:
        """A cell begins."""
        self.label = f"In [{_number(self._shell)}]"
        self._shown.discard(self.label)
        if taping := _taping():
            taping.label_cell(self.label)

    def end(self, result: object = None) -> None:
        """A cell has ended.

        What the tape lacks for an ornament, such as a poster, is no error of the cell: it is told here.
        """
        taping = _taping()
        if taping is None:
            return
        missed, raised = taping.mismatches(), getattr(result, "error_in_exec", None)
        outlet = Outlet(self._shell)
        if missed and str(missed[0]) != str(raised):
            outlet.tell_error(missed[0])
        self.show_below(self.label, outlet)

    def show_below(self, label: str, outlet: Outlet) -> None:
        """Show the badge of a cell, once, if answers to it came from the tape in use."""
        taping = _taping()
        if taping is None or label in self._shown or not taping.was_played(label):
            return
        state = taping.current_tape()
        if state is None or state.is_recording:  # in which case what came last is not from the tape
            return
        self._shown.add(label)
        badge = badge_of(state)
        if outlet.is_rich:
            outlet.show(badge)
        else:
            outlet.print(repr(badge))


def _number(shell: Any) -> int:
    """The number of the cell that begins: newer shells have counted it by now, none has kept its input yet."""
    count, kept = int(shell.execution_count), getattr(shell.history_manager, "input_hist_parsed", None)
    return min(count, len(kept)) if kept else count


def _taping() -> ModuleType | None:
    """What knows of tapes, where anything has asked for one: cells without tapes import nothing for them."""
    return sys.modules.get("nemo_notebook.tapes.tape")
