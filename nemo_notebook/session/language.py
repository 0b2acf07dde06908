"""The language of the talk: what a cell asks for, what a session says, and what the agent says, made fit to be shown.

`say` gives the session's own sentences from `words/en.toml` and `words/zh.toml`.

`classify` finds the intent of a text: it is an action only if *all* of it asks for that action. So `send me the video
as mp4` is an export and `make the export button red in the title` is an edit. A text that asks for two things, such as
`trim it to 10 s and export it`, goes to the chat whole: an edit must not be lost for an export.

`PhraseFilter` rewrites replies as they stream in. The agent believes that its user has a web page: phrases about that
page are replaced by words that hold in a notebook; quoted text is left alone, secrets are struck out
(`StruckWords`). Both read whole words, so the result does not depend on where the stream was cut.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

from nemo_notebook import media_types
from nemo_notebook.agent.lexicon import errand_of
from nemo_notebook.outside import strike

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
    return tomllib.loads(resources.files(__package__).joinpath("words", f"{language}.toml").read_text(encoding="utf-8"))


_LONGEST_ACTION: Final = 300  # characters; whoever says more than that means more than one action
_LONGEST_UPLOAD: Final = 10_000  # a list of files may be long; whoever pastes more than that wants to say it
_QUOTES: Final = '"“”「」『』«»„'
_END: Final = " \t\r\n.。．!！?？,，;；"
_SUFFIXES: Final = "|".join((*media_types.TYPES, "jpeg"))

_TYPES: Final = "mp4|mov|mkv|webm|avi|gif|mp3|wav|m4a|aac|jpe?g|png|webp|midi?"  # what can be exported
_PATH_WORD: Final = re.compile(rf"(?:https?://[^\s\"“”<>]+|\S*[^\s.]\.(?:{_SUFFIXES}))", re.IGNORECASE)
_ANY_PATH_WORD: Final = re.compile(
    r"https?://[^\s\"“”<>]+|\S*[^\s.]\.[A-Za-z]\w{1,4}|\S*[\\/]\S*|\S*\*\S*", re.IGNORECASE
)
_ONE_PATH: Final = re.compile(rf"(?:[A-Za-z]:[\\/]|[\\/~][^\s\\/]*[\\/])[^\n\"*?<>|]+\.(?:{_SUFFIXES})", re.IGNORECASE)
_UPLOAD: Final = re.compile(
    r"(?:(?:please|can you|could you)\s+)?upload(?:\s+(?:the|this|my)\s+file)?\s+(?P<en>.+)"
    r"|(?:请|帮我|请帮我)?上传(?:一下)?(?:这个)?(?:文件)?[\s：:]*(?P<zh>.+)",
    re.IGNORECASE | re.DOTALL,
)
_ARGUMENT: Final = re.compile(r"\"([^\"\n]+)\"|“([^”\n]+)”|「([^」\n]+)」|(?<!\S)'([^'\n]+)'(?!\S)|([^\s\"“”「」]+)")
_JOINING: Final = frozenset("and & + , ， 、 和 与".split())

_TO_PATH: Final = re.compile(
    r"(?P<verb>.+?)\s*(?:\s(?:to|as|into|under|in)\s+(?:the\s+file\s+)?|到|为|成|至)\s*"
    rf"(?P<q>[\"“「]?)(?P<path>[^\"“”「」\n]*[^\"“”「」\s.]\.(?P<suffix>{_TYPES}))[\"”」]?"
    r"(?P<how>(?:\s+(?:in|at|as|please|now)(?:\s+(?:an?\s+)?(?:720p|1080p|4k|(?P=suffix)))?){0,2})",
    re.IGNORECASE,
)
_BARE_PATH: Final = re.compile(  # `export film.mp4 please`
    rf"(?P<verb>.+?)\s+(?P<path>[^\"“”「」\s]*[^\"“”「」\s.]\.(?P<suffix>{_TYPES}))(?P<q>)(?P<how>(?:\s+\S+)*)",
    re.IGNORECASE,
)
_FORMAT: Final = re.compile(rf"(?<![a-z0-9])({_TYPES})(?![a-z0-9])")
_RESOLUTION: Final = re.compile(r"(?<![a-z0-9])(720p?|1080p?|4k|2160p?)(?![a-z0-9])")
_RESOLUTIONS: Final = {"720": "720p", "1080": "1080p", "2160": "4k", "2160p": "4k"}


@dataclass(frozen=True, slots=True)
class Intent:
    """What a text asks for.

    Attributes:
        action: `export`, `credits`, `status`, `upload` or `chat`.
        arguments: For an upload, the paths and addresses named.
        format: For an export, the format named, if any.
        resolution: For an export, the resolution named, if any.
        path: For an export, the file that it is to go to, if one is named.
    """

    action: str
    arguments: tuple[str, ...] = ()
    format: str | None = None
    resolution: str | None = None
    path: str | None = None


def classify(text: str) -> Intent:
    """The intent of a text, in English or Chinese. Whatever is not all about one action is chat."""
    bare = text.strip().rstrip(_END)
    if len(bare) > _LONGEST_UPLOAD:
        return Intent("chat")
    if uploads := _uploads(bare):
        return Intent("upload", uploads)
    if not bare or len(bare) > _LONGEST_ACTION:
        return Intent("chat")
    if not any(mark in bare for mark in _QUOTES):
        action = errand_of(_simplified(bare))
        if action not in ("", "export"):
            return Intent(action)
    return _export(bare) or Intent("chat")


def _simplified(text: str) -> str:
    """Lower case, plain signs, single spaces, and none between Chinese and other words."""
    text = " ".join(unicodedata.normalize("NFKC", text).lower().replace("’", "'").split())
    text = re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", text)
    return re.sub(r"(?<=[^\x00-\x7f])[,、~](?=[^\x00-\x7f])", "", text).strip(" ,~")


def _export(text: str) -> Intent | None:
    path = suffix = None
    if found := _TO_PATH.fullmatch(text) or _BARE_PATH.fullmatch(text):
        path, suffix, is_quoted = found["path"].strip(), found["suffix"].lower(), bool(found["q"])
        if (" " in path and not is_quoted and not _ONE_PATH.fullmatch(path)) or "://" in path:
            return None
        text = found["verb"] + found["how"]
    if any(mark in text for mark in _QUOTES):
        return None
    said = _simplified(text)
    if errand_of(said) != "export":
        return None
    formats = set(_FORMAT.findall(said))
    sizes = {_RESOLUTIONS.get(size, size) for size in _RESOLUTION.findall(said)}
    if len(formats) > 1 or len(sizes) > 1 or (suffix and formats - {suffix}):
        return None
    return Intent("export", format=next(iter(formats), None), resolution=next(iter(sizes), None), path=path)


def _uploads(text: str) -> tuple[str, ...]:
    """The files of a text that is nothing but files, or an order to upload them."""
    order = _UPLOAD.fullmatch(text)
    files = (order["en"] or order["zh"]).strip() if order else text
    if _ONE_PATH.fullmatch(files) and len(re.findall(rf"\.(?:{_SUFFIXES})(?!\w)", files, re.IGNORECASE)) == 1:
        return (files,)
    pattern = _ANY_PATH_WORD if order else _PATH_WORD
    named: list[str] = []
    end = 0
    for found in _ARGUMENT.finditer(files):
        if files[end : found.start()].strip():
            return ()
        end = found.end()
        quoted = next((group for group in found.groups()[:-1] if group), "")
        word = quoted or found[0].rstrip(",，、")
        if not quoted and found[0] in _JOINING:
            continue
        if not (_PATH_WORD.fullmatch(re.sub(r"\s", "_", word)) if quoted else pattern.fullmatch(word)):
            return ()
        named.append(word)
    return () if files[end:].strip() else tuple(named)


LONGEST_WORD: Final = 400  # characters of a word that are held back at most
LONGEST_SECRET: Final = 2000  # the same where it may be a secret; what is longer is cut there
_KEPT: Final = 24  # of a word that is too long: more than the beginning of any secret

_NAMES: Final = (
    r"(?:authorization|x-auth-token|cookie|token|secret|passw(?:or)?d|passphrase"
    r"|(?:api|access|private|secret)[-_]?key|signature|credential|key-pair-id)"
)
_WORD: Final = re.compile(r"[^\s\u2e80-\U0010ffff]+")  # Chinese has no spaces: its characters stand for themselves
_OTHER: Final = re.compile(r"[\s\u2e80-\U0010ffff]+")
_LINE: Final = re.compile(r"[^\n]*")
_VALUE: Final = re.compile(r"\s*[^\n]*")
_SUSPECT: Final = re.compile(
    rf"(?i)nmv_|clm_|sk-|eyJ|:[\\/]|[?&#;][\w.~\[\]%-]*(?:=|%3D)|%3F|%26|\\u0026|/files|bearer|auth=|{_NAMES}"
)
_AWAITS_ITS_VALUE: Final = re.compile(rf"(?i)(?:bearer|{_NAMES})[\\\"'`*]*\s*[:=]?\s*\Z")
_NAMED: Final = re.compile(rf"(?i){_NAMES}[\\\"'`*]{{0,4}}\s{{0,8}}[:=]")


class StruckWords:
    """The whole words of a text that comes in pieces; they do not depend on where it was cut."""

    def __init__(self) -> None:
        self._rest = ""
        self._left_out: re.Pattern[str] | None = None  # how far the rest of a secret that was cut goes

    def feed(self, piece: str) -> list[str]:
        """Take the next piece; give the words, spaces and signs that are complete, secrets struck out."""
        return self._read(self._rest + piece, is_all=False)

    def flush(self) -> list[str]:
        """The rest, when nothing more comes."""
        return self._read(self._rest, is_all=True)

    def _read(self, text: str, *, is_all: bool) -> list[str]:
        words: list[str] = []
        start = 0
        while start < len(text):
            if self._left_out is not None:
                start = _end(self._left_out, text, start, len(text))
                if start == len(text):
                    break
                self._left_out = None
            taken = self._take(text, start, is_all)
            if taken is None:
                break
            word, start = taken
            words.append(word)
        self._rest = text[start:]
        return words

    def _take(self, text: str, start: int, is_all: bool) -> tuple[str, int] | None:
        """The word that starts here and where it ends, or None as long as it may go on."""
        if other := _OTHER.match(text, start):
            return other[0], other.end()
        end = _end(_WORD, text, start, start + LONGEST_WORD)
        word = text[start:end]
        if end == len(text) and len(word) < LONGEST_WORD and not is_all:
            return None
        if _SUSPECT.search(word):
            return self._take_secret(text, start, is_all)
        return (word, end) if len(word) < LONGEST_WORD else (word[:-_KEPT], end - _KEPT)

    def _take_secret(self, text: str, start: int, is_all: bool) -> tuple[str, int] | None:
        """The same for a word that may be a secret or name one: with its line, and the next if its value is there."""
        limit = start + LONGEST_SECRET
        end = _end(_LINE, text, start, limit)
        if _AWAITS_ITS_VALUE.search(text, max(start, end - 2 * _KEPT), end):
            further = _end(_VALUE, text, end, limit)
            if further == len(text) < limit and not is_all:
                return None
            if not _AWAITS_ITS_VALUE.search(text, max(end, further - 2 * _KEPT), further):
                end = further  # else that line is looked at afresh
        if end == limit:
            self._left_out = _LINE if _NAMED.search(text, start, end) else _WORD
            return strike(text[start:end]).removesuffix("…") + "…", end
        return (strike(text[start:end]), end) if is_all or end < len(text) else None


def _end(pattern: re.Pattern[str], text: str, start: int, limit: int) -> int:
    found = pattern.match(text, start, limit)
    return found.end() if found else start


_ING: Final = {"run": "running", "ask": "asking", "see": "seeing", "name": "naming"}
_WORD_ENDS: Final = r"(?:(?<![0-9A-Za-zÀ-ɏ])|(?![0-9A-Za-zÀ-ɏ-]))"
_ATOM: Final = re.compile(
    r"(\(\?[-i]*:|[()|]|[?*+]\??|\{\d+(?:,\d+)?\}\??)|\[(?:\\.|[^\]\\])*\]|\\.|[A-Za-z]+(?![?*+{])|[^\\]"
)


class Rules:
    """Kinds of phrases, and what is said instead of them.

    Args:
        sources: Expressions with the words that replace what they fit; of several that fit, the first counts.

    Attributes:
        beginning: Fits, as a whole, a text that is such a phrase or the beginning of one.
    """

    def __init__(self, sources: Iterable[tuple[str, str]]) -> None:
        self._rules: list[tuple[re.Pattern[str], str]] = []
        beginnings = []
        for source, words in sources:
            while (expanded := re.sub(r"<(\w+)>", lambda part: f"(?:{_parts()[part[1]]})", source)) != source:
                source = expanded  # noqa: PLW2901 - parts hold parts
            whole = _ATOM.sub(lambda atom: "[ \xa0]" if atom[0] == " " else atom[0], source)
            self._rules.append((re.compile(whole + _WORD_ENDS, re.IGNORECASE), words))
            beginnings.append(_ATOM.sub(_as_far_as_it_goes, source).replace("(?: |", "(?:[ \xa0]|"))
        self.beginning = re.compile("|".join(beginnings), re.IGNORECASE)

    def find(self, text: str) -> tuple[str, str]:
        """The phrase that a text begins with, and the words instead of it; empty if there is none."""
        for whole, words in self._rules:
            if found := whole.match(text):
                return found[0], found[0] if words == "{0}" else _said(found, words)
        return "", ""


@functools.cache
def read_rules(language: str) -> Rules:
    """The phrases of a language about a web page."""
    return Rules(read_words(language)["page"]["rules"])


@functools.cache
def read_endings() -> Rules:
    """What may follow a phrase and belongs to it."""
    return Rules([read_words("en")["page"]["behind"]])


@functools.cache
def _parts() -> dict[str, str]:
    return {**read_words("en")["page"]["parts"], **read_words("zh")["page"]["parts"]}


def _as_far_as_it_goes(atom: re.Match[str]) -> str:
    if atom[1]:
        return "(?:" if atom[1] == "(" else atom[1]
    return rf"(?:{atom[0]}|\Z)"


def _said(phrase: re.Match[str], words: str) -> str:
    """The words for a phrase, with its parts put in, in the form of its verb and as large as it begins."""

    def filled(place: re.Match[str]) -> str:
        return phrase[int(place[1])] or place[2] or ""

    said = re.sub(r"\{(\d)(?:\|([^}]*))?\}", filled, words)
    verb, space, rest = said.partition(" ")
    if verb in _ING and phrase[0].split()[0].lower().endswith("ing"):
        said = _ING[verb] + space + rest
    return said[:1].upper() + said[1:] if phrase[0][:1].isupper() else said


LONGEST_WAIT: Final = 400  # characters that are held back at most, for a phrase

_WORD_OR_SIGN: Final = re.compile(
    r"['’](?:em|til|tis|twas|cause|\d0s)(?![0-9A-Za-z])"
    r"|[0-9A-Za-zÀ-ɏ]+(?:['’-][0-9A-Za-zÀ-ɏ]+)*|`+|.",
    re.DOTALL | re.IGNORECASE,
)
_CLOSING: Final = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "«": "»", "„": "“", '"': '"', "'": "'"}
_LEFT_OF_CLOSING: Final = re.compile(r"[0-9A-Za-zÀ-ɏ)\]]\Z")  # there a straight quote is an inch or an apostrophe


def translate(text: str) -> str:
    """A whole passage with the page's phrases replaced and secrets struck out, quoted text untouched."""
    phrases = PhraseFilter()
    return phrases.feed(text) + phrases.flush()


class PhraseFilter:
    """The same for text that comes in pieces: what may still become a phrase or a secret is held back, no more."""

    def __init__(self) -> None:
        self._words = StruckWords()
        self._before = ""  # the last character that was read
        self._closing = ""  # the sign that ends the quotation, within one
        self._held = ""
        self._rules: Rules | None = None  # those whose phrases begin as what is held back does
        self._shown: list[str] = []
        self._ends_in_command = False
        self._follows_phrase = False

    def feed(self, piece: str) -> str:
        """Take the next piece; give what can be shown now."""
        for word in self._words.feed(piece):
            self._read(word)
        return self._take_shown()

    def flush(self) -> str:
        """The rest, when nothing more comes."""
        for word in self._words.flush():
            self._read(word)
        while self._held:
            self._read(self._settle())
        return self._take_shown()

    def _take_shown(self) -> str:
        shown = "".join(self._shown)
        self._shown.clear()
        return shown

    def _read(self, text: str) -> None:
        words = _WORD_OR_SIGN.findall(text)[::-1]
        while words:
            word = words.pop()
            if self._rules:
                self._held += word
                if len(self._held) > LONGEST_WAIT or not self._rules.beginning.fullmatch(self._held):
                    words += _WORD_OR_SIGN.findall(self._settle())[::-1]
            elif rules := self._beginning_with(word):
                self._held, self._rules = word, rules
            else:
                self._show(word)

    def _settle(self) -> str:
        """Show what is said for the phrase that is held back, or its first word if it is none; give what is left."""
        held, rules = self._held, self._rules
        self._held, self._rules = "", None
        phrase, words = rules.find(held) if rules else ("", "")
        if phrase:
            self._say(words, phrase)
            return held[len(phrase) :]
        first = _WORD_OR_SIGN.match(held)
        assert first is not None  # any character is a word
        self._show(first[0])
        return held[first.end() :]

    def _beginning_with(self, word: str) -> Rules | None:
        rules = read_rules("zh" if word[0] >= "\u2e80" else "en")
        if self._follows_phrase and read_endings().beginning.fullmatch(word):
            rules = read_endings()
        return rules if rules.beginning.fullmatch(word) and not self._closing else None

    def _show(self, word: str) -> None:
        is_glued = self._ends_in_command and word[0].isalnum()
        self._shown.append(f" {word}" if is_glued else word)
        self._ends_in_command = self._follows_phrase = False
        self._move(word)

    def _say(self, words: str, phrase: str) -> None:
        is_glued = words.startswith("`") and self._before.isalnum()
        self._shown.append(f" {words}" if is_glued else words)
        self._ends_in_command = words.endswith("`") or (self._ends_in_command and not words)
        self._follows_phrase = words not in ("", phrase)
        self._before = phrase[-1]

    def _move(self, word: str) -> None:
        """Go past a word, into a quotation or out of it."""
        is_fence = self._closing.startswith("```")
        if self._closing:
            ends = word == self._closing or (word.startswith(self._closing) if is_fence else word == "\n")
            self._closing = "" if ends else self._closing
        elif word[0] == "`" or (word in _CLOSING and not (word in "\"'" and _LEFT_OF_CLOSING.search(self._before))):
            self._closing = _CLOSING.get(word, word)
        self._before = word[-1]
