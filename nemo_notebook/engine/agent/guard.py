"""Ask before something of the user's goes, unless the message says so itself.

An edit that takes material away, or cuts the whole film anew, needs a verb and an object of its own in the message, and
no word that was not meant by them; else one question names what would be lost.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Set
from functools import cache
from importlib import resources
from typing import Final, cast

from nemo_notebook.engine.agent.losses import losses
from nemo_notebook.engine.agent.words.languages import HAN
from nemo_notebook.engine.agent.words.mood_words import MOOD_WORDS, NEAREST
from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.films import MakeVideo, Recut
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.phrasing import stem
from nemo_notebook.film.telling import Told, tell

_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|'[^']{2,}'|《[^》]*》|「[^」]*」")
_NUMBERS: Final = re.compile(
    r"\d[\d:.,%]*\s*(?:st|nd|rd|th|s|sec|secs|seconds?|min|minutes?|ms|bpm|beats?|bars?|x|秒|分钟?|拍|%)?(?![a-z])"
)
_YES: Final = re.compile(
    r"(?:(?:yes|yep|yeah|yup|sure|ok(?:ay)?|please|do it|go ahead|go on|of course|confirm(?:ed)?|right)[\s,.!]*){1,3}"
    r"|(?:是的?|好的?|可以|确定|确认|对|行|嗯|没错|继续|要)+[吧啊呀的，。！!]*"
)
_WORD: Final = re.compile(r"[a-z][a-z'-]*")


def question_before(message: str, edits: tuple[Edit, ...], before: Json, after: Json, situation: Situation) -> str:
    """The question to ask before some edits are made; empty where none is needed."""
    if not any(edit.removes for edit in edits):
        return ""
    is_recut = any(isinstance(edit, (MakeVideo, Recut)) for edit in edits)
    lost = losses(before, after, situation, is_recut=is_recut)
    if not lost or _says_so(message, lost, situation.media):
        return ""
    kinds = [Told(f"losses.{kind}", names=names) for kind, names in lost.items()]
    return tell(Told("losses.question", what=Told("target.list", names=kinds)), situation.spoken)


def says_yes(message: str) -> bool:
    """Whether a message is nothing but a yes."""
    return _YES.fullmatch(message.strip().lower()) is not None


def _says_so(message: str, lost: Mapping[str, Told], media: tuple[MediaItem, ...]) -> bool:
    """Whether a message has a verb and an object for what is lost, and nothing else."""
    text = _QUOTED.sub(" ", message.lower())
    is_chinese = HAN.search(text) is not None
    words = dict(_words("zh" if is_chinese else "en"))
    going = {str(name).lower() for told in lost.values() for name in cast("list[str]", told.values.get("names", []))}
    is_named, said = False, text
    for name in sorted(
        {n.lower() for item in media for n in (item.filename, stem(item.filename), item.title) if n},
        key=len,
        reverse=True,
    ):
        is_meant = stem(name) in going or name in going or _has(text, words["keeps"])
        is_named = is_named or (is_meant and name in text)
        text = text.replace(name, " ")
    text = _NUMBERS.sub(" ", text)
    for _, kind in (*MOOD_WORDS, *NEAREST) if "song" in lost else ():  # what is wished for in its place
        text = kind.sub(" ", text)
    if any(idiom in text for idiom in words["idioms"]):
        return True
    is_only_cut = set(lost) <= {"cut"}  # `faster cuts`: what is wished for is said without a verb
    verbs = words["verbs"] | words["pace"] if is_only_cut else words["verbs"]
    objects = set().union(*(words[kind] for kind in lost), words["song"] if is_only_cut else ())
    anything = words["song"] | words["speech"] | words["title"] | words["shot"] | words["cut"] | words["pace"]
    known = verbs | anything | words["fillers"] | words["removals"] | words["others"]
    rest = _left_over(text, known) if is_chinese else set(_WORD.findall(text)) - known
    has_object = is_named or _has(said, objects) or _has(text, words["removals"])  # `remove it`, or `delete` alone
    has_object = has_object or (_has(text, words["keeps"]) and _NUMBERS.search(message.lower()) is not None)
    has_object = has_object or (is_only_cut and _has(text, words["comparatives"]))  # `faster` alone is about the cut
    return (_has(text, verbs | words["removals"]) and has_object) and not rest


def _has(text: str, words: Set[str]) -> bool:
    """Whether a text has one of some words; Chinese has no spaces between them."""
    return any(w in text for w in words) if HAN.search(text) else not words.isdisjoint(_WORD.findall(text))


def _left_over(text: str, known: Set[str]) -> set[str]:
    """What is left of a Chinese text without words that are known; the longest are taken out first."""
    for word in sorted(known, key=len, reverse=True):
        text = text.replace(word, " ")
    return set(HAN.findall(text))


@cache
def _words(language: str) -> dict[str, frozenset[str]]:
    text = resources.files(__package__).joinpath("guard.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text)[language]
    return {key: frozenset(words if isinstance(words, list) else words.split()) for key, words in lists.items()}
