"""The built-in understanding: a grammar of English and Chinese."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.film_edits import CutToBeat, MakeVideo, Undo, nothing_to_film
from nemo_notebook.engine.agent.model import Edit, Question, Reading, Refusal, Situation
from nemo_notebook.engine.agent.read_film import read_cuts, read_film
from nemo_notebook.engine.agent.read_picture import read_canvas, read_visualizer
from nemo_notebook.engine.agent.read_sound import read_sound
from nemo_notebook.engine.agent.read_title import read_title
from nemo_notebook.engine.agent.reading import Context, Decline, Reader
from nemo_notebook.engine.agent.talk import is_undo, not_read, small_talk, suggestions, unable
from nemo_notebook.engine.agent.wording import Clause, clauses_of

LONGEST_MESSAGE: Final = 4_000  # characters that are read; nobody describes a video in more

_READERS: Final[tuple[Reader, ...]] = (read_sound, read_cuts, read_canvas, read_visualizer)


class Grammar:
    """Reads messages by patterns: clause by clause, each by every reader that may have a part in it."""

    def read(self, message: str, situation: Situation) -> Reading:
        """What the message asks for; see `Understanding`."""
        clauses = clauses_of(message[:LONGEST_MESSAGE])
        context = Context.of(situation)
        if not clauses:
            return Question(suggestions(context))
        if len(clauses) == 1 and (answer := small_talk(clauses[0], context)) is not None:
            return answer
        unread = [clause for clause in clauses if not _read(clause, context)]
        declined = [told for clause in unread if (told := unable(clause, context)) is not None]
        edits = _settled(context.edits)
        if edits:
            return (*edits, *(Decline(told) for told in dict.fromkeys(declined)))
        if declined:
            return Refusal(declined[0])
        if not situation.media and not context.has_film and _asks_for_film(clauses):
            return Refusal(nothing_to_film(situation))
        return not_read(clauses, context)


def _read(clause: Clause, context: Context) -> bool:
    if is_undo(clause):
        context.edits.append(Undo())
        return True
    film = context.films = read_film(clause, context)
    title = read_title(clause, context)
    if title and not film:
        return True
    read = [reader(clause, context) for reader in _READERS]
    return film or title or any(read)


def _settled(edits: list[Edit]) -> list[Edit]:
    """Edits in the order in which they make sense: a new film first, and not cut twice."""
    film = next((edit for edit in edits if isinstance(edit, MakeVideo)), None)
    if film is None:
        return edits
    cut = next((edit for edit in edits if isinstance(edit, CutToBeat)), None)
    made = replace(film, pace=cut.pace) if cut is not None and cut.pace.every else film
    return [made, *(edit for edit in edits if not isinstance(edit, (MakeVideo, CutToBeat)))]


def _asks_for_film(clauses: tuple[Clause, ...]) -> bool:
    return any("video" in clause.text or "视频" in clause.text for clause in clauses)
