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

import re
import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import PurePath
from typing import Any, Final, TypeVar

from nemo_notebook.film.model import Language, MediaItem, language_of

_T = TypeVar("_T")

_LONGEST_TITLE = 40  # characters of a tag; what is longer lists or describes
_LISTED = re.compile(r";| / ")
_JUNK_WORDS = re.compile(
    r"\b(?:final|master(?:ed)?|mix(?:down)?|copy|export|v\d+|\d{2,3}\s?kbps|official|audio|video|hd|hq|download)\b",
    re.IGNORECASE,
)


@cache
def sentences_of(language: Language) -> dict[str, Any]:
    """The tables of a language's file of sentences."""
    return tomllib.loads(resources.files(__package__).joinpath("sentences", f"{language}.toml").read_text("utf-8"))


def form(name: str, language: Language) -> Any:
    """How a language writes something, from its table `[forms]`; as in English where it does not say."""
    return {**sentences_of("en")["forms"], **sentences_of(language).get("forms", {})}[name]


def seconds(ms: float, language: Language) -> str:
    """A length of time: `2 s`, `1.5 s`, `2:05`; `2 秒` in Chinese."""
    if ms >= 100_000:
        return clock(ms)
    return str(form("seconds", language)).format(f"{ms / 1000:.1f}".removesuffix(".0"))


def a_long(ms: float) -> str:
    """An English length of time with its article: `a 10 s`, `an 8 s`."""
    told = seconds(ms, "en")
    return f"{'an' if re.match(r'8|1[18](?![0-9])', told) else 'a'} {told}"


def clock(ms: float) -> str:
    """A time on the timeline as minutes and seconds: `0:05`, `1:02.5`."""
    tenths = round(ms / 100)
    minutes, rest = divmod(tenths, 600)
    text = f"{minutes}:{rest // 10:02d}"
    return f"{text}.{rest % 10}" if rest % 10 else text


def percent(amount: float) -> str:
    """A volume of 0–1 as percent."""
    return f"{round(amount * 100)}%"


def quoted(text: str, language: Language) -> str:
    """Words of the user, in the quotation marks of the language."""
    return str(form("quoted", language)).format(text)


def joined(parts: Sequence[str], language: Language, how: str = "and") -> str:
    """Parts as an enumeration in a language: what stands between them, and before the last one."""
    comma, last = form(how, language)
    return str(last.join([comma.join(parts[:-1]), *parts[-1:]] if len(parts) > 1 else parts))


def mood_label(name: str, language: Language) -> str:
    """The name of a kind of composed music."""
    from nemo_notebook.music import MOODS

    own, known = sentences_of(language).get("words", {}).get("mood", {}), MOODS.get(name)
    return str(own.get(name) or getattr(known, f"label_{language}", getattr(known, "label_en", name)))


def sentence_list(parts: Sequence[str], language: Language) -> str:
    """Whole sentences as one paragraph."""
    return str(form("between", language)).join(parts)


def stem(filename: str) -> str:
    """A file's name without folders and ending."""
    return PurePath(filename.replace("\\", "/")).stem or filename


def nice_title(item: MediaItem) -> str:
    """What a song or clip is called: its tag if that is a title and no list, else its file name, tidied up."""
    tag = item.title.strip()
    if 0 < len(tag) <= _LONGEST_TITLE and not _LISTED.search(tag):
        return tag
    words = re.sub(r"[_\s]+", " ", stem(item.filename)).strip()
    short = re.sub(r"^\d{1,3}\s*[.\-)]?\s+(?=\S)", "", words)
    short = re.sub(r"[(\[]\s*\d*\s*[)\]]", " ", _JUNK_WORDS.sub(" ", short.replace("-", " ")))
    short = " ".join(short.split()) or words
    return short.title() if short == short.lower() else short


_FALLBACK: Final = "en"
_Writers = dict[str, Callable[..., str]]
_WRITTEN: Final[_Writers] = {"": str, "clock": clock, "percent": percent, "a_long": a_long}
_BY_LANGUAGE: Final[_Writers] = {"seconds": seconds, "quoted": quoted, "mood": mood_label}


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


def refuse_if(condition: object, key: str, field: str = "", /, **values: object) -> None:
    """Refuse an edit where a condition holds, by the sentence of a key and the field that it is about.

    Raises:
        NotPossible: It holds.
    """
    if condition:
        raise NotPossible(Told(key, **values), field)


def needed(value: _T | None, key: str, field: str = "", /) -> _T:
    """A value; without it the edit is refused, as by `refuse_if`."""
    if value is None:
        raise NotPossible(Told(key), field)
    return value


def tell(told: Told | str | Sequence[Told], language: str) -> str:
    """Write sentences in a language (a tag such as `zh-CN`); in English where there is none of it."""
    name = language_of(language)
    if isinstance(told, str):
        return told
    if not isinstance(told, Told):
        return sentence_list([tell(each, name) for each in told], name)
    if isinstance(told.key, Mapping):
        template = told.key.get(name) or told.key[_FALLBACK]
    else:
        table, _, key = told.key.partition(".")
        template = sentences_of(name).get(table, {}).get(key) or sentences_of(_FALLBACK)[table][key]
    return _Writer(name).vformat(template, (), told.values)


def words_of(table: str, language: Language = _FALLBACK) -> Mapping[str, str]:
    """The values of a table of `[words]` with their names, in English what the language lacks; empty without one."""
    usual, own = (sentences_of(each).get("words", {}).get(table, {}) for each in (_FALLBACK, language))
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
            return joined([self.format_field(each, "") for each in value], self._language, format_spec)
        if format_spec in _WRITTEN:
            return _WRITTEN[format_spec](value)
        if format_spec in _BY_LANGUAGE:
            return _BY_LANGUAGE[format_spec](value, self._language)
        known = words_of(format_spec, self._language)
        return known.get(str(value), str(value)) if known else format(value, format_spec)
