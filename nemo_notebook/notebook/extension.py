"""The IPython extension: the magic, and how it is loaded and unloaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from traitlets import TraitError

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.defaults import Defaults, project_defaults
from nemo_notebook.notebook.execution import Context

_QUESTION: Final = re.compile(r"^(?P<left>\s*(?:[A-Za-z_]\w*\s*=\s*)?)%nemo\s+(?P<words>\S.*\?)[^\S\n]*$")
_LONG_QUOTES: Final = ('"""', "'''")
_ASKED: Final = re.compile(r"([a-z]+)\s*\?\??")


@magics_class
class NemoMagics(Defaults, Magics):
    """`%nemo` and `%%nemo`. Defaults are set with `%config NemoMagics.skill = "music-maker"`."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self.context = Context(shell)

    @no_var_expand
    @line_cell_magic
    def nemo(self, line: str, cell: str | None = None) -> Any:
        """Make music videos by chat. `%nemo help` lists the commands."""
        from nemo_notebook.notebook import dispatch, execution

        assert self.shell is not None
        self.context.defaults = Defaults(**self.trait_values(config=True))
        names = self.shell.user_ns
        wanted = dispatch.read_line(line, names) if cell is None else dispatch.read_cell(line, cell, names)
        value = execution.perform(self.context, wanted)
        if not wanted.out:
            return value
        names[wanted.out] = value
        return None


def _docstring() -> str:
    from nemo_notebook.notebook.commands.registry import COMMANDS
    from nemo_notebook.notebook.reference import as_plain, overview

    return as_plain(overview(COMMANDS))


vars(NemoMagics)["nemo"].getdoc = _docstring  # what `%nemo?` asks for


def load_magics(shell: Any) -> None:
    """Bring the magic, its completion and its settings; a second time, nothing more."""
    if _loaded(shell) is not None:
        return
    try:
        magics = NemoMagics(shell)
    except TraitError as error:
        shell.configurables.pop()  # which IPython has added before it reads the settings
        raise UsageError(f"A setting in IPython's configuration is wrong. {error}", hint="Mend it there.") from None
    values, mistakes = project_defaults(Path.cwd())
    for name, value in values.items():
        setattr(magics, name, value)
    for mistake in mistakes:
        print(f"⚠️ {mistake}")  # noqa: T201 - nothing is shown by a command yet
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(keep_questions)
    shell.Completer.custom_matchers.append(matcher)
    magics.context.dedup.install()
    magics.context.badges.install()


def unload_magics(shell: Any) -> None:
    """Take all of that back."""
    magics = _loaded(shell)
    if magics is None:
        return
    magics.context.close()
    magics.context.badges.remove()
    magics.context.dedup.remove()
    shell.Completer.custom_matchers.remove(matcher)
    shell.input_transformers_cleanup.remove(keep_questions)
    shell.configurables.remove(magics)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("nemo", None)
    shell.magics_manager.registry.pop(NemoMagics.__name__, None)


def matcher(context: Any) -> dict[str, Any]:
    """For IPython's `Completer.custom_matchers`."""
    if "%nemo" not in context.full_text:
        return {"completions": [], "suppress": False}
    from nemo_notebook.notebook.completion import matches

    return matches(context)


matcher.matcher_api_version = 2  # type: ignore[attr-defined]
matcher.matcher_identifier = "nemo_notebook"  # type: ignore[attr-defined]


def keep_questions(lines: list[str]) -> list[str]:
    """For IPython's input: a `%nemo` line of words that ends in `?` is a question to the editor, no wish for help.

    But `%nemo export?` is one, for help on that command.
    """
    if lines and lines[0].lstrip().startswith("%%"):
        return lines
    if any(quote in line for line in lines for quote in _LONG_QUOTES):
        return lines  # it may stand within a text
    return [_QUESTION.sub(_as_call, line) for line in lines]


def _as_call(found: re.Match[str]) -> str:
    words = found["words"]
    if asked := _ASKED.fullmatch(words):
        from nemo_notebook.notebook.commands.registry import COMMANDS

        words = f"help {asked[1]}" if asked[1] in COMMANDS else words
    return f"{found['left']}get_ipython().run_line_magic('nemo', {words!r})"


def _loaded(shell: Any) -> NemoMagics | None:
    return next((each for each in shell.configurables if isinstance(each, NemoMagics)), None)
