"""`%nemo apply`: a table edited with pandas, back into the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.notebook.grammar import Arguments, Command, Words
from nemo_notebook.notebook.nearest import nearest

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.results import Reply

_EXAMPLE: Final = "%nemo apply frame"
_TABLES: Final = frozenset({"DataFrame", "Timeline"})


async def _apply(call: Call, arguments: Arguments) -> Reply:
    names, (name,) = call.context.shell.user_ns, arguments.words
    if not _is_table(names.get(name)):
        raise UsageError(
            f"There is no table {name!r}.", hint=nearest(name, _tables(names)) or f"For example: {_EXAMPLE}"
        )
    return await (await call.session()).apply(names[name])


def _is_meant(rest: str, names: Mapping[str, Any]) -> bool:
    """Whether a variable is named, or a table with a slip; `%nemo apply a sepia filter` is for the editor."""
    return not rest or rest in names or nearest(rest, _tables(names)) is not None


def _is_table(value: object) -> bool:
    return type(value).__name__ in _TABLES


def _tables(names: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in list(names.items()) if _is_table(value) and not name.startswith("_"))


def _begun(begun: str) -> list[str]:
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return [name for name in _tables(shell.user_ns if shell else {}) if name.startswith(begun)]


COMMAND = Command(
    name="apply",
    about="Put a table that was edited with pandas back into the timeline.",
    run=_apply,
    words=Words("FRAME", choices=_begun),
    is_meant=_is_meant,
    example=_EXAMPLE,
    more=(
        "`FRAME` is a variable: a timeline's `frame`, changed in any column, sorted, rows dropped or appended. What "
        "cannot be done is told with its row or its edit, and then nothing is changed. An earlier timeline can be "
        "applied, too."
    ),
)
