"""Loading and unloading of the IPython extension."""

from __future__ import annotations

from typing import Any, Final

from nemo_notebook.notebook.completion import matcher
from nemo_notebook.notebook.magics import NemoMagics

# Results that a command shows itself; a cell that ends in one does not show it again.
_RESULTS: Final = (
    ("nemo_notebook.session.results", "Credits"),
    ("nemo_notebook.session.results", "MediaList"),
    ("nemo_notebook.session.results", "Reply"),
    ("nemo_notebook.session.results", "Video"),
    ("nemo_notebook.session.sync", "Session"),
    ("nemo_notebook.timeline.timeline", "Timeline"),
    ("nemo_notebook.notebook.screen", "Bundle"),
    ("nemo_notebook.notebook.widgets.studio", "Studio"),
)


def load(shell: Any) -> None:
    """Bring the magic, its completion and its settings; a second time, nothing more."""
    if _loaded(shell) is not None:
        return
    magics = NemoMagics(shell)
    shell.register_magics(magics)
    shell.configurables.append(magics)
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
    shell.configurables.remove(magics)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("nemo", None)
    shell.magics_manager.registry.pop(NemoMagics.__name__, None)


def _loaded(shell: Any) -> NemoMagics | None:
    return next((each for each in shell.configurables if isinstance(each, NemoMagics)), None)
