"""The built-in understanding: a grammar of English and Chinese."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import Final

from nemo_notebook.engine.agent.model import Question, Reading, Refusal, Wish
from nemo_notebook.engine.agent.reading.bars import with_bars
from nemo_notebook.engine.agent.reading.behind import read_behind
from nemo_notebook.engine.agent.reading.carried import with_shots_named
from nemo_notebook.engine.agent.reading.change import read_music_alone
from nemo_notebook.engine.agent.reading.context import Context, Decline, Reader
from nemo_notebook.engine.agent.reading.cut import read_cuts
from nemo_notebook.engine.agent.reading.file_wish import read_file_wish
from nemo_notebook.engine.agent.reading.film import read_film, read_photos_once
from nemo_notebook.engine.agent.reading.history import read_history
from nemo_notebook.engine.agent.reading.look import is_about_light, read_look
from nemo_notebook.engine.agent.reading.loop import read_loop
from nemo_notebook.engine.agent.reading.moments import with_times
from nemo_notebook.engine.agent.reading.music_wording import with_music, with_music_times
from nemo_notebook.engine.agent.reading.phrases import read_phrases
from nemo_notebook.engine.agent.reading.picture import read_canvas, read_visualizer
from nemo_notebook.engine.agent.reading.picture_fade import read_picture_fade
from nemo_notebook.engine.agent.reading.replaced import without_replaced
from nemo_notebook.engine.agent.reading.shots import names_stretch, read_shots
from nemo_notebook.engine.agent.reading.songs import read_song
from nemo_notebook.engine.agent.reading.sound import read_sound
from nemo_notebook.engine.agent.reading.talk import is_courtesy, left_out, not_read, small_talk, suggestions, unable
from nemo_notebook.engine.agent.reading.timed_lines import take_timed_lines
from nemo_notebook.engine.agent.reading.title import read_title
from nemo_notebook.engine.agent.reading.transition import (
    goes_on_about_joins,
    is_about_joins,
    read_transition,
    without_join_length,
)
from nemo_notebook.engine.agent.reading.unquoted import marked
from nemo_notebook.engine.agent.wishes import (
    AddMusic,
    AddTitle,
    Adjust,
    ChangeTitle,
    CutToBeat,
    MakeVideo,
    SetCanvas,
    SetVolume,
)
from nemo_notebook.engine.agent.words.languages import counted
from nemo_notebook.engine.agent.words.parting import parts_of
from nemo_notebook.engine.agent.words.vocabulary import FILM
from nemo_notebook.engine.agent.words.wording import MARK, Clause, clauses_of
from nemo_notebook.film.cutting import USUAL_PACE
from nemo_notebook.film.edits.lengths import MakeLoop
from nemo_notebook.film.edits.looks import SetLook
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say, seconds, stem
from nemo_notebook.film.telling import Told, tell

LONGEST_MESSAGE: Final = 4_000  # characters that are read; nobody describes a video in more
_MOST_CLAUSES: Final = 60
_SPACES: Final = re.compile(r"[^\S\n]{2,}")

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
        lines = take_timed_lines(_read_part(message))
        said = clauses_of(lines.rest)
        context = Context.of(situation)
        titles = _within_film(lines.titles, context)
        parts = (part for clause in said for part in parts_of(marked(clause)))
        clauses = tuple(_reworded(part, context) for part in islice(parts, _MOST_CLAUSES))
        clauses = with_shots_named(clauses, context)
        if not clauses:
            return titles or Question(suggestions(context))
        alone = not lines.titles and (len(clauses) == 1 or all(is_courtesy(clause) for clause in clauses))
        if alone and (answer := small_talk(clauses[0], context)) is not None:
            return answer
        unread = [clause for clause in clauses if not _read(clause, context)]
        declined = [told for clause in unread if (told := unable(clause, context)) is not None]
        edits = _settled([*context.edits, *titles])
        if edits:
            declined += [told for clause in unread if (told := left_out(clause, context)) is not None]
            return (*edits, *(Decline(told) for told in dict.fromkeys(declined)))
        if declined:
            return Refusal(declined[0])
        if not situation.media and not context.has_film and _asks_for_film(clauses):
            return Refusal(tell(Told("make_video.no_media"), situation.spoken))
        return not_read(clauses, context)


def wording_of(message: str, situation: Situation) -> str:
    """What a message says itself, without the words of titles, what stands in quotation marks and names of files."""
    lines = take_timed_lines(_read_part(message))
    clauses = clauses_of(f"{lines.head}\n{lines.rest}")
    text = re.sub(MARK, " ", " ".join(marked(clause).text for clause in clauses))
    for item in situation.media:
        for name in (item.filename.lower(), stem(item.filename).lower(), item.title.lower()):
            text = text.replace(name, " ") if len(name) > 1 else text
    return text


def _read_part(message: str) -> str:
    """What is read of a message: its beginning, with single spaces."""
    return _SPACES.sub(" ", message[:LONGEST_MESSAGE])


def _reworded(clause: Clause, context: Context) -> Clause:
    """The clause with music by its name, with times in place of what is seen or heard then, without what goes."""
    clause = with_bars(without_replaced(clause, context), context)
    return with_times(with_music_times(with_music(clause, context), context), context)


def _read(clause: Clause, context: Context) -> bool:
    whole = (read_phrases, read_history, read_file_wish, read_loop, read_photos_once, read_behind)
    if any(reader(clause, context) for reader in whole):
        return True
    joins = is_about_joins(clause) or goes_on_about_joins(clause, context)
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


def _settled(edits: list[Wish]) -> list[Wish]:
    """Edits in the order in which they make sense: a new film first, and not cut twice."""
    if any(isinstance(edit, SetLook) and edit.fit for edit in edits):
        edits = [replace(edit, fills=False) if isinstance(edit, SetCanvas) else edit for edit in edits]
    edits = sorted(_joined(edits), key=lambda edit: edit == MakeLoop())  # which ends what fades
    film = next((edit for edit in edits if isinstance(edit, MakeVideo)), None)
    if film is None:
        return edits
    cut = next((edit for edit in edits if isinstance(edit, CutToBeat)), None)
    made = replace(film, pace=cut.pace) if cut is not None and cut.pace != USUAL_PACE else film
    rest = [_paced(edit, made) for edit in edits if not isinstance(edit, (MakeVideo, CutToBeat))]
    made = replace(made, keeps_music=not any(isinstance(edit, AddMusic) for edit in rest))
    return [made, *rest]


def _within_film(titles: tuple[AddTitle, ...], context: Context) -> tuple[Wish, ...]:
    """The titles that begin before the film ends, and a word on the others."""
    total = context.film.end_ms
    seen = tuple(title for title in titles if not total or (title.when.start_ms or 0) < total)
    left = len(titles) - len(seen)
    if not left:
        return seen
    en = f"Left out {counted(left, 'line')} after the end of the video, which is {seconds(total, 'en')} long."
    zh = f"有 {left} 行在视频结束之后，没有加上（视频长 {seconds(total, 'zh')}）。"
    return (*seen, Decline(say(context.situation.spoken, en, zh)))


def _joined(edits: list[Wish]) -> list[Wish]:
    """Edits with changes of the same title that follow one another as one, without what only led to a wish."""
    joined: list[Wish] = []
    for edit in edits:
        last = joined[-1] if joined else None
        if isinstance(edit, ChangeTitle) and isinstance(last, ChangeTitle) and edit.which == last.which:
            joined[-1] = last.then(edit)
        elif _is_wish_after(edit, last):
            joined[-1] = edit
        else:
            joined.append(edit)
    return joined


def _is_wish_after(edit: Wish, last: Wish | None) -> bool:
    """Whether an edit says what is to be done, and the one before it only what it is to be done about."""
    if isinstance(edit, Adjust) and isinstance(last, Adjust):
        return edit.is_wish_after(last)
    return isinstance(edit, SetVolume) and isinstance(last, SetVolume) and edit.is_wish_after(last)


def _paced(edit: Wish, film: MakeVideo) -> Wish:
    """Composed music of a film that is made with it: the pictures are cut to it at the pace that was asked for."""
    wished = film.pace.every is not None or film.pace.factor != 1.0
    if not isinstance(edit, AddMusic) or film.with_song or not wished:
        return edit
    return replace(edit, cuts="anew", every=edit.every or film.pace.every, factor=film.pace.factor)


def _asks_for_film(clauses: tuple[Clause, ...]) -> bool:
    return any("video" in clause.text or "视频" in clause.text for clause in clauses)
