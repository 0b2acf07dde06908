"""The magic itself: a thin face over `dispatch`."""

from __future__ import annotations

import time
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from traitlets import Enum, Unicode

from nemo_notebook.errors import Detached
from nemo_notebook.notebook.context import Context, Defaults
from nemo_notebook.notebook.screen import Screen


@magics_class
class NemoMagics(Magics):
    """`%nemo` and `%%nemo`. Defaults are set with `%config NemoMagics.skill = "music-maker"`."""

    skill = Unicode("from-music", help="The skill that a session is opened with.").tag(config=True)
    backend = Unicode("auto", help="auto, local, cloud, or a URL.").tag(config=True)
    language = Unicode("auto", help="auto, or a tag such as en or zh-CN.").tag(config=True)
    quality = Enum(["preview", "low", "medium", "high"], "high", help="The quality of exports.").tag(config=True)
    resolution = Enum(
        ["", "480p", "540p", "720p", "1080p", "1440p", "4k"],
        "",
        help="The resolution of exports; empty for the timeline's own.",
    ).tag(config=True)

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.context = Context(Screen(shell))

    @no_var_expand
    @line_cell_magic
    def nemo(self, line: str, cell: str | None = None) -> Any:
        """Make music videos by chat. `%nemo help` lists the commands."""
        from nemo_notebook.notebook import dispatch

        self.context.defaults = Defaults(self.skill, self.backend, self.language, self.quality, self.resolution)
        assert self.shell is not None
        names, begun_s = self.shell.user_ns, time.time()
        try:
            if cell is None:
                return dispatch.run_line(self.context, line, names)
            return dispatch.run_cell(self.context, line, cell, names)
        except KeyboardInterrupt:
            left = self.context.left_since(begun_s)
            if left is None:
                raise Detached("Stopped.", hint="Nothing was left behind: run the cell again.") from None
            hint = f"`%nemo resume {left}` comes back to it."
            raise Detached("Stopped waiting; what was begun goes on.", hint=hint) from None
