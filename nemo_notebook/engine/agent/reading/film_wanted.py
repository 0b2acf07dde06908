"""Whether a clause asks for a film."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.shot_words import named_media
from nemo_notebook.engine.agent.words import shot_verbs as verbs
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.mood_words import names_kind_of_song
from nemo_notebook.engine.agent.words.objects import noun_after, object_of, said
from nemo_notebook.engine.agent.words.values import TIME
from nemo_notebook.engine.agent.words.wording import Clause

_DEFINITE: Final = re.compile(r"\b(?:the|this|that|my|our|your)\s+(?:\S+\s+)?$|(?:这个|这段|该)$")
_PLAIN_MAKE: Final = re.compile(r"\bmak(?:e|ing)\b|\bturn\b|\bedit\b|\bwant\b|\bneed\b|\bdo\b|变|弄|转|想要")
_ALTERS_IT: Final = re.compile(r"\b(?:make|turn|convert|change|edit|do) (?:it|this|that|them)\b(?! (?:again|anew))")
_JUST_FILM: Final = re.compile(r"\W*(?:a )?(?:music )?(?:video|mv|slideshow|视频|音乐视频)(?: please)?\W*$")
_ONLY: Final = re.compile(r"\bonly\b|\bjust\b|只用|仅用")
SHORT_FILM: Final = re.compile(
    rf"\b(?:make|create|generate|produce|build|cut|give|want|need|like|have|do)\b(?: (?:{TIME}|(?!(?:to|for|of"
    rf"|in|into|on|with|from|the|this|that|it|title|text|and)\b)[a-z-]+)\b)*?"
    r"[\s-]*(?:reel|short|tik ?tok|teaser|trailer|story|loop|highlight reel|promo|intro)\b(?!\s+(?:title|the|it|my))"
    rf"|\b(?:make|create|generate|produce|build|give|want|need)\b(?: me| us)? an? {TIME}[\s-]*(?:long )?clip\b"
)
_NO_VERB: Final = re.compile(
    r"^\W*(?:(?:please|an?|one|my|some|now|ok|so|hey|quick|short|fast|slow)\W+)*"
    r"(?:(?!(?:add|put|set|use|make|create|cut|trim|remove|delete|give|change|turn|show|write|fade|sync|play|export|render"
    r"|mute|split|what|how|where|who|when|is|are|does|the|this|that|no|without|to|for|of|in|on|with|from"
    r"|(?!relaxing|amazing|exciting|inspiring|wedding|touching|moving|stunning|charming)\w+ing)\b)"
    r"[\w:'-]+ ){0,5}(?:music videos?|videos?|reel|film|movie|montage|slide ?show|vlog|edit|tik ?tok|mv)\b"
    r"(?! (?:is|was|has|have|to|it|the|needs?|should|must|could|would|wants?|lacks?|looks?|feels?|sounds?"
    r"|starts?|ends?)\b)"
)
_JOINS_ALL: Final = re.compile(
    r"^\W*(?:(?:please|just|now|and|then|so|ok)\W+)*(?:join|combine|merge|stitch|put|glue|concatenate) "
    r"(?:them|these|those|it all|everything|all)(?: together)?\b|"
    r"(?:把|将).*(?:视频|影片|片段|素材|照片|图片).*(?:拼|合并|连起来|连在一起|接起来|剪在一起|串)"
)
ZH_FILM: Final = re.compile(
    rf"^\W*(?:来|一[个段条支])?({TIME})(?:左右|长)?的?(?![^,]*(?:处|加|改|剪|删|换|把))[\u4e00-\u9fff]{{0,6}}?(?:短?视频|短片|影片|片子|混剪|vlog|mv)\W*$"
)
_BESIDE: Final = re.compile(r"\b(?:after|before|behind|in front of)\b(?! (?:that|which))|之[后前]|[后前]面")
_MORE_OF: Final = re.compile(r"\b(?:more|less)(?: often| of)?\W*$|多一?[点些]|少一?[点些]|[多少][用放]")


JUST_VISUAL: Final = re.compile(
    r"\b(?:visuali[sz]er|audiogram)[- ](?:video|film)\b|\b(?:just|only) (?:an? |the )?(?:visuali[sz]er|bars|waveform)\b"
    r"|\bvisuali[sz]er (?:only|alone)\b"
    r"|\bvisuali[sz]er\b.*\b(?:without|no)(?: any| the| my)? (?:clips?|footage|videos?|pictures|photos)\b"
    r"|(?:纯|只要|只用)可视化|可视化视频|可视化.*(?:不要|不用|没有)(?:视频|素材|照片|画面)"
)


def wants_film(clause: Clause, context: Context) -> bool:
    """Whether a clause asks for a film, and not for a change of the one that is there."""
    clause = _without_names(clause)
    if _JUST_FILM.match(clause.text):
        return not context.has_film
    if context.has_film and clause.has(_ALTERS_IT):
        return False
    if (
        clause.has(words.USE)
        and not clause.has(words.TITLE)
        and not clause.has(_BESIDE)
        and not verbs.TO_END.search(said(clause))
        and not (context.has_film and clause.has(_MORE_OF))
        and named_media(said(clause), context)
    ):
        return True
    if clause.has(SHORT_FILM) or clause.has(JUST_VISUAL) or (clause.has(_ONLY) and _names_new_photos(clause, context)):
        return True
    if not context.has_film and (clause.has(_NO_VERB) or clause.has(_JOINS_ALL) or ZH_FILM.match(said(clause))):
        return True
    verb = noun_after(clause, words.MAKE)
    thing, used = object_of(clause, words.MAKE), object_of(clause, words.USE)
    first = object_of(clause, words.MAKE, words.ADD, words.USE)
    if clause.has(words.INTO_FILM) and first not in ("music", "title", "visual") and not _names_part(clause):
        return not (context.has_film and clause.has(re.compile(r"(?:做|变|转)成")) and _is_shape(clause))
    if verb is not None and thing == "film":
        definite = _DEFINITE.search(clause.text[: verb.start()]) is not None
        return not (definite and context.has_film and (clause.has(_PLAIN_MAKE) or _is_shape(clause)))
    if verb is not None and thing in ("clips", "images", "song") and not context.has_film:
        return thing != "song" or _DEFINITE.search(clause.text[: verb.start()]) is not None
    uploaded = bool(context.situation.of_kind("audio"))
    if used == "song" and (names_kind_of_song(clause.text) or not uploaded):
        return False  # `put a house track under it`
    if used in ("clips", "images", "song", "film") and not clause.has(words.TITLE):
        return not context.has_film or clause.has(_ONLY) or used == "song"
    photos = context.film.segments("image")
    return clause.has(words.SLIDESHOW) and not (context.has_film and photos) and not clause.quotes


def _names_new_photos(clause: Clause, context: Context) -> bool:
    """Whether a clause speaks of photos that are uploaded, of which none is on the timeline."""
    new = bool(context.situation.of_kind("image")) and not context.film.segments("image")
    return new and any(found.lastgroup == "images" for found in words.NOUN.finditer(clause.text))


def _without_names(clause: Clause) -> Clause:
    """The clause without `the name of the song`, which is no song."""
    text = words.OF_SONG.sub(" ", clause.text)
    return clause if text == clause.text else Clause(text, text, clause.quotes)


def _names_part(clause: Clause) -> bool:
    return object_of(clause, words.ADD) in ("music", "title", "visual")


def _is_shape(clause: Clause) -> bool:
    shapes = (pattern for pattern, _ in words.SHAPES)
    platforms = (row[0] for row in words.PLATFORMS)
    return any(clause.has(p) for p in (*shapes, *platforms, words.RATIO, *(p for p, _ in words.RESOLUTIONS)))
