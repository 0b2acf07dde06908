"""Colours, fit, transitions and fades of the picture in a clause."""

from __future__ import annotations

import itertools
import re
from typing import Final, get_args

from nemo_notebook.engine.agent.picks import Pick
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.levels import stretch_in
from nemo_notebook.engine.agent.reading.shot_words import mentions
from nemo_notebook.engine.agent.wishes import AddMusic, Adjust, MakeVideo, SetFilter
from nemo_notebook.engine.agent.words import look_words
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.colors import palette_in
from nemo_notebook.engine.agent.words.mood_words import named_mood
from nemo_notebook.engine.agent.words.values import with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.looks import SetLook
from nemo_notebook.film.fields import Filter
from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import say
from nemo_notebook.outside import finite

_STEP, _SMALL_STEP, _BIG_STEP = 0.2, 0.1, 0.4
_NUMBER: Final = re.compile(
    r"([+-]?)\s*(\d{1,3}(?:\.\d{1,2})?)\s*(%|percent|per cent)?(?![\d:.]*\s*(?:s\b|sec|秒|p\b|px|:|beats?))"
)
_NUMBERED_NAME: Final = re.compile(
    r"[a-z][a-z_-]*\d+(?:\.\w+)?\b|第\s*\d+|\b\d+(?:st|nd|rd|th)\b|\d{1,2}:\d{2}|\b(?:clip|photo|shot|video)\s+\d+"
)
_OF_SOUND: Final = re.compile(r"\b(?:music|song|track|soundtrack|bgm|beat|sound|piano|mood|vibe)\b|音乐|配乐|歌|bgm")
_OF_LOUDNESS: Final = re.compile(r"\b(?:loud\w*|quiet\w*|volume|mute\w*|silent)\b|音量|声")
_PARTS_OF_IT: Final = re.compile(r"\bwith\b|(?<!black )\band\b(?! white)|\bplus\b|[,;，；、和]")
_LOOK_SAID: Final = re.compile(
    r"\b(?:looks?|colou?rs?|tones?|filter|style|grad\w+|black (?:and|&) white|sepia)\b"
    r"|色调|滤镜|画面|风格|黑白"
)
_EXCEPT: Final = re.compile(r"\b(?:except(?: for)?|but not|apart from|excluding|other than)\b|除了?")
_AFTER_EXCEPT: Final = re.compile(r"^.*?(?:以外|之外|外|,)")
_OF_PICTURE: Final = re.compile(
    r"\b(?:look|filter|colou?rs?|grad\w+|pictures?|footage|clips?|shots?|photos?|videos?|film|style|image"
    r"|effect|tones?|scenes?)\b"
    r"|画面|滤镜|色|视频|镜头|片段|素材|照片|效果|风格|质感"
)


def read_look(clause: Clause, context: Context) -> bool:
    """Adds the filter, the adjustments and the fit that a clause asks for; whether there were any."""
    read = _read_fit(clause, context)
    clause = _about_look(clause)
    if _is_about_others(clause, context):
        return read
    if context.has_film and not context.film.shots and context.last(MakeVideo) is None:
        return _decline_drawn(clause, context) or read
    return _read_colors(clause, context) or read


def _decline_drawn(clause: Clause, context: Context) -> bool:
    """Says what a film without footage has in place of filters, where a clause asks for one; whether it does."""
    wished = filter_in(clause) is not None or bool(_amounts(clause)[0])
    if not wished or palette_in(clause.text) is not None:
        return False
    context.edits.append(Decline(drawn_told(context.situation.spoken)))
    return True


def drawn_told(language: Language) -> str:
    """What a film that is drawn has in place of filters."""
    en = "Filters work on clips and photos, and all of this is drawn. "
    en += 'Other colours are possible: say "sunset colours" or "neon colours".'
    return say(language, en, "滤镜只对视频和照片有效，而这里的画面都是绘制的。可以换配色：说“日落配色”或“霓虹配色”。")


def _about_look(clause: Clause) -> Clause:
    """The part of a clause about music or a visualizer that is about the pictures; all of it if there is none."""
    others = tuple(pattern for pattern in (_OF_SOUND, words.VISUAL) if clause.has(pattern))
    if not others:
        return clause
    said = (part for part in _PARTS_OF_IT.split(clause.text) if _LOOK_SAID.search(part))
    parts = [part for part in said if not any(pattern.search(part) for pattern in others)]
    text = " ".join(parts)
    return Clause(text, text, ()) if parts else clause


def picks_in(clause: Clause, context: Context) -> tuple[Pick, ...]:
    """The shots that a clause names one by one; none where it means the whole film."""
    found = mentions(with_digits(clause.text), context)
    picks = (mention.pick for mention in found if not mention.is_loose)
    return tuple(dict.fromkeys(pick for pick in picks if pick != Pick() and pick != Pick("clip")))


def _is_about_others(clause: Clause, context: Context) -> bool:
    """Whether the clause's colours are those of a title, of a visualizer or of music."""
    if clause.has(words.VISUAL) and not clause.has(look_words.FILTER):
        return True
    mood = named_mood(clause.text) is not None
    if clause.has(_OF_SOUND) and not clause.has(look_words.FILTER):
        return mood or not clause.has(_OF_PICTURE)
    return mood and context.last(AddMusic) is not None and not clause.has(_OF_PICTURE)


def _read_colors(clause: Clause, context: Context) -> bool:
    if (rest := _REST_AS_IT_IS.search(clause.text)) is not None and clause.text[: rest.start()].strip():
        clause = Clause(clause.text[: rest.start()], clause.raw[: rest.start()], ())
    if (excepted := _EXCEPT.search(clause.text)) is not None:
        return _read_except(clause, excepted.start(), context)
    parts = _parts(clause, context)
    if len(parts) > 1:
        read = [_read_colors(part, context) for part in parts]
        return any(read)
    picks = picks_in(clause, context)
    if _read_place_again(clause, picks, context):
        return True
    if clause.has(look_words.NO_FILTER) and not _ADDS_BW.search(clause.text):
        return _clears(context, picks)
    if context.topic == "look" and clause.has(words.REMOVE, _IT):
        return _clears(context, picks)
    amounts, relative = _amounts(clause)
    name = filter_in(clause)
    stretch = (None, None) if picks or context.films else stretch_in(clause, context)
    if name is not None and not (amounts and name in ("vivid", "faded")):
        context.edits.append(SetFilter(name, picks, *stretch))
    if amounts:
        context.edits.append(Adjust(amounts, picks, relative, *stretch))
    if (name is not None or amounts) and not context.films:
        context.topic = "look"
    return name is not None or bool(amounts)


def _read_place_again(clause: Clause, picks: tuple[Pick, ...], context: Context) -> bool:
    """`Only for the second clip`: of the look that the last turn gave the whole film."""
    now, tints = context.film.meta.get("filter"), context.film.meta.get("adjust")
    if context.topic != "look" or not picks or not clause.has(_ONLY) or not (now or tints) or filter_in(clause):
        return False
    context.edits.append(SetFilter(None))
    if now in get_args(Filter):
        context.edits.append(SetFilter(now, picks))
    if isinstance(tints, dict):
        amounts = tuple(
            (name, float(tints[name])) for name in look_words.ADJUSTED if finite(tints.get(name)) is not None
        )
        context.edits.append(Adjust(amounts, picks, relative=False))
    return True


_ONLY: Final = re.compile(r"\b(?:only|just)\b|只|仅")
_IT: Final = re.compile(r"\b(?:it|that|this)\b|它")
_REST_AS_IT_IS: Final = re.compile(
    r"\W*\b(?:and |then |but )*(?:the )?(?:rest|remainder|others?|remaining \w+|afterwards|after that)\b[^,]*"
    r"\b(?:colou?rs?|original|normal|as (?:it|they) (?:is|are))\b.*"
    r"|[,，]?(?:然后|其余|其他|剩下|后面|之后)[^,，]*(?:彩色|原色|原样|正常|不变).*"
)
_ADDS_BW: Final = re.compile(r"\b(?:to|into|in) black and white\b")


def _read_except(clause: Clause, at: int, context: Context) -> bool:
    """`black and white except the last shot`: for the whole film, and the colours of some shots as they were."""
    kept = picks_in(Clause(clause.text[at:], clause.raw[at:], ()), context)
    if clause.text[:at].strip():
        read = _read_colors(Clause(clause.text[:at], clause.raw[:at], ()), context)
    else:
        rest = _AFTER_EXCEPT.sub("", clause.text)
        read = _read_colors(Clause(rest, rest, ()), context)
    if read and kept:
        context.edits.append(SetFilter(None, kept))
    return read


def is_about_light(clause: Clause) -> bool:
    """Whether a clause is about brightness, contrast or saturation, and not about loudness as well."""
    tinted = any(any_.search(clause.text) for any_, _ in look_words.ADJUSTED.values())
    return tinted and not clause.has(_OF_SOUND) and not clause.has(_OF_LOUDNESS)


def _parts(clause: Clause, context: Context) -> tuple[Clause, ...]:
    """`clip1 darker and clip2 brighter` as two clauses; one where not each part says of what and how."""
    cuts = [0, *(found.start() for found in _AND.finditer(clause.text)), len(clause.text)]
    pieces = [Clause(clause.text[a:b], clause.raw[a:b], ()) for a, b in itertools.pairwise(cuts)]
    named = [piece for piece in pieces if picks_in(piece, context)]
    tinted = all(_amounts(piece)[0] or filter_in(piece) or piece.has(look_words.NO_FILTER) for piece in named)
    return tuple(named) if len(named) > 1 and tinted else (clause,)


def _clears(context: Context, picks: tuple[Pick, ...]) -> bool:
    if context.last(MakeVideo) is not None and not context.has_film:
        return False
    context.edits.append(SetFilter(None, picks))
    return True


def filter_in(clause: Clause) -> Filter | None:
    """The filter that a clause names, or None."""
    return next((name for name, pattern in look_words.FILTERS if clause.has(pattern)), None)


def _amounts(clause: Clause) -> tuple[tuple[tuple[str, float], ...], bool]:
    """Pairs of what is changed and by how much, and whether that is added to what there is."""
    text = with_digits(clause.text)
    found = []
    relative = not look_words.ABSOLUTE.search(text)
    for name, (any_, less) in look_words.ADJUSTED.items():
        match = any_.search(text)
        if match is None:
            continue
        near = _part_around(text, match.start())
        down = less.search(near) is not None or (look_words.LESS.search(near) is not None and not _turned(near, name))
        if name == "brightness" and look_words.TOO_DARK.search(near):
            down = False
        size = _size(near)
        found.append((name, -size if down and size > 0 else size))
    return tuple(found), relative


def _turned(text: str, name: str) -> bool:
    """Whether a word for less stands with one that is less by itself, as in `less dark`."""
    return name == "brightness" and re.search(r"\bless dark|没那么暗|不那么暗", text) is not None


def _part_around(text: str, at: int) -> str:
    """The part of a text between `and` or commas."""
    start = max((found.end() for found in _AND.finditer(text, 0, at)), default=0)
    end = next((found.start() for found in _AND.finditer(text, at)), len(text))
    return text[start:end]


_AND: Final = re.compile(r"\band\b(?! white)|\bbut\b|[,、]|(?<!饱)和|并")


def _size(text: str) -> float:
    found = _NUMBER.search(_NUMBERED_NAME.sub(" ", text))
    if found is not None:
        number = float(found[2])
        share = number / 100 if found[3] or number > 1 else number
        return min(1.0, share) * (-1 if found[1] == "-" else 1)
    if look_words.SLIGHTLY.search(text):
        return _SMALL_STEP
    return _BIG_STEP if look_words.MUCH.search(text) else _STEP


def _read_fit(clause: Clause, context: Context) -> bool:
    fit = next((name for name, pattern in look_words.FITS if clause.has(pattern)), None)
    if fit is None or clause.has(words.VISUAL) or (clause.has(words.TITLE) and not context.films):
        return False
    seen = context.has_film or context.last(MakeVideo) is not None or context.situation.media
    if not seen or (context.film.segments("backdrop") and not context.film.shots):
        return False
    context.edits.append(SetLook(target=tuple(pick.target for pick in picks_in(clause, context)) or None, fit=fit))
    return True
