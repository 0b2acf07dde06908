"""Answers: what is said after a question is read as one message with the wish that the question was about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from nemo_notebook.agent.clauses import FREE, is_joint
from nemo_notebook.agent.history import Outcome
from nemo_notebook.agent.lexicon import Text
from nemo_notebook.agent.match import reply
from nemo_notebook.agent.reading import read
from nemo_notebook.agent.tokens import Token
from nemo_notebook.film.draft import editable
from nemo_notebook.film.model import Situation
from nemo_notebook.film.wording import tell

Respond = Callable[..., Outcome]  # of a message and a situation, and `is_sure`: without asking first

_LONGEST: Final = 60  # characters of an answer
_MOST: Final = 4  # choices that are offered
_MARKS: Final = " \"'“”‘’「」《》.。!！,，;；:："
_OTHER: Final = ("never_mind", "undo", "reset", "text", "unable", "unfit")  # what is no answer
_VALUES: Final = frozenset(
    "time range number percent factor ordinal bpm beats decibels color position filter transition mood aspect platform "
    "animation style palette visual fit file shot clip photo title title_text letters song music speech start finish "
    "all both every other rest each first_few".split()
)
_SMALL: Final = FREE | frozenset(
    "make put change it them one be for please want keep only add at use and much bit".split()
)
_WORDED: Final = ("title", "lowerthird", "lyrics", "caption", "text_end")
_NEW: Final = ("add", "write", "make", "want", "put")
_HOW_LONG: Final = ("how_long_film", "how_long_shots", "how_long_music", "how_many_seconds", "how_many_seconds_kept")
_NO_WORDS: Final = ("no", "not", "one", "title", "okay")  # of which an answer with words for a title has none
_QUESTIONS: Final = ("which_shots", "which_place", "which_shape", "which_style", "which_animation", "music_or_look")


def answered(message: str, situation: Situation, respond: Respond) -> Outcome | None:
    """What comes of a message together with the wish that the question before it was about.

    Args:
        message: What was said after the question.
        situation: Has the message that was asked about, and the choices.
        respond: Does what a message asks for by itself.

    Returns:
        None where the message is no answer.
    """
    asked = situation.asked
    before, *choices = (asked,) if isinstance(asked, str) else asked  # a text until the engine passes choices too
    here = replace(situation, asked=())
    reading = read(message, here)
    said = message.strip(_MARKS)
    is_short = 0 < len(said) <= _LONGEST and not re.search(r"[?？\n]", message.strip())
    if not is_short or any(token.is_a(*_OTHER) for token in reading.tokens):
        return None
    is_whole = any(token.is_a("move", "trim") and not token.is_a("for") for token in reading.tokens) and any(
        token.is_a("file") for token in reading.tokens
    )
    is_other = is_whole or not _is_bare(reading.tokens)
    if is_other and (not reading.is_unclear or respond(message, here).made):
        return None
    picked = [choice for choice in choices if choice.strip(_MARKS) == said] or _picked(reading.tokens, choices)
    asking = [] if picked else _asking(before, here, respond)
    wholes = (
        whole for wish in asking for whole in _wholes(said, reading.tokens, wish, here, respond(wish, here).reply)
    )
    for whole in picked or wholes:
        outcome = respond(whole, here, is_sure=True)
        if outcome.made and not outcome.asks and (picked or whole in asking or not _is_lost(whole, said, here)):
            return outcome
    return None


def choices(message: str, situation: Situation, outcome: Outcome, respond: Respond) -> tuple[str, ...]:
    """Whole messages that answer the question of an outcome; each of them can be done.

    Args:
        message: What was asked about.
        situation: The situation in which it was.
        outcome: Has the question.
        respond: Does what a message asks for by itself.
    """
    here, language = replace(situation, asked=()), situation.spoken
    questions = {name: re.split("[?？]", tell(reply(name, mood=""), language))[0] for name in _QUESTIONS}
    asked = next((name for name, question in questions.items() if question in outcome.reply), "")
    if not asked or outcome.made:
        return ()
    if asked == "which_shots":
        named = {item.id: item.filename.rpartition(".")[0] for item in here.media}
        shown = dict.fromkeys(named.get(str(shot.meta.get("media")), "") for shot in editable(here.draft).shots)
        wholes = [tell(reply("as_choice", wish=message.strip(_MARKS), said=name), language) for name in shown]
    else:
        wholes = tell(reply(f"{asked}_choices", wish=message.strip(_MARKS)), language).split(" | ")
    if len(wholes) > _MOST:
        return ()
    done = [respond(whole, here) for whole in wholes]
    return () if any(each.asks for each in done) or not any(each.made for each in done) else tuple(wholes)


def _is_bare(tokens: Sequence[Token]) -> bool:
    """Whether tokens have nothing but values and small words."""
    return all(is_joint(token) or token.is_a(*_VALUES, *_SMALL) for token in tokens)


def _picked(tokens: Sequence[Token], choices: Sequence[str]) -> list[str]:
    """The choice that a number picks, or a yes where there is only one."""
    numbers = [token.concepts[name] for token in tokens for name in ("ordinal", "number") if name in token.concepts]
    if not numbers and len(choices) == 1 and any(token.is_a("yes", "okay") for token in tokens):
        return [*choices]
    at = int(numbers[0]) if len(numbers) == 1 else 0
    return [choices[at - 1 if at > 0 else at]] if at and -len(choices) <= at <= len(choices) else []


def _asking(message: str, situation: Situation, respond: Respond) -> list[str]:
    """What of a message a question is about: all of it, or the pieces that were not done."""
    if not respond(message, situation).made:
        return [message.strip(_MARKS)]
    places = Text(message, situation.spoken).places
    begins = [places[each.tokens[0].start][0] for each in read(message, situation).clauses if each.is_read][1:]
    pieces = [message[start:end].strip(_MARKS) for start, end in pairwise([0, *begins, len(message)])]
    return [piece for piece in pieces if respond(piece, situation).asks] or pieces


def _wholes(said: str, tokens: Sequence[Token], wish: str, here: Situation, question: str) -> Iterator[str]:
    """What an answer says as a whole message, the likeliest one first; nothing for a no."""
    if all(is_joint(token) or token.is_a(*_SMALL, "okay", "no", "be_a") for token in tokens):
        if any(token.is_a("yes", "okay", "be_a") for token in tokens) and not any(
            token.is_a("no", "not") for token in tokens
        ):
            yield wish
        return
    yield tell(reply("as_answer", wish=wish, said=said), here.spoken)
    asked = read(wish, here).tokens
    if all(token.is_a("number") for token in tokens) and any(
        question == tell(reply(each), here.spoken) for each in _HOW_LONG
    ):
        yield tell(reply("as_seconds", wish=wish, said=said), here.spoken)
    is_worded = not _is_bare(tokens) and not any(token.is_a(*_NO_WORDS) for token in tokens)
    if not is_worded or not any(token.is_a(*_NEW) for token in asked) or any(token.is_a("text") for token in asked):
        return
    if any(token.is_a(*_WORDED) for token in asked):
        yield f"{wish} “{said}”"
    elif any(token.is_a("start", "finish") for token in asked):
        yield tell(reply("as_title", wish=wish, said=said), here.spoken)


def _is_lost(whole: str, said: str, situation: Situation) -> bool:
    """Whether a whole message is read without something that the answer says."""
    clauses = read(whole, situation).clauses
    begins = len(Text(whole[: len(whole) - len(said)], situation.spoken).folded)
    return any(clause.frame is None or token.start >= begins for clause in clauses for token in clause.unread)
