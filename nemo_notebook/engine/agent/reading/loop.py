"""The loop that a song shows in place of its cover, in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.film import films_named, read_film
from nemo_notebook.engine.agent.reading.levels import SOUND_GOES
from nemo_notebook.engine.agent.reading.look import read_look
from nemo_notebook.engine.agent.reading.picture import read_canvas, read_visualizer
from nemo_notebook.engine.agent.reading.sound import read_sound
from nemo_notebook.engine.agent.reading.title import read_title
from nemo_notebook.engine.agent.reading.transition import read_transition
from nemo_notebook.engine.agent.wishes import FitLength, MakeVideo, SetVolume
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, read_when, with_digits
from nemo_notebook.engine.agent.words.wording import Clause
from nemo_notebook.film.edits.lengths import MakeLoop

_CANVAS: Final = re.compile(
    r"\bspotify\b(?! (?:song|track|playlist))(?:.*\b(?:canvas|loop\w*)\b)?|\bcanvas (?:loop|video|for spotify)\b"
    r"|\bcanvas\b(?=.*\bspotify\b)|\bmake (?:it |this |me )?(?:in)?(?:to )?an? (?:\S+ ){0,2}canvas\b"
)
_SEAMLESS: Final = re.compile(
    r"\b(?:seamless|perfect|endless|infinite|smooth)(?:ly)?,? (?:\w+ ){0,2}?loop\w*"
    r"|\bloop\w* (?:\w+ ){0,3}?(?:seamless|perfect|smooth"
    r"|endless|infinite|forever)\w*|\b(?:end|ending|last (?:frame|shot)) (?:\w+ ){0,3}?(?:into|(?:flow|lead|connect"
    r"|blend|run|match|join|cut|go|back)\w* (?:\w+ )?(?:to|with)) the (?:start|beginning|first (?:frame|shot))"
    r"|\bloopable\b|无缝(?:循环|衔接)|首尾(?:相连|相接|衔接|循环)"
)
_PLAIN_LOOP: Final = re.compile(
    r"\W*(?:please |can you |could you )*(?:make|let|have) (?:it|this|the (?:video|film)) loop\b\W*(?:please)?\W*$"
)
_OF_MUSIC: Final = re.compile(
    r"\bloop\w* (?:the |my |this )?(?:music|song|track|soundtrack|beat|bgm|audio)\b"
    r"|\b(?:music|song|track|soundtrack|beat|bgm|audio) (?:\w+ )?loop|(?:音乐|歌|曲|配乐).*循环"
    r"|循环.*(?:音乐|歌|曲|配乐)"
)
_START: Final = re.compile(rf"\b(?:from|starting(?: at)?|at)\s+(?:the\s+)?({TIME})|从第?\s*({TIME})")
_SILENT: Final = re.compile(r"\bsilent\b|\bmuted?\b|静音|无声|没有声音")


def read_loop(clause: Clause, context: Context) -> bool:
    """Adds the Spotify Canvas that a clause asks for; whether it does."""
    if not clause.has(_CANVAS):
        return _read_closing(clause, context)
    if films_named(clause, context):
        context.edits.append(MakeVideo(only=films_named(clause, context), with_song=False))
    elif not context.has_film and read_film(clause, context) and (made := context.last(MakeVideo)) is not None:
        context.replace(made, replace(made, length_ms=None))  # the loop is the strongest part of a longer film
    text = with_digits(clause.text)
    start = _START.search(text)
    length_ms, start_s = read_when(text).length_ms, milliseconds(start[1] or start[2]) / 1000 if start else None
    duration_s = None if length_ms is None else min(max(length_ms / 1000, 3.0), 8.0)
    context.edits.append(MakeLoop(canvas=True, duration_s=duration_s, start_s=start_s))
    for reader in (read_look, read_visualizer, read_transition):
        reader(clause, context)
    if clause.quotes or clause.has(words.TITLE):
        read_title(clause, context)
    if clause.has(SOUND_GOES) or clause.has(_SILENT):
        context.edits.append(SetVolume("all", 0.0))
    context.topic = "film"
    return True


def _read_closing(clause: Clause, context: Context) -> bool:
    """`a seamless loop`, where it is about the video; `make it loop` where its music already fills it."""
    plain = _PLAIN_LOOP.match(clause.text) is not None and context.film.is_cut_to_music
    if clause.quotes or clause.has(_OF_MUSIC) or not (plain or clause.has(_SEAMLESS)):
        return False
    length_ms = read_when(clause.text).length_ms
    if not context.has_film and context.last(MakeVideo) is None:
        context.films = True
        if not read_film(clause, context):
            context.edits.append(MakeVideo(only=films_named(clause, context), length_ms=length_ms))
        for reader in (read_sound, read_canvas, read_visualizer, read_look):
            reader(clause, context)
    elif length_ms:
        context.edits.append(FitLength(length_ms))
    context.edits.append(MakeLoop())
    if clause.has(SOUND_GOES) or clause.has(_SILENT):
        context.edits.append(SetVolume("all", 0.0))
    context.topic = "film"
    return True
