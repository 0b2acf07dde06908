"""One turn of the chat: a message in a situation gives a draft and a reply."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from nemo_notebook.engine.agent.guard import question_before, says_yes
from nemo_notebook.engine.agent.model import Outcome, Question, Understanding, Wish
from nemo_notebook.engine.agent.reading.answers import answered
from nemo_notebook.engine.agent.translation import apply_wish
from nemo_notebook.engine.agent.understand import Grammar, wording_of
from nemo_notebook.engine.agent.wishes import AddMusic, AddTitle, MakeVideo, SetCanvas
from nemo_notebook.engine.agent.words.languages import detect
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import MUSIC, Draft, editable
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.looks import SetVisualizer
from nemo_notebook.film.model import Situation
from nemo_notebook.film.phrasing import say, sentence_list
from nemo_notebook.film.soundtrack import heard_clips
from nemo_notebook.film.telling import NotPossible, tell

_GRAMMAR: Final = Grammar()
_HINTED: Final = (MakeVideo, AddMusic)


def respond(message: str, situation: Situation, understanding: Understanding = _GRAMMAR) -> Outcome:
    """Does what a message asks for.

    Pure and deterministic: the same arguments give the same draft, key for key.

    Args:
        message: Plain words, English or Chinese.
        situation: Raw, uploads and what else the words may refer to; nothing of it is changed.
        understanding: Reads the message.

    Returns:
        The draft afterwards (the very object of the situation where nothing changed), and a reply that is never empty.
    """
    language = detect(wording_of(message, situation), detect(message, situation.spoken))
    situation = replace(situation, language=language)
    is_confirmed = bool(situation.asked) and says_yes(message)
    if is_confirmed:
        message = situation.asked
    else:
        message = answered(message, situation.asked, lambda text: understanding.read(text, situation))
    reading = understanding.read(message, situation)
    if not isinstance(reading, tuple):
        return Outcome(situation.draft, reading.text, (), language, asks=isinstance(reading, Question))
    draft, told, done, edits = _applied(reading, situation)
    if not is_confirmed and (question := question_before(message, edits, situation.draft, draft, situation)):
        return Outcome(situation.draft, question, (), language, asks=True)
    if draft == situation.draft:
        draft = situation.draft
    fresh = editable(situation.draft).end_ms == 0
    hint = _hint(editable(draft), done, situation) if done and fresh else ""
    return Outcome(draft, sentence_list([*told, hint] if hint else told, language), done, language, made=edits)


def _applied(
    wishes: tuple[Wish, ...], situation: Situation
) -> tuple[Json, list[str], tuple[Wish, ...], tuple[Edit, ...]]:
    draft: Json = situation.draft
    told: list[str] = []
    done: list[Wish] = []
    edits: list[Edit] = []
    for wish in wishes:
        try:
            after, sentence, made = apply_wish(draft, wish, situation)
        except NotPossible as reason:
            sentence = tell(reason.told, situation.spoken)
        else:
            if after != draft:
                draft = after
                done.append(wish)
                edits += made
        if sentence not in told:
            told.append(sentence)
    return draft, told, tuple(done), tuple(edits)


def _hint(draft: Draft, done: tuple[Wish, ...], situation: Situation) -> str:
    """At most one next step, after a change that invites one."""
    if not isinstance(done[0], _HINTED) or not draft.end_ms:
        return ""
    kinds, language = {type(edit) for edit in done}, situation.spoken
    if not draft.segments(*MUSIC):
        en = "put some under the clips' sound" if heard_clips(draft, situation) else "give it sound"
        return say(language, f'Say "add upbeat background music" to {en}.', "想要配乐可以说“加轻快的背景音乐”。")
    if AddTitle not in kinds and not draft.segments("title"):
        en = 'Next you could add a title "Your words" for the first 3 seconds, or export it.'
        return say(language, en, "接下来可以加标题，例如“在开头加标题‘你好’，3秒”，或直接导出。")
    if SetCanvas not in kinds and SetVisualizer not in kinds:
        return say(language, "It is ready to be exported.", "可以导出了。")
    return ""
