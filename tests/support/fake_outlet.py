"""The output of a cell that keeps what is shown."""

from __future__ import annotations

import threading
from typing import Any

from ipywidgets import Widget

from nemo_notebook.notebook.display import Bundle


class FakeDisplay:
    """A display with all faces that it has had."""

    def __init__(self, outlet: FakeOutlet, value: Any) -> None:
        self.outlet = outlet
        self.faces: list[dict[str, str]] = []
        self.update(value)

    def update(self, value: Any) -> None:
        face = {"text/plain": "a widget"} if isinstance(value, Widget) else value._repr_mimebundle_()
        with self.outlet.changed:
            self.faces.append(face)
            self.outlet.messages += 1
            self.outlet.changed.notify_all()

    def clear(self) -> None:
        self.update(Bundle(""))


class FakeOutlet:
    """An outlet, of a notebook or a terminal, with somebody before it or not."""

    def __init__(self, *, is_rich: bool = True, has_reader: bool = False) -> None:
        self.is_rich, self.has_reader = is_rich, has_reader
        self.changed = threading.Condition()
        self.displays: list[FakeDisplay] = []
        self.values: list[object] = []
        self.messages = 0
        self.printed = ""

    def show(self, value: object) -> FakeDisplay:
        self.values.append(value)
        self.displays.append(FakeDisplay(self, value))
        return self.displays[-1]

    def print(self, words: str, end: str = "\n") -> None:
        self.printed += f"{words}{end}"

    def say(self, words: str) -> None:
        self.print(words)

    def wait(self, count: int) -> dict[str, str]:
        """The last face of the first display, when so many messages were sent."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.messages >= count, 10)
            return self.displays[0].faces[-1]

    @property
    def left(self) -> list[dict[str, str]]:
        """What is to be seen, display by display."""
        return [display.faces[-1] for display in self.displays if any(display.faces[-1].values())]

    @property
    def text(self) -> str:
        return "\n\n".join(face["text/plain"].strip() for face in self.left)
