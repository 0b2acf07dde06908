"""One use of a command: the shell's state, and the cell that it shows in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.screen import Screen

if TYPE_CHECKING:
    from nemo_notebook.notebook.handle import Handle
    from nemo_notebook.session.loop import Bridge
    from nemo_notebook.session.project import AsyncSession


class Call:
    """What a command works with.

    Args:
        context: What all commands of the shell share.
        screen: Where this one shows itself.

    Attributes:
        defaults: The user's settings as they are when it begins; work in the background keeps to them.
        handle: What it is stopped by where no cell waits for it.
        is_shown: Whether the command has shown its result already.
    """

    def __init__(self, context: Context, screen: Screen) -> None:
        self.context = context
        self.screen = screen
        self.defaults = context.defaults
        self.handle: Handle[Any] | None = None
        self.is_shown = False
        self._label = context.badges.label

    @property
    def bridge(self) -> Bridge:
        """How it is waited for: on the background thread's loop, or nested in the kernel's own."""
        from nemo_notebook.session import loop

        return loop.nested() if self.defaults.loop == "nest" else loop.shared()

    async def session(self) -> AsyncSession:
        """The current session; the first use connects by itself."""
        return (await self.context.session(self)).asynchronous

    def badge(self) -> None:
        """Below work that nobody waits for: whether it was played from a tape."""
        self.context.badges.show_below(self._label, self.screen.outlet)

    def show(self, value: Any) -> None:
        """Show a result, unless the command has done so."""
        if not self.is_shown and value is not None:
            self.screen.show(value)
        self.is_shown = True
