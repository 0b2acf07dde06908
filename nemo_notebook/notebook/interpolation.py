"""Variables in what is typed: `{name}`, `{name.attribute}`, `{name[0]}` and `{name[key]}`.

Only braces around something that the user has are filled. All other braces (JSON, sets, code, templates), `$name`, `%`
and backslashes stay as they are typed. Doubled braces are let be: `{{name}}` gives `{name}`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from nemo_notebook.errors import UsageError
from nemo_notebook.outside import redact

_NAME: Final = r"[^\W\d]\w*+"
_FIELD: Final = re.compile(  # possessive, and from the first brace of a run only: linear whatever is typed
    rf"(?<!\{{)(?P<open>\{{++)(?P<what>(?P<name>{_NAME})(?P<path>(?:\.{_NAME}|\[[^\[\]{{}}\n]++\])*+))(?P<close>\}}++)"
)
_STEP: Final = re.compile(rf"\.(?P<attribute>{_NAME})|\[(?P<key>[^\[\]]+)\]")
_NO_VALUES: Final = (ModuleType, FunctionType, BuiltinFunctionType, MethodType, type)
_NOTHING: Final = object()
_PACKAGE: Final = __name__.partition(".")[0]
_HINT: Final = "Look at the variable, or double the braces to keep them: {{…}}"


def interpolate(text: str, names: Mapping[str, Any]) -> str:
    """Put variables into a text, each as `str` gives it.

    Args:
        text: What was typed.
        names: The user's variables.

    Raises:
        UsageError: A variable that there is has no such attribute or item, or cannot be written as text.
    """
    return _filled(text, names, _as_text)


def interpolate_word(word: str, names: Mapping[str, Any]) -> list[str]:
    """Put variables into one word of a command: a path, a name, an id.

    A word that is a list's field and nothing else gives a word for each of its items.

    Raises:
        UsageError: As `interpolate`; also for a list with an item that is neither a text nor a path.
    """
    found = _FIELD.fullmatch(word)
    if found and len(found["open"]) == len(found["close"]) == 1:
        items = _items(_value(found, names))
        if items is not None:
            if not items:
                raise UsageError(f"{{{found['what'][:60]}}} is empty.", hint="Fill it first.")
            return [_item_as_word(item, found["what"]) for item in items]
    return [interpolate_value(word, names)]


def interpolate_value(word: str, names: Mapping[str, Any]) -> str:
    """Put variables into a word that stays one, such as an option's value.

    Raises:
        UsageError: As `interpolate`.
    """
    return _filled(word, names, _as_word)


def is_value(value: object) -> bool:
    """Whether something can be put into a text: `{open}` in a sentence is no wish for IPython's function."""
    return not isinstance(value, _NO_VALUES)


def _filled(text: str, names: Mapping[str, Any], write: Callable[[Any], str]) -> str:
    def fill(found: re.Match[str]) -> str:
        if found["name"] not in names:
            return found[0]
        depth = min(len(found["open"]), len(found["close"]))
        kept = depth // 2  # of each pair of braces one stays, as in Python's own templates
        before, after = found["open"][depth - kept :], found["close"][depth - kept :]
        if depth % 2 == 0:
            return f"{before}{found['what']}{after}"
        value = _value(found, names)
        if not is_value(value):
            return found[0]
        try:
            return f"{before}{write(value)}{after}"
        except Exception as error:
            raise UsageError(
                f"{{{found['what'][:60]}}} cannot be written as text: {_why(error)}.", hint=_HINT
            ) from error

    return _FIELD.sub(fill, text) if "{" in text else text


def _value(found: re.Match[str], names: Mapping[str, Any]) -> Any:
    """What a field stands for; `_NOTHING` where its name is not the user's."""
    value = names.get(found["name"], _NOTHING)
    if value is _NOTHING:
        return value
    so_far = found["name"]
    for step in _STEP.finditer(found["path"]):
        try:
            value = getattr(value, step["attribute"]) if step["attribute"] else _item(value, step["key"])
        except Exception as error:
            raise UsageError(f"{so_far[:60]} has no {step[0][:60]} ({_why(error)}).", hint=_HINT) from error
        so_far += step[0]
    return value


def _item(value: Any, key: str) -> Any:
    """The item under a key as it is typed: a number is one, unless there is a text that looks like it."""
    bare = key.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"":
        return value[bare[1:-1]]
    if re.fullmatch(r"-?\d{1,18}", bare) and not (isinstance(value, Mapping) and bare in value):
        return value[int(bare)]
    return value[bare]


def _items(value: Any) -> list[Any] | None:
    """The items of a list, or of what pandas and numpy have for lists; None for anything else."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if type(value).__module__.partition(".")[0] in {"pandas", "numpy"} and getattr(value, "ndim", 0) == 1:
        return list(value.tolist())
    return None


def _item_as_word(item: Any, what: str) -> str:
    if not isinstance(item, (str, os.PathLike)) and not _is_ours(item):
        raise UsageError(
            f"{{{what[:60]}}} holds {_kind(item)}, and not only texts and paths.",
            hint="Choose those items that are meant.",
        )
    return _as_word(item)


def _as_text(value: Any) -> str:
    return str(value)


def _as_word(value: Any) -> str:
    """A path for what has one, an id for what has that, else its text."""
    if isinstance(value, (str, PurePath)):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if _is_ours(value):
        for name in ("path", "filename", "id"):
            if isinstance(part := getattr(value, name, None), (str, os.PathLike)):
                return os.fsdecode(part)
    return str(value)


def _is_ours(value: Any) -> bool:
    return type(value).__module__.partition(".")[0] == _PACKAGE


def _kind(value: Any) -> str:
    name = type(value).__name__
    return "nothing (None)" if value is None else f"a {name}"


def _why(error: Exception) -> str:
    return redact(f"{type(error).__name__}: {error}", 120)
