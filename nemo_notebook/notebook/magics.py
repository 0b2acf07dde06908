"""The magic itself: a thin face over `dispatch` and `running`."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from traitlets import Enum, Unicode

from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.defaults import CHOICES, Defaults


@magics_class
class NemoMagics(Magics):
    """`%nemo` and `%%nemo`. Defaults are set with `%config NemoMagics.skill = "music-maker"`."""

    skill = Unicode("from-music", help="The skill that a session is opened with.").tag(config=True)
    backend = Unicode("auto", help="auto, local, cloud, or a URL.").tag(config=True)
    language = Unicode("auto", help="auto, or a tag such as en or zh-CN.").tag(config=True)
    model = Unicode("", help="The address of a language model behind the chat, or ollama, lmstudio, llamacpp.").tag(
        config=True
    )
    model_name = Unicode("", help="Which model of those that are there.").tag(config=True)
    quality = Enum(CHOICES["quality"], "high", help="The quality of exports.").tag(config=True)
    resolution = Enum(CHOICES["resolution"], "", help="The resolution of exports; empty for the timeline's own.").tag(
        config=True
    )
    loop = Enum(
        CHOICES["loop"],
        "thread",
        help="How a cell waits: on a background thread's event loop, or nested in the kernel's own by nest-asyncio.",
    ).tag(config=True)

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.context = Context(shell)

    @no_var_expand
    @line_cell_magic
    def nemo(self, line: str, cell: str | None = None) -> Any:
        """Make music videos by chat. `%nemo help` lists the commands."""
        from nemo_notebook.notebook import dispatch, running

        assert self.shell is not None
        self.context.defaults = Defaults(**{name: getattr(self, name) for name in Defaults.__slots__})
        names = self.shell.user_ns
        wanted = dispatch.read_line(line, names) if cell is None else dispatch.read_cell(line, cell, names)
        value = running.perform(self.context, wanted)
        if not wanted.out:
            return value
        names[wanted.out] = value
        return None


def _docstring() -> str:
    from nemo_notebook.notebook.commands.table import COMMANDS
    from nemo_notebook.notebook.reference import docstring

    return docstring(COMMANDS)


vars(NemoMagics)["nemo"].getdoc = _docstring  # what `%nemo?` asks for
