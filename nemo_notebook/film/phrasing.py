"""How times, amounts and lists are written in each language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import PurePath
from typing import Any

from nemo_notebook.film.model import Language, MediaItem

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
