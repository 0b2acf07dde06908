"""The built-in understanding: a grammar of English and Chinese."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Final

from nemo_notebook.engine.agent.edits.film import CutToBeat, MakeVideo, nothing_to_film
from nemo_notebook.engine.agent.edits.sound import AddMusic
from nemo_notebook.engine.agent.film.cutting import USUAL_PACE
from nemo_notebook.engine.agent.model import Edit, Question, Reading, Refusal, Situation
from nemo_notebook.engine.agent.reading.change import read_music_alone
from nemo_notebook.engine.agent.reading.context import Context, Decline, Reader
from nemo_notebook.engine.agent.reading.cut import read_cuts
from nemo_notebook.engine.agent.reading.film import read_film
from nemo_notebook.engine.agent.reading.history import read_history
from nemo_notebook.engine.agent.reading.look import is_about_light, read_look
from nemo_notebook.engine.agent.reading.moments import with_times
from nemo_notebook.engine.agent.reading.picture import read_canvas, read_visualizer
from nemo_notebook.engine.agent.reading.shots import names_stretch, read_shots
from nemo_notebook.engine.agent.reading.songs import read_song
from nemo_notebook.engine.agent.reading.sound import read_sound
from nemo_notebook.engine.agent.reading.talk import left_out, not_read, small_talk, suggestions, unable
from nemo_notebook.engine.agent.reading.title import read_title
from nemo_notebook.engine.agent.reading.transition import (
    is_about_joins,
    read_picture_fade,
    read_transition,
    without_join_length,
)
from nemo_notebook.engine.agent.reading.unquoted import marked
from nemo_notebook.engine.agent.words.parting import parts_of
from nemo_notebook.engine.agent.words.vocabulary import FILM
from nemo_notebook.engine.agent.words.wording import Clause, clauses_of

LONGEST_MESSAGE: Final = 4_000  # characters that are read; nobody describes a video in more
_MOST_CLAUSES: Final = 60

_READERS: Final[tuple[Reader, ...]] = (
    read_transition,
    read_sound,
    read_cuts,
    read_canvas,
    read_visualizer,
    read_look,
)


class Grammar:
    """Reads messages by patterns: clause by clause, each by every reader that may have a part in it."""

    def read(self, message: str, situation: Situation) -> Reading:
        """What the message asks for; see `Understanding`."""
        said = clauses_of(message[:LONGEST_MESSAGE])
        context = Context.of(situation)
        parts = (part for clause in said for part in parts_of(marked(clause)))
        clauses = tuple(with_times(part, context) for part in islice(parts, _MOST_CLAUSES))
        if not clauses:
            return Question(suggestions(context))
        if len(clauses) == 1 and (answer := small_talk(clauses[0], context)) is not None:
            return answer
        unread = [clause for clause in clauses if not _read(clause, context)]
        declined = [told for clause in unread if (told := unable(clause, context)) is not None]
        edits = _settled(context.edits)
        if edits:
            declined += [told for clause in unread if (told := left_out(clause, context)) is not None]
            return (*edits, *(Decline(told) for told in dict.fromkeys(declined)))
        if declined:
            return Refusal(declined[0])
        if not situation.media and not context.has_film and _asks_for_film(clauses):
            return Refusal(nothing_to_film(situation))
        return not_read(clauses, context)


def _read(clause: Clause, context: Context) -> bool:
    if read_history(clause, context):
        return True
    joins = is_about_joins(clause)
    if not joins and (read_song(clause, context) or read_music_alone(clause, context)):
        return True
    has_shots = context.has_film or context.last(MakeVideo) is not None or names_stretch(clause, context)
    if not joins and has_shots and read_shots(clause, context):
        return True
    remade = not (joins and context.has_film) or clause.has(FILM)  # `a wipe from clip1 to clip2` makes no film
    film = context.films = remade and read_film(without_join_length(clause), context)
    if not film and not joins and not has_shots and read_shots(clause, context):
        return True
    title = read_title(clause, context)
    if title and not film:
        return True
    faded = read_picture_fade(clause, context)
    silent = faded and not context.has_music  # the music's fade would only be missed
    unheard = silent or (is_about_light(clause) and not film)
    skipped = ((read_cuts,) if joins and not film else ()) + ((read_sound,) if unheard else ())
    read = [reader(clause, context) for reader in _READERS if reader not in skipped] + [faded]
    return film or title or any(read)


def _settled(edits: list[Edit]) -> list[Edit]:
    """Edits in the order in which they make sense: a new film first, and not cut twice."""
    film = next((edit for edit in edits if isinstance(edit, MakeVideo)), None)
    if film is None:
        return edits
    cut = next((edit for edit in edits if isinstance(edit, CutToBeat)), None)
    made = replace(film, pace=cut.pace) if cut is not None and cut.pace != USUAL_PACE else film
    rest = [_paced(edit, made) for edit in edits if not isinstance(edit, (MakeVideo, CutToBeat))]
    return [made, *rest]


def _paced(edit: Edit, film: MakeVideo) -> Edit:
    """Composed music of a film that is made with it: the pictures are cut to it at the pace that was asked for."""
    wished = film.pace.every is not None or film.pace.factor != 1.0
    if not isinstance(edit, AddMusic) or film.with_song or not wished:
        return edit
    return replace(edit, cuts="anew", every=edit.every or film.pace.every, factor=film.pace.factor)


def _asks_for_film(clauses: tuple[Clause, ...]) -> bool:
    return any("video" in clause.text or "视频" in clause.text for clause in clauses)
