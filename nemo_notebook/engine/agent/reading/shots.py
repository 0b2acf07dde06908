"""Single shots in a clause: which go, where they go, how long and how fast they are."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Final

from nemo_notebook.engine.agent.picks import ALL, Pick
from nemo_notebook.engine.agent.reading.context import Context, Decline
from nemo_notebook.engine.agent.reading.order import read_move, read_order, read_swap, shots_shown
from nemo_notebook.engine.agent.reading.shot_words import Mention, mentions, named_media
from nemo_notebook.engine.agent.reading.speed import is_speed, read_speed
from nemo_notebook.engine.agent.reading.stretches import has_shots, read_lengths, read_split
from nemo_notebook.engine.agent.reading.unable import unable_told
from nemo_notebook.engine.agent.wishes import CopyShots, FitLength, MakeVideo, Place
from nemo_notebook.engine.agent.words import shot_verbs as verbs
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.objects import said
from nemo_notebook.engine.agent.words.values import TIME, count_of, read_when
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.lengths import Repeat
from nemo_notebook.film.edits.parts import Remove, Replace
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.target import Which

_ONLY_PHOTOS: Final = re.compile(
    r"\b(?:only|just)\b.*\b(?:photos?|pictures?|images?|pics)\b|只(?:用|要|留|放).*(?:照片|图片)"
)


def read_shots(clause: Clause, context: Context) -> bool:
    """Adds the edits of single shots that a clause asks for; whether there were any."""
    text = said(clause)
    if clause.quotes or verbs.OTHER_THING.search(text) or _means_other_photos(clause, context):
        return False
    if (declined := _declined(text, context)) is not None:
        context.edits.append(declined)
        return True
    text = _with_units(text, context)
    found = mentions(text, context)
    before = list(context.edits)
    context.edits.extend(_film_of_parts(text, found, context))
    read = [_read_part(part, context) for part in _parts(text, found)]
    if not any(read):
        context.edits[:] = before
        return False
    context.topic = "film"
    return True


def _means_other_photos(clause: Clause, context: Context) -> bool:
    """Whether a clause is about a slide show or photos that are uploaded, and none is on the timeline yet."""
    if not context.situation.of_kind("image") or context.film.segments("image"):
        return False
    return clause.has(words.SLIDESHOW) or (clause.has(_ONLY_PHOTOS) and context.has_film)


def _declined(text: str, context: Context) -> Decline | None:
    """What to say to a wish for shots that cannot be met, or None."""
    lang = context.situation.spoken
    if verbs.INTO_FILMS.search(text):
        return Decline(unable_told(Clause(text, text, ()), lang) or "")
    if verbs.FREEZE.search(text):
        en = 'I cannot freeze a frame. I can slow a clip down, for example "play the last shot at half speed".'
        return Decline(say(lang, en, "还不能定格画面，但可以放慢片段，例如“最后一个镜头半速播放”。"))
    if verbs.FOR_A_TIME.search(text) and context.film.is_cut_to_music and named_media(text, context):
        en = "I cannot give a stretch of time to one clip. I can move it there, or show only the clips that you name."
        return Decline(say(lang, en, "还不能指定某段时间只放一个素材；可以移动镜头，或只用你点名的素材。"))
    return None


def _film_of_parts(text: str, found: tuple[Mention, ...], context: Context) -> list[MakeVideo]:
    """The film of just the clips that a text takes stretches of, where there is none yet."""
    if context.has_film or context.last(MakeVideo) is not None or verbs.GOES.search(text):
        return []
    taken = [mention for mention in found if mention.pick.media is not None and _names_part(text, mention)]
    only = tuple(dict.fromkeys(mention.pick.media for mention in taken if mention.pick.media is not None))
    return [MakeVideo(only=only, first=only, with_song=False)] if only else []


def _names_part(text: str, mention: Mention) -> bool:
    before, behind = text[: mention.start], text[mention.end :]
    return verbs.PART_OF.search(before) is not None or verbs.PART_BEHIND.match(behind) is not None


def _with_units(text: str, context: Context) -> str:
    """The text with bare numbers of stretches as seconds: `clip2 2 to 5`, `and the last 2 of clip2`."""
    for mention in reversed([mention for mention in mentions(text, context) if not mention.is_loose]):
        before, behind = text[: mention.start], text[mention.end :]
        if found := verbs.PART_BEHIND.match(behind):
            behind = verbs.BARE_RANGE.sub(r"\1s to \2s", found[0]) + behind[found.end() :]
        text = verbs.BARE_PART.sub(r"\1\2s\3", before) + text[mention.start : mention.end] + behind
    return text


def _parts(text: str, found: tuple[Mention, ...]) -> list[str]:
    """A text that says something else of each shot, as one text for each: `clip1 to 4 s and clip2 to 2 s`."""
    named = [mention for mention in found if not mention.is_loose]
    gaps = itertools.pairwise(named)
    links = [link for one, other in gaps if (link := verbs.LINKS.search(text, one.end, other.start))]
    if len(named) < 2 or len(links) != len(named) - 1:
        return [text]
    starts, ends = [0, *(link.end() for link in links)], [*(link.start() for link in links), len(text)]
    spans = list(zip(starts, ends, strict=True))
    timed = all(re.search(TIME, _blank(text, found)[start:end]) for start, end in spans)
    if not timed and not all(is_speed(text[start:end]) for start, end in spans):
        return [text]
    lead = text[: named[0].start]
    off = verbs.OFF.search(lead)
    lead = lead[: off.start()] if off else lead  # the time before the first name is not that of the second
    return [text[slice(*spans[0])], *(f"{lead} {text[start:end]}" for start, end in spans[1:])]


def _blank(text: str, found: tuple[Mention, ...]) -> str:
    """The text with spaces in place of the shots that are named, whose numbers are no times."""
    for mention in found:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def _read_part(text: str, context: Context) -> bool:
    found = mentions(text, context)
    readers: tuple[Callable[[str, tuple[Mention, ...], Context], bool], ...] = (
        read_speed,
        _read_copy,
        _read_loop,
        _read_replacement,
        read_swap,
        read_order,
        read_split,
        read_lengths,
        read_move,
        _read_removal,
    )
    return any(reader(text, found, context) for reader in readers)


def names_stretch(clause: Clause, context: Context) -> bool:
    """Whether a clause speaks of stretches of uploads, and so is no wish for a film: `3 seconds of each clip`."""
    text = said(clause)
    if verbs.OTHER_THING.search(text):
        return False
    named = [mention for mention in mentions(text, context) if not mention.is_loose]
    if any(mention.pick.media is None for mention in named) and verbs.OFF.search(text):
        return True
    musical = any(clause.has(pattern) for pattern in (words.MUSIC, words.SONG, words.MUSIC_FILM))
    return not musical and any(_names_part(text, mention) for mention in named)


def _read_copy(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    named = [mention for mention in found if not mention.is_loose]
    if not named or not has_shots(context):
        return False
    to = _place_of_copy(text, named)
    copies = verbs.COPIES.search(text) or (to is not None and verbs.LOOPS.search(text) and not verbs.TIMES.search(text))
    if not copies or len(named) > (2 if to in ("before", "after") else 1):
        return False
    target = named[1].pick if len(named) > 1 else None
    context.edits.append(CopyShots(named[0].pick, 2, to, target))
    return True


def _place_of_copy(text: str, named: list[Mention]) -> Place | None:
    """Where a shot is to be seen once more; None for beside itself."""
    if len(named) > 1:
        between, behind = text[named[0].end : named[1].start], text[named[1].end :]
        if verbs.AFTER.search(between) or verbs.ZH_AFTER.match(behind):
            return "after"
        return "before" if verbs.BEFORE.search(between) or verbs.ZH_BEFORE.match(behind) else None
    rest = text[: named[0].start] + " " + text[named[0].end :]
    return "start" if verbs.TO_START.search(rest) else "end" if verbs.TO_END.search(rest) else None


def _read_loop(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    if not verbs.LOOPS.search(text) or verbs.SOUND_LOOPS.search(text) or re.search(r"\bmake\b.*\bvideo from\b", text):
        return False
    when, times = read_when(text), verbs.TIMES.search(text)
    named = [mention.pick for mention in found if not mention.is_loose and mention.pick != ALL]
    if len(named) == 1 and not when.is_given:
        context.edits.append(CopyShots(named[0], count_of(times[1] or times[2]) if times else 2))
    elif times:
        context.edits.append(Repeat(times=min(max(count_of(times[1] or times[2]), 2), 50)))
    elif re.search(r"\btwice\b|\bonce more\b|两遍|一遍", text):
        context.edits.append(Repeat(times=2))
    elif when.length_ms or when.end_ms:
        context.edits.append(FitLength(when.length_ms or when.end_ms or 0))
    elif verbs.FILLS.search(text):
        context.edits.append(FitLength())
    elif found or not text.strip(" .!,") or has_shots(context):
        context.edits.append(Repeat(times=2))
    else:
        return False
    return True


def _read_replacement(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    verb = verbs.REPLACE.search(text)
    if verb is None or len(found) != 2 or not has_shots(context):
        return False
    one, other = found
    if verb["new"] or verb["znew"]:
        one, other = other, one
    if other.pick.media is None or verb[0].startswith(("swap", "exchange")):
        return False
    context.edits.append(Replace(target=one.pick.target, media=other.pick.media))
    return True


def _read_removal(text: str, found: tuple[Mention, ...], context: Context) -> bool:
    named = [mention for mention in found if not mention.is_loose or mention.pick.unit == "photo"]
    if not named and verbs.REMOVES_ONE.search(text) and has_shots(context):
        lang = context.situation.spoken
        en = 'Which one shall go? You can say "remove the last clip" or "remove the shot at 0:07".'
        context.edits.append(Decline(say(lang, en, "要去掉哪一个？可以说“去掉最后一个片段”或“去掉0:07处的镜头”。")))
        return True
    if not named or not has_shots(context):
        return False
    last = named[-1]
    if verbs.OWNS.match(text[last.end :]) or (re.search(TIME, text) and named[0].pick.at_ms is None):
        return False
    picks = tuple(mention.pick for mention in named)
    before = text[: named[0].start]
    keeps = verbs.KEEP.search(text) if not verbs.REMOVE.search(before) else None
    alone = verbs.ONLY.search(text) or re.fullmatch(r"\W*(?:please )?keep (?:the |my )?", before)
    rest = verbs.ALL_BUT.search(before) or re.match(r"\s*(?:以外|之外)", text[last.end :])
    if rest or (keeps and alone and _touches(text, keeps, named)):
        shown = {shot["m"].get("media") for shot in shots_shown(context)}
        if not shown or any(pick.media is not None and pick.media not in shown for pick in picks):
            return False  # a new film, of what is not on the timeline yet
        context.edits.append(Remove(target=_targets(picks), keep=True))
        return True
    found_verbs = [*verbs.REMOVE.finditer(text), *verbs.TAKE_OUT.finditer(text)]
    if not any(_touches(text, verb, named) for verb in found_verbs):
        return False
    if picks == (ALL,):
        return False
    context.edits.append(Remove(target=_targets(picks)))
    return True


def _touches(text: str, verb: re.Match[str], named: list[Mention]) -> bool:
    """Whether a verb stands right before or after the shots that are named, or around them."""
    if verb.start() <= named[0].start and named[-1].end <= verb.end():
        return True
    if verb.end() <= named[0].start:
        return verbs.BETWEEN.fullmatch(text[verb.end() : named[0].start]) is not None
    return re.fullmatch(r"\s*(?:都|全部|给我|全|也|请|,)*\s*", text[named[-1].end : verb.start()]) is not None


def _targets(picks: tuple[Pick, ...]) -> Which:
    return picks[0].target if len(picks) == 1 else tuple(pick.target for pick in picks)
