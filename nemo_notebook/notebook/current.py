"""The session that the magics of this notebook use: what is made in Python without one works on the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nemo_notebook.session.sync import Session, connect

if TYPE_CHECKING:
    from nemo_notebook.notebook.context import Context


def session_here() -> Session:
    """The current session of the magics, if they are loaded; a new one becomes theirs too."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    magics: Any = shell.magics_manager.registry.get("NemoMagics") if shell else None
    if magics is None:
        return connect()
    context: Context = magics.context
    if context.current is None:
        context.current = connect(magics.skill, magics.backend, language=magics.language)
    return context.current
