"""Names of uploads (their files, and the things that these are called after) and of titles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from nemo_notebook.agent.lexicon import Lexicon
from nemo_notebook.agent.tokens import Text
from nemo_notebook.film.draft import read_segments
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.phrasing import stem

_SPLIT: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")
_GENERIC: Final = frozenset(
    "the and for with img dsc mvi vid mov clip clips video videos photo photos picture image song music track audio "
    "final file new copy edit version my our you are not all one two off me is".split()
)
_LEAST: Final = 3  # letters of a word that stands for a file
_KINDS: Final = {"video": "file", "image": "file"}


def names_of(situation: Situation, words: Lexicon) -> list[tuple[str, str, Any]]:
    """What a message may call uploads and titles: the words, a concept, and its value.

    A clip or photo is a `file`, music a `song` and a voice recording `speech`; the value is the ids of the uploads that
    the words may mean. A title is a `title_text` with its id.
    """
    called: dict[tuple[str, str], list[str]] = defaultdict(list)
    for item in situation.media:
        concept = _KINDS.get(item.kind) or ("speech" if item.content == "speech" else "song")
        for name in _names(item, words, situation.spoken):
            ids = called[name, concept]
            if item.id not in ids:
                ids.append(item.id)
    found: list[tuple[str, str, Any]] = [(name, concept, tuple(ids)) for (name, concept), ids in called.items()]
    for segment in read_segments(situation.draft):
        text = Text(segment.text, situation.spoken).folded.strip()
        if segment.role == "title" and (len(text) > 1 or not text.isascii()) and text:
            found.append((text, "title_text", segment.id))
    return found


def _names(item: MediaItem, words: Lexicon, language: str) -> Iterable[str]:
    full, short, title = (Text(each, language).folded for each in (item.filename, stem(item.filename), item.title))
    yield from {full, short, short.replace("_", " "), title or short}
    for word in _SPLIT.split(short):
        if word.isdigit() and len(word) > 1:
            yield from {word, word.lstrip("0") or word}
        elif len(word) >= _LEAST and word not in _GENERIC and word.isascii():
            yield from {word, word.removesuffix("s") if len(word) > _LEAST + 1 else word}
        elif not word.isascii():
            yield word
        yield from words.same(word)
