"""What edits did, in words: templates by language, filled with values that are written as the language writes them.

The templates are data: `sentences/`, a file for each language, a table for each edit. What a language lacks is said in
English. A template is a format string; what stands behind a colon says how a value is written:

    {name}              as it is; another `Told` in its language
    {at:clock}          milliseconds as a time of the film: 0:05
    {long:seconds}      milliseconds as a length: 2.5 s
    {volume:percent}    0.35 as 35%
    {text:quoted}       in the quotation marks of the language
    {names:and}         a list with a last "and"; `with` for two things in Chinese; `commas` without one; `clauses`
                        of what has a verb
    {color:color}       `#ffd700` as gold, by the table `[words.color]`
    {mood:mood}         the name of a kind of music
    {look:filter}       a word of the table `[words.filter]`
    {n:+shot|shots}     a number with its noun;  {n:is|are}  only the form
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nemo_notebook.film import phrasing
from nemo_notebook.film.model import Language, language_of

_FALLBACK: Final = "en"
_Writers = dict[str, Callable[..., str]]
_WRITTEN: Final[_Writers] = {"": str, "clock": phrasing.clock, "percent": phrasing.percent, "a_long": phrasing.a_long}
_BY_LANGUAGE: Final[_Writers] = {"seconds": phrasing.seconds, "quoted": phrasing.quoted, "mood": phrasing.mood_label}


class Told:
    """A sentence about a film, in no language yet.

    Args:
        key: Table and name of its template, such as `add_title.added`; or the templates themselves by language, for
            an edit that is defined elsewhere.
        values: What the template is filled with.
    """

    __slots__ = ("key", "values")

    def __init__(self, key: str | Mapping[str, str], **values: object) -> None:
        self.key = key
        self.values: Mapping[str, object] = values

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and (self.key, self.values) == (other.key, other.values)

    def __hash__(self) -> int:
        return hash(repr(self.key))

    def __repr__(self) -> str:
        return f"Told({self.key!r}, {self.values!r})"


class NotPossible(Exception):
    """An edit cannot be made to this film.

    Args:
        told: Why, as a whole sentence.
        field: The field of the edit that it is about, if it is about one.
    """

    def __init__(self, told: Told | str, field: str = "") -> None:
        super().__init__(told if isinstance(told, str) else str(told.key))
        self.told = told
        self.field = field

    def __str__(self) -> str:
        return tell(self.told, _FALLBACK)


def tell(told: Told | str | Sequence[Told], language: str) -> str:
    """Write sentences in a language (a tag such as `zh-CN`); in English where there is none of it."""
    name = language_of(language)
    if isinstance(told, str):
        return told
    if not isinstance(told, Told):
        return phrasing.sentence_list([tell(each, name) for each in told], name)
    if isinstance(told.key, Mapping):
        template = told.key.get(name) or told.key[_FALLBACK]
    else:
        table, _, key = told.key.partition(".")
        template = phrasing.sentences_of(name).get(table, {}).get(key) or phrasing.sentences_of(_FALLBACK)[table][key]
    return _Writer(name).vformat(template, (), told.values)


def words_of(table: str, language: Language = _FALLBACK) -> Mapping[str, str]:
    """The values of a table of `[words]` with their names, in English what the language lacks; empty without one."""
    usual, own = (phrasing.sentences_of(each).get("words", {}).get(table, {}) for each in (_FALLBACK, language))
    return {**usual, **own}


class _Writer(string.Formatter):
    """Fills templates of one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, Told):
            return tell(value, self._language)
        if "|" in format_spec:
            one, many = format_spec.removeprefix("+").split("|")
            form = one if value == 1 else many
            return f"{value} {form}" if format_spec.startswith("+") else form
        if format_spec in ("and", "with", "clauses", "commas"):
            return phrasing.joined([self.format_field(each, "") for each in value], self._language, format_spec)
        if format_spec in _WRITTEN:
            return _WRITTEN[format_spec](value)
        if format_spec in _BY_LANGUAGE:
            return _BY_LANGUAGE[format_spec](value, self._language)
        known = words_of(format_spec, self._language)
        return known.get(str(value), str(value)) if known else format(value, format_spec)
