"""What a command has shown is not shown again by the cell that ends in it."""

from __future__ import annotations

import sys
from typing import Any


class Echo:
    """Mutes IPython's own display of values that have just been shown.

    Args:
        shell: The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._muted: list[object] = []
        self._types: dict[type, Any] = {}
        self._hook = shell.display_trap.hook

    def install(self) -> None:
        """From now on, what is muted is passed over."""
        self._shell.display_trap.hook = _Hook(self._hook, self.is_muted)
        self._shell.events.register("pre_run_cell", self.forget)

    def remove(self) -> None:
        """Take that back."""
        self._shell.events.unregister("pre_run_cell", self.forget)
        self._shell.display_trap.hook = self._hook
        formatter = self._shell.display_formatter.ipython_display_formatter
        for kind in self._types:
            formatter.pop(kind, None)

    def mute(self, value: object) -> None:
        """A value has been shown: until the next cell, no display of IPython's shows it as well."""
        kind = type(value)
        if value is None or kind.__module__.partition(".")[0] != __name__.partition(".")[0]:
            return
        self._muted.append(value)
        if kind not in self._types:  # `%%capture` has a display hook of its own, but the same formatter
            formatter = self._shell.display_formatter.ipython_display_formatter
            self._types[kind] = formatter.for_type(kind, self._skip)

    def forget(self, *_: object) -> None:
        """Before a cell runs: whatever was shown in another one is shown again if this one asks for it."""
        self._muted.clear()

    def is_muted(self, value: object) -> bool:
        """Whether a value has just been shown."""
        return any(value is muted for muted in self._muted)

    def _skip(self, value: object) -> None:
        """For the formatter: to return is to have shown it."""
        if not self.is_muted(value) or isinstance(sys.displayhook, _Hook):  # which would have passed over it: it is
            raise NotImplementedError  # the user's own `display`
        self._muted = [muted for muted in self._muted if muted is not value]


class _Hook:
    """IPython's display hook, without the `Out[n]:` of what is muted; it is counted and kept as ever."""

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
