"""What a cell of plain words asks for.

By intent, not by the mere presence of a word: a text is an action only if *all* of it asks for that action; so
`send me the video as mp4` is an export and `make the export button red in the title` is an edit. A text that asks for
two things, such as `trim it to 10 s and export it`, goes to the chat whole: an edit must not be lost for an export.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from nemo_notebook import media_types
from nemo_notebook.agent.lexicon import errand_of

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
