"""The words of a session in each language, from `en.toml` and `zh.toml`."""

from __future__ import annotations

import functools
import re
import tomllib
from importlib import resources
from typing import Any, Final

_HANZI: Final = re.compile(r"[\u4e00-\u9fff]")
_QUOTED: Final = re.compile(r"\"[^\"\n]*\"|“[^”\n]*”|「[^」\n]*」|『[^』\n]*』|《[^》\n]*》")


def is_chinese(text: str) -> bool:
    """Whether a message is answered in Chinese; what it quotes, such as a title, does not count beside other words."""
    said = _QUOTED.sub(" ", text)
    return _HANZI.search(said if re.search(r"\w", said) else text) is not None


def say(what: str, *, chinese: bool, **values: str) -> str:
    """A sentence by its key, with its values."""
    sentence: str = read_words("zh" if chinese else "en")["sentences"][what]
    return sentence.format(**values)


@functools.cache
def read_words(language: str) -> dict[str, Any]:
    """The file of a language: its sentences, and the phrases about a web page that it replaces."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
