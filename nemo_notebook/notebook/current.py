"""The session that the magics of this notebook use: what is made in Python without one works on the same."""

from __future__ import annotations

from nemo_notebook.session.sync import Session, connect


def session_here() -> Session:
    """The current session of the magics, if they are loaded; a new one becomes theirs too."""
    from IPython.core.getipython import get_ipython

    from nemo_notebook.notebook.magics import NemoMagics

    shell = get_ipython()
    magics = next((each for each in getattr(shell, "configurables", ()) if isinstance(each, NemoMagics)), None)
    if magics is None:
        return connect()
    context = magics.context
    if context.current is None:
        context.current = connect(magics.skill, magics.backend, language=magics.language)
    return context.current
