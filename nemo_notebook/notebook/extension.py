"""Loading and unloading of the IPython extension."""

from __future__ import annotations

import re
from typing import Any, Final

from nemo_notebook.notebook.completion import matcher
from nemo_notebook.notebook.magics import NemoMagics

# Results that a command shows itself; a cell that ends in one does not show it again.
_RESULTS: Final = (
    ("nemo_notebook.session.records", "Costs"),
    ("nemo_notebook.session.records", "Job"),
    ("nemo_notebook.session.records", "Jobs"),
    ("nemo_notebook.session.records", "Sessions"),
    ("nemo_notebook.session.results", "Credits"),
    ("nemo_notebook.session.results", "MediaList"),
    ("nemo_notebook.session.results", "Reply"),
    ("nemo_notebook.session.results", "Video"),
    ("nemo_notebook.session.sync", "Session"),
    ("nemo_notebook.timeline.timeline", "Timeline"),
    ("nemo_notebook.notebook.screen", "Bundle"),
    ("nemo_notebook.notebook.widgets.studio", "Studio"),
)

_QUESTION: Final = re.compile(r"^(?P<left>\s*(?:[A-Za-z_]\w*\s*=\s*)?)%nemo\s+(?P<words>\S.*\?)\s*$", re.DOTALL)


def load(shell: Any) -> None:
    """Bring the magic, its completion and its settings; a second time, nothing more."""
    if _loaded(shell) is not None:
        return
    magics = NemoMagics(shell)
    shell.register_magics(magics)
    shell.input_transformers_cleanup.append(keep_questions)
    shell.Completer.custom_matchers.append(matcher)
    shell.events.register("pre_run_cell", magics.context.screen.forget_shown)
    formatter = shell.display_formatter.ipython_display_formatter
    for module, name in _RESULTS:
        formatter.for_type_by_name(module, name, magics.context.screen.skip_shown)


def unload(shell: Any) -> None:
    """Take all of that back."""
    magics = _loaded(shell)
    if magics is None:
        return
    magics.context.close()
    shell.events.unregister("pre_run_cell", magics.context.screen.forget_shown)
    formatter = shell.display_formatter.ipython_display_formatter
    for module, name in _RESULTS:
        formatter.pop(f"{module}.{name}", None)
    shell.Completer.custom_matchers.remove(matcher)
    shell.input_transformers_cleanup.remove(keep_questions)
    shell.configurables.remove(magics)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("nemo", None)
    shell.magics_manager.registry.pop(NemoMagics.__name__, None)


def keep_questions(lines: list[str]) -> list[str]:
    """For IPython's input: a `%nemo` line of words that ends in `?` is a question to the editor, no wish for help."""
    if lines and lines[0].lstrip().startswith("%%"):
        return lines
    return [_QUESTION.sub(_as_call, line) for line in lines]


def _as_call(found: re.Match[str]) -> str:
    return f"{found['left']}get_ipython().run_line_magic('nemo', {found['words']!r})"


def _loaded(shell: Any) -> NemoMagics | None:
    return next((each for each in shell.configurables if isinstance(each, NemoMagics)), None)
