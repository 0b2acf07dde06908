"""Where the output of one cell goes: to that cell, from any thread, also when others have run since."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from typing import Any, Final

from nemo_notebook.notebook import seats

_LOCK: Final = threading.Lock()  # messages of several threads go out one after another


class Bundle:
    """Something with a face for each kind of front end.

    Args:
        words: Its plain text.
        faces: Other forms by kind, `_` for `/`: `text_html`, `text_markdown`.

    Attributes:
        metadata: What is said of it beside, as displays have it.
    """

    def __init__(self, words: str, **faces: str) -> None:
        self.metadata: dict[str, Any] = {}
        self._plain = words
        self._faces = {kind.replace("_", "/"): face for kind, face in faces.items()}

    def __repr__(self) -> str:
        return self._plain

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self._plain, **self._faces}


class Outlet:
    """The output of the cell that runs when it is made.

    A kernel's displays carry the message that they answer. IPython finds it in a place that the next cell overwrites
    (ipykernel 6) or that other threads do not see (7), so it is kept here and sent along.

    Args:
        shell: The IPython shell.

    Attributes:
        is_rich: Whether a notebook shows it; else it is a terminal.
        seat: The run of the cell.
        has_reader: Whether somebody sits before it who can click: not so for nbclient, nor within `%%capture`.
    """

    def __init__(self, shell: Any) -> None:
        self._formatter = shell.display_formatter
        self._publisher = shell.display_pub
        self._parent: Mapping[str, Any] | None = None
        if getattr(self._publisher, "session", None) is not None:  # ipykernel's; not a terminal's, nor a browser's own
            self._parent = self._publisher.parent_header
        self.seat = seats.here(shell)
        kernel = getattr(shell, "kernel", None)
        self.is_rich = kernel is not None
        self.has_reader = self._parent is not None and bool(getattr(kernel, "_allow_stdin", False))

    def show(self, value: object) -> Shown:
        """Show a value in a display of its own, which can be updated."""
        shown = Shown(self, uuid.uuid4().hex)
        self.publish(value, shown.display_id, update=False)
        return shown

    def print(self, words: str, end: str = "\n") -> None:
        """Write to the terminal, in what characters it has."""
        try:
            print(words, end=end, flush=True)  # noqa: T201 - the terminal is the screen
        except UnicodeEncodeError:
            print(words.encode("ascii", "replace").decode("ascii"), end=end, flush=True)  # noqa: T201 - likewise

    def publish(self, value: object, display_id: str, *, update: bool) -> None:
        """Send a display, or another content for one."""
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
                self._publisher._flush_streams()  # noqa: SLF001 - what was printed before comes before
            message = session.msg(kind, content, parent=self._parent)
            session.send(self._publisher.pub_socket, message, ident=self._publisher.topic)

    def _faces(self, value: object) -> tuple[dict[str, Any], dict[str, Any]]:
        if isinstance(value, Bundle):
            return value._repr_mimebundle_(), value.metadata
        data, metadata = self._formatter.format(value)
        return dict(data), dict(metadata)


class Shown:
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
