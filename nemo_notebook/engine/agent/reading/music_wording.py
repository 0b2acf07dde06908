"""Music that is asked for without the word: `score my clips with something dramatic` is `add some dramatic music`."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.shot_words import Mention, mentions
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.mood_words import LOOKS, named_wish, neighbour
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.scoring import mood_of

_ASKED: Final = r"^(?P<lead>\W*(?:(?:please|can you|could you|now|and|then)\s+)*)"
_SCORES: Final = re.compile(
    rf"{_ASKED}(?:score|soundtrack|underscore)\s+(?:my|the|this|these|our|it)\b"
    r"(?:\s+(?:\w+\s+){0,2}?(?:clips?|videos?|film|footage|photos?|movie|pictures|slide ?show))?(?P<with>\s+with\b)?"
)
_SOMETHING: Final = re.compile(
    r"\bsomething\s+(?P<how>(?:(?!that\b|which\b|to\b|for\b|with\b|in\b|at\b)[\w&'-]+\s*){1,4})"
)
_SOFT_END: Final = re.compile(
    r"\bend(?:s|ing)? (?:\S+ ){0,3}?(?:more )?(?:softly|gently|smoothly|gradually)\b"
    r"|\b(?:an? )?(?:soft|gentle|smooth)(?:er)? end(?:ing)?\b"
    r"|\b(?:ending|end|it|video|film|music|song|track) (?:is|feels|comes|ends?|stops?) (?:\w+ ){0,2}?(?:too"
    r"|so|very) (?:abrupt|sudden"
    r"|hard)(?:ly)?\b|结束得?太(?:突然|生硬)|结尾太(?:突然|生硬)"
)
_SOFT_START: Final = re.compile(r"\b(?:an? )?(?:soft|gentle|smooth) (?:start|beginning)\b")
_SEEN: Final = re.compile(r"\b(?:title|look|filter|cut|cuts|edit|shot|shots|picture|colou?rs?|transition\w*)\b")
_MORE: Final = re.compile(r"\b(?:with (?:more|less)|more|less)\b")


_ZH_ONLY_IN: Final = re.compile(r"[只仅]在\s*$")
_ONLY_OVER_IT: Final = re.compile(
    r"\W*(?:but )?(?:only|just) (?:over|under|during|for|with|behind|on) (?:the |clip|photo|shot)"
)
_ONLY_OVER: Final = re.compile(
    r"\b(?:(?:but )?(?:only|just)\s+(?:for|to|under|in|during|over|on|with|behind)|during|over)\s+(?:the )?$"
)
_OVER: Final = re.compile(r"\b(?:to|for|under|over|on|in|behind|during)\s+(?:the )?$")
_ONLY: Final = re.compile(r"\s*(?:only|alone)\b")
_HALF_OF_SONG: Final = re.compile(
    r"\b(?:the )?(?P<side>first|second|last) half(?P<of> of (?:the|my|this) (?:song|track|music))\b"
    r"|\bfrom (?:the|its) middle\b"
)
_MUSIC: Final = re.compile(rf"{words.MUSIC.pattern}|\b(?:songs?|tracks?)\b|歌")
_MUTED: Final = re.compile(r"\b(?:mute|silence)\b.*\b(?:in|during|over|under|for|on)\s+(?:the )?$")
_FROM: Final = re.compile(
    r"\b(?:from|starting (?:with|at|from)|(?:start|begin|come|kick|set)\w*(?: in)? (?:with|at|from|on)"
    r"|(?:stop|end|finish)\w* (?:\w+ ){0,2}at)\s+(?:the )?$"
)
_UNTIL: Final = re.compile(r"\b(?:until|till|up to|before)\s+(?:the )?$")
_WHEN: Final = re.compile(r"\b(?:when|once|as soon as|where)\s+(?:the )?$")
_BEGINS: Final = re.compile(r"\s*(?:starts?|begins?|comes?(?: in| on)?|appears?|on(?:wards?)?)\b")
_HALF: Final = re.compile(r"\b(?:in|during|for|over) the (?P<side>first|second|last) half\b")


def with_music_times(clause: Clause, context: Context) -> Clause:
    """The clause with the clips that music is to be heard over as times: `only for clip2` is `only from 8s to 14s`."""
    clause = _with_share_of_song(clause, context)
    clause = _with_the_music(clause, context)
    heard = clause.has(_MUSIC) and not clause.has(words.REMOVE)
    fresh = not context.has_film
    if not heard or clause.quotes or clause.has(words.TITLE) or clause.has(words.OWN_SOUND):
        return clause
    if fresh and context.situation.of_kind("audio"):
        return clause
    row = _row(context)
    text = clause.text
    if fresh and row:
        text = _HALF.sub(lambda found: _half_said(found["side"], row[-1][2]), text)
    named = [mention for mention in mentions(text, context) if not mention.is_loose]
    if len(named) == 1 and (place := _place(named[0], row)) is not None:
        text = " ".join(_with_time(text, named[0], *place).split())
    return clause if text == clause.text else Clause(text, text, ())


def _with_the_music(clause: Clause, context: Context) -> Clause:
    """`Only over the first clip`, said after music was added, with what it is said of."""
    if context.topic != "music" or clause.quotes or not _ONLY_OVER_IT.match(clause.text):
        return clause
    text = f"the music {clause.text.strip()}"
    return Clause(text, text, ())


def _with_share_of_song(clause: Clause, context: Context) -> Clause:
    """The clause with `the second half of the song` as times in it."""
    songs = context.situation.of_kind("audio")
    if len(songs) != 1 or clause.quotes:
        return clause
    whole = songs[0].duration_ms / 1_000

    def said(found: re.Match[str]) -> str:
        return f"from {whole / 2:g}s" if found["side"] is None else _half_said(found["side"], whole) + found["of"]

    text = _HALF_OF_SONG.sub(said, clause.text) if clause.has(_MUSIC) else clause.text
    return clause if text == clause.text else Clause(text, text, ())


def _half_said(side: str, whole: float) -> str:
    start, end = (0.0, whole / 2) if side == "first" else (whole / 2, whole)
    return f"from {start:g}s to {end:g}s"


def _with_time(text: str, mention: Mention, start: float, end: float) -> str:
    before, behind = text[: mention.start], text[mention.end :]
    begins = _BEGINS.match(behind)
    rest = behind[begins.end() :] if begins else behind
    if _MUTED.search(before):
        return f"{re.sub(r'[a-z]+ +(?:the )?$', '', before)}from {start:g}s to {end:g}s{behind}"
    if _ZH_ONLY_IN.search(before):
        return f"{before}{start:g}秒到{end:g}秒{behind}"
    if lead := _ONLY_OVER.search(before):
        return f"{before[: lead.start()]} only from {start:g}s to {end:g}s {behind}"
    if (lead := _OVER.search(before)) and _ONLY.match(behind):
        return f"{before[: lead.start()]} only from {start:g}s to {end:g}s {_ONLY.sub('', behind, count=1)}"
    if lead := _UNTIL.search(before):
        return f"{before[: lead.start()]} until {start:g}s {behind}"
    if (lead := _WHEN.search(before)) and begins:
        return f"{before[: lead.start()]} at {start:g}s {rest}"
    if lead := _FROM.search(before):
        verb = (
            "from"
            if lead[0].startswith("from")
            else re.sub(r"\b(?:with|from|on)\s+(?:the )?$|\bat\s+(?:the )?$", "at", lead[0])
        )
        return f"{before[: lead.start()]} {verb} {start:g}s {rest}"
    return text


def _row(context: Context) -> list[tuple[str, float, float]]:
    """What is seen when, in seconds, with the ids of uploads; before there is a film, of clips one after another."""
    shots = context.film.shots
    if shots:
        return [(str(shot.meta.get("media")), shot.start_ms / 1000, shot.end_ms / 1000) for shot in shots]
    row, at = [], 0.0
    for item in context.situation.of_kind("video"):
        row.append((item.id, at, at + item.duration_ms / 1000))
        at += item.duration_ms / 1000
    return row if not context.situation.of_kind("image") else []


def _place(mention: Mention, row: list[tuple[str, float, float]]) -> tuple[float, float] | None:
    """Start and end of the shot that is meant, in seconds; None where it is not one."""
    pick = mention.pick
    found = [(start, end) for media, start, end in row if media == pick.media]
    if pick.number is not None and 0 < abs(pick.number) <= len(row):
        found = [row[pick.number - 1 if pick.number > 0 else pick.number][1:]]
    return found[0] if len(found) == 1 else None


def with_music(clause: Clause, context: Context) -> Clause:
    """The clause with the word for music where only music can be meant; itself for other clauses."""
    if not clause.quotes and not clause.has(words.FADE) and not clause.has(words.TITLE):
        text = _SOFT_START.sub("fade in", _SOFT_END.sub(_faded, clause.text))
        clause = clause if text == clause.text else Clause(text, text, ())
    named = clause.has(words.MUSIC) and not clause.has(_SCORES)
    if clause.quotes or clause.has(words.TITLE) or named or clause.has(words.VISUAL):
        return clause
    text = _SCORES.sub(lambda found: f"{found['lead']}add {'' if found['with'] else 'music'}", clause.text)
    scored = text != clause.text
    found = _SOMETHING.search(text)
    if found is not None and (scored or _is_heard(found["how"], clause, context)):
        text = f"{text[: found.start()]}some {found['how'].rstrip()} music {text[found.end() :]}"
        text = re.sub(r"^(\W*(?:no|nope|rather|actually|maybe)?\W*)(?=some\b)", r"\1 want ", text)
    elif scored and "music" not in text:
        text = f"{text} music" if named_wish(text) is not None else f"add music {text.removeprefix('add ')}"
    return clause if text == clause.text else Clause(text, text, clause.quotes)


def _faded(found: re.Match[str]) -> str:
    heard = words.MUSIC.search(found[0]) or words.SONG.search(found[0])
    return f"fade {'the music ' if heard else ''}out at the end"


def _is_heard(how: str, clause: Clause, context: Context) -> bool:
    """Whether `something calmer` is said of music, and not of what is seen."""
    if clause.has(_SEEN) or (context.topic not in ("", "music") and not context.has_music):
        return False
    known = named_wish(how) is not None or neighbour(how, "chill") is not None
    composed = context.topic == "music" and mood_of(context.film) is not None
    if context.has_music and mood_of(context.film) is None and context.topic != "music":
        return False  # nobody gives up a song of their own in so few words
    return known and (composed or not LOOKS.search(how))
