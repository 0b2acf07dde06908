"""The session that the magics of this notebook use: what is made in Python without one works on the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nemo_notebook.session.sync import Session, connect

if TYPE_CHECKING:
    from nemo_notebook.notebook.context import Context


def session_here() -> Session:
    """The current session of the magics, if they are loaded; a new one becomes theirs too."""
    magics = _magics_here()
    if magics is None:
        return connect()
    context: Context = magics.context
    if context.current is None:
        context.current = connect(magics.skill, magics.backend, language=magics.language)
    return context.current


def language_here(session: Session) -> str:
    """The language that the user has set, for the session or else for all of them: a tag, or `auto`."""
    if session.asked_language != "auto":
        return session.asked_language
    return getattr(_magics_here(), "language", "auto")


def _magics_here() -> Any:
    from IPython.core.getipython import get_ipython

    manager = getattr(get_ipython(), "magics_manager", None)
    return manager.registry.get("NemoMagics") if manager else None
