"""The loop that a song shows in place of its cover, in a clause."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.edits.film import MakeVideo
from nemo_notebook.engine.agent.edits.level import SetVolume
from nemo_notebook.engine.agent.edits.loop import MakeLoop
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.film import films_named, read_film
from nemo_notebook.engine.agent.reading.levels import SOUND_GOES
from nemo_notebook.engine.agent.reading.look import read_look
from nemo_notebook.engine.agent.reading.picture import read_visualizer
from nemo_notebook.engine.agent.reading.title import read_title
from nemo_notebook.engine.agent.reading.transition import read_transition
from nemo_notebook.engine.agent.words import vocabulary as words
from nemo_notebook.engine.agent.words.values import TIME, milliseconds, read_when, with_digits
from nemo_notebook.engine.agent.words.wording import Clause

_CANVAS: Final = re.compile(
    r"\bspotify\b(?! (?:song|track|playlist))(?:.*\b(?:canvas|loop\w*)\b)?|\bcanvas (?:loop|video|for spotify)\b"
    r"|\bcanvas\b(?=.*\bspotify\b)|\bmake (?:it |this |me )?(?:in)?(?:to )?an? (?:\S+ ){0,2}canvas\b"
)
_START: Final = re.compile(rf"\b(?:from|starting(?: at)?|at)\s+(?:the\s+)?({TIME})|从第?\s*({TIME})")
_SILENT: Final = re.compile(r"\bsilent\b|\bmuted?\b|静音|无声|没有声音")


def read_loop(clause: Clause, context: Context) -> bool:
    """Adds the Spotify Canvas that a clause asks for; whether it does."""
    if not clause.has(_CANVAS):
        return False
    if films_named(clause, context):
        context.edits.append(MakeVideo(only=films_named(clause, context), with_song=False))
    elif not context.has_film and read_film(clause, context) and (made := context.last(MakeVideo)) is not None:
        context.replace(made, replace(made, length_ms=None))  # the loop is the strongest part of a longer film
    text = with_digits(clause.text)
    start = _START.search(text)
    context.edits.append(MakeLoop(read_when(text).length_ms, milliseconds(start[1] or start[2]) if start else None))
    for reader in (read_look, read_visualizer, read_transition):
        reader(clause, context)
    if clause.quotes or clause.has(words.TITLE):
        read_title(clause, context)
    if clause.has(SOUND_GOES) or clause.has(_SILENT):
        context.edits.append(SetVolume("all", 0.0))
    context.topic = "film"
    return True
