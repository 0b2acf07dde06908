"""One turn of the chat: a message in a situation gives a draft and a reply.

What is said after a question is read as one message with the wish that the question was about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent import context, steps
from nemo_notebook.agent.clauses import OWN, Clause, is_asking, is_joint
from nemo_notebook.agent.lexicon import Frame, Message, concepts_of, lexicon, likeliest_language, phrases_of
from nemo_notebook.agent.match import Asked, Match, read_as, reply
from nemo_notebook.agent.reading import Reading, read_clauses, tokens_in
from nemo_notebook.agent.steps import Outcome, Rewind, Steps
from nemo_notebook.agent.tokenizer import TimedLines, Token, part_timed_lines, tokens_of
from nemo_notebook.agent.wishes import titles
from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import editable
from nemo_notebook.film.edit import Edit, apply_edits, to_json, touched_by
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.model import Language, Situation, Version
from nemo_notebook.film.tracks import Json
from nemo_notebook.film.wording import NotPossible, Told, sentence_list, stem, tell

_CLEAR: Final = 1.2  # score from which on a wish is clearly one
_SURE: Final = 0.15  # likeness from which on a wish is done without asking first
_CLEARLY: Final = 0.5  # and from which on a language model is not asked
_UNHEARD: Final = 0.005  # and below which it is not done, however clear its words are
_SURE_SHARE: Final = 0.6  # of what is said that has to be understood before something is removed
_LONGEST_HEAD: Final = 60  # characters of a line that says what stands below it
_ACTS: Final = ("make", "add", "remove", "change", "move", "trim", "write")
_REPEATED: Final = (
    "add_title",
    "add_shot",
    "add_sound",
    "cut_time",
    "duplicate",
    "set_effect",
)  # edits that may be meant twice
_WAYS: Final = ("shorter", "longer", "faster", "slower", "louder", "quieter", "brighter", "darker", "bigger", "smaller")
_VALUES, _NO_ANSWER, _SMALL, _ANSWERS = map(concepts_of, ("$turn_values", "$no_answer", "$answer_small", "$answers"))
_WORDED, _NO_WORDS = map(concepts_of, ("$worded", "$unworded"))
_CLOSE: Final = ("films", "shots")  # domains of which one may complain of what the other one mends
_DISLIKED: Final = ("ugly_shot", "bad_music")
_REMOVALS: Final = ("remove", "cut_time", "clear", "make_video")
_LONGEST_ANSWER: Final = 60  # characters
_MOST_CHOICES: Final = 4
_MARKS: Final = " \"'“”‘’「」《》.。!！,，;；:："
_QUESTIONS: Final = ("which_shots", "which_place", "which_shape", "which_style", "which_animation", "music_or_look")
_PLACES: Final = ("target", "media", "start_s", "end_s")


@dataclass
class _Turn:
    """What was done so far."""

    situation: Situation
    draft: Json
    message: str = ""
    told: list[str] = field(default_factory=list)
    made: list[Edit] = field(default_factory=list)
    moves: list[Steps] = field(default_factory=list)
    gone: tuple[Edit, ...] = ()
    asks: bool = False
    is_whole: bool = False
    is_sure: bool = False
    doubts: list[Clause] = field(default_factory=list)
    is_unsure: bool = False

    @property
    def is_done(self) -> bool:
        """Whether anything was changed."""
        return bool(self.made or self.moves)

    def say(self, *sentences: Told | str) -> None:
        """Add to the reply what is not said yet."""
        for each in sentences:
            sentence = tell(each, self.situation.spoken)
            if sentence and sentence not in self.told:
                self.told.append(sentence)

    def ask(self, asked: Asked) -> None:
        """Add a question, or a reply in place of an edit."""
        self.say(asked.told)
        self.asks = self.asks or asked.asks


def respond(message: str, situation: Situation) -> Outcome:
    """Do what a message asks for.

    Pure and deterministic: the same arguments give the same draft, key for key.

    Args:
        message: Plain words, in any language that there is a file of.
        situation: The draft, the uploads and what else the words may refer to; nothing of it is changed.

    Returns:
        The draft afterwards (the very object of the situation where nothing changed), and a reply that is never empty.
    """
    situation = replace(situation, language=_language(message, situation))
    outcome = (_answered(message, situation) if situation.asked else None) or _done(message, situation)
    return replace(outcome, choices=_choices(message, situation, outcome)) if outcome.asks else outcome


def _answered(message: str, situation: Situation) -> Outcome | None:
    """What comes of a message with the wish that the question before it was about; None where it is no answer."""
    wish, *choices = situation.asked
    here = replace(situation, asked=())
    reading, said = read_clauses(message, here), message.strip(_MARKS)
    is_other = any(token.is_a(*_NO_ANSWER) for token in reading.tokens) or any(each in message for each in "?？\n")
    if is_other or len(said) > _LONGEST_ANSWER or not (reading.is_unclear or _is_bare(reading.tokens)):
        return None
    picked = [choice for choice in choices if choice.strip(_MARKS) == said] or _picked(reading.tokens, choices)
    asking = [] if picked else _asking(wish, here)
    for whole in picked or [whole for each in asking for whole in _wholes(said, reading.tokens, each, here)]:
        outcome = _done(whole, here, is_sure=True)
        if outcome.made and not outcome.asks and (picked or whole in asking or not _is_lost(whole, said, here)):
            return outcome
    return None


def _is_lost(whole: str, said: str, situation: Situation) -> bool:
    """Whether a whole message is read without something that the answer says."""
    clauses = read_clauses(whole, situation).clauses
    begins = len(Message(whole[: len(whole) - len(said)], situation.spoken).folded)
    return any(clause.frame is None or token.start >= begins for clause in clauses for token in clause.unread)


def _choices(message: str, situation: Situation, outcome: Outcome) -> tuple[str, ...]:
    """Whole messages that answer the question of an outcome; each of them can be done."""
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
    done = [_done(whole, here) for whole in wholes] if len(wholes) <= _MOST_CHOICES else []
    return tuple(wholes) if any(each.made for each in done) and not any(each.asks for each in done) else ()


def _is_bare(tokens: Sequence[Token]) -> bool:
    """Whether tokens have nothing but values and small words."""
    return all(is_joint(token) or token.is_a(*_ANSWERS) for token in tokens)


def _picked(tokens: Sequence[Token], choices: Sequence[str]) -> list[str]:
    """The choice that a number picks."""
    numbers = [token.concepts[name] for token in tokens for name in ("ordinal", "number") if name in token.concepts]
    at = int(numbers[0]) if len(numbers) == 1 else 0
    return [choices[at - 1 if at > 0 else at]] if at and -len(choices) <= at <= len(choices) else []


def _asking(wish: str, situation: Situation) -> list[str]:
    """What of a message a question is about: all of it, or the pieces that were not done."""
    if not _done(wish, situation).made:
        return [wish.strip(_MARKS)]
    places = Message(wish, situation.spoken).places
    begins = [places[each.tokens[0].start][0] for each in read_clauses(wish, situation).clauses if each.is_read][1:]
    pieces = [wish[start:end].strip(_MARKS) for start, end in pairwise([0, *begins, len(wish)])]
    return [piece for piece in pieces if _done(piece, situation).asks] or pieces


def _wholes(said: str, tokens: Sequence[Token], wish: str, here: Situation) -> Iterable[str]:
    """What an answer says as a whole message, the likeliest one first; nothing for a no."""
    if all(is_joint(token) or token.is_a(*_SMALL, "okay", "no", "be_a") for token in tokens):
        is_yes = any(token.is_a("yes", "okay", "be_a") for token in tokens)
        return [wish] if is_yes and not any(token.is_a("no", "not") for token in tokens) else []
    wholes = [tell(reply("as_answer", wish=wish, said=said), here.spoken)]
    if all(token.is_a("number") for token in tokens):
        wholes.append(tell(reply("as_seconds", wish=wish, said=said), here.spoken))
    is_worded = not _is_bare(tokens) and not any(token.is_a(*_NO_WORDS) for token in tokens)
    if is_worded and any(token.is_a(*_WORDED) for token in read_clauses(wish, here).tokens):
        wholes.append(f"{wish} “{said}”")
    return wholes


def _done(message: str, situation: Situation, *, is_sure: bool = False) -> Outcome:
    """What comes of a message by itself."""
    timed = part_timed_lines(message, _is_head)
    names = {stem(item.filename).lower() for item in situation.media}
    if timed.lines and (timed.head or names.isdisjoint(line.text.lower() for line in timed.lines)):
        return _with_lines(timed, situation)
    turn = _Turn(situation, situation.draft, message, is_sure=is_sure)
    reading = read_clauses(message, situation)
    is_question = is_asking(reading.plain)
    if not is_question and ((better := _second_thought(turn, reading)) or _revised(turn, reading)):
        return better or _outcome(turn)
    clauses = reading.clauses
    wishes = [clause for clause in clauses if clause.is_read and clause.domain != "talk"]
    if len(wishes) > 1 or any(not each.frame.alone for each in wishes if each.frame):
        clauses = [each for each in clauses if each.frame is None or not each.frame.alone or _is_of_music(each)]
    turn.is_unsure = any(each.frame and not each.is_small and each.likeness < _CLEARLY for each in clauses)
    for clause in sorted(clauses, key=_is_aside):
        _do(turn, clause, reading)
    if (turn.asks or turn.doubts) and not turn.is_done and not is_question:
        other = _Turn(situation, situation.draft, message)
        whole = _match(other, reading.plain, reading.lasts)
        if (found := context.revised(whole, is_correction=_is_correction(reading))) and _revise(other, found):
            return _outcome(other)
    if turn.doubts and not turn.is_done:  # few people would say it in such words
        trial = _done(message, situation, is_sure=True)
        if not (trial.made or trial.moves):
            return trial
        turn.say(reply("doubt", text=_words_of(turn, turn.doubts[0]), told=trial.reply))
        turn.asks = True
    _tell_unread(turn, clauses)
    return _outcome(turn)


def _is_of_music(clause: Clause) -> bool:
    """Whether a clause surely wishes for music: "add lofi", "romantic piano"."""
    return clause.has("mood") and (clause.has("add", "want") or sum(token.is_a("mood") for token in clause.tokens) > 1)


def _is_aside(clause: Clause) -> bool:
    """Whether a clause is small talk, or only says that something is not liked."""
    return clause.is_small or (clause.frame is not None and clause.frame.name in _DISLIKED)


def _words_of(turn: _Turn, clause: Clause) -> str:
    own = [token for token in clause.tokens if not token.carried] or clause.tokens
    return " ".join(_text(turn.message, turn.situation.spoken).original(own[0].start, own[-1].end).split())


def _is_reason(clause: Clause, clauses: Sequence[Clause], *, is_frame: bool) -> bool:
    """Whether a clause only complains of what another one says how to change: "the film drags, 20 seconds at most"."""
    if clause.has(*_VALUES):
        return False
    near = (clause.domain, *(_CLOSE if clause.domain in _CLOSE and not is_frame else ()))
    same = [each for each in clauses if each is not clause and each.is_read and each.domain in near]
    if is_frame:
        same = [each for each in same if each.has("time", "percent") and _is_of_same(clause, each)]
    return any(each.has(*_VALUES) and _names(clause) <= _names(each) for each in same)


def _is_said_next(clause: Clause, clauses: Sequence[Clause]) -> bool:
    """Whether the clause behind one only says what is to be done about it: "the first is too long, shorten it"."""
    after = next((b for a, b in pairwise(clauses) if a is clause), None)
    if after is None or after.frame != clause.frame:
        return False
    named, again = ({t.text for t in each.tokens if t.is_a("file", "ordinal", *OWN)} for each in (clause, after))
    is_new = not named <= again or any(each.has("time", "number", "percent", "also") for each in (clause, after))
    return not is_new and any(clause.has(way) and after.has(way) for way in _WAYS)


def _is_of_same(clause: Clause, other: Clause) -> bool:
    """Whether two clauses are about how long the same is, or need the same things for the same wish."""
    if clause.has("longer", "shorter", "drags"):
        return not clause.has("photo", "clip") or other.has("photo", "clip")
    needs = clause.frame.needs if clause.frame is not None and clause.frame == other.frame else ()
    return bool(needs) and all(other.has(*filter(clause.has, need)) for need in needs)


def _names(clause: Clause) -> set[str]:
    """What is named in a clause: uploads and numbers."""
    return {token.text for token in clause.tokens if token.is_a("file", "ordinal")}


def _may_be_wish(clause: Clause) -> bool:
    """Whether a clause that was not understood may ask for something."""
    if all(token.carried for token in clause.tokens):
        return False
    is_near = clause.frame is not None and clause.domain not in ("talk", "facts") and not clause.is_quiet
    return is_near or (clause.has(*_ACTS) and len(clause.tokens) > 2)


def _tell_unread(turn: _Turn, clauses: Sequence[Clause]) -> None:
    """Name the words that may be a wish and were not understood."""
    unread = [each for each in clauses if not each.is_read and _may_be_wish(each)]
    unread += turn.doubts
    is_kept = any(each.is_read and each.frame and each.frame.name.startswith("stay") for each in clauses)
    if not turn.told and not turn.is_done and not is_kept:
        turn.say(reply("not_understood"))
        turn.asks = True
    elif unread and not turn.asks:
        names = [Told("target.quoted", text=_words_of(turn, each)) for each in unread]
        turn.say(reply("left_out", names=names))
        turn.is_unsure = True


def _revised(turn: _Turn, reading: Reading) -> bool:
    """Whether a message only says something of the edits before it, which are then made otherwise."""
    plain, lasts, clauses = reading.plain, reading.lasts, reading.clauses
    whole, is_correction = _match(turn, plain, lasts), _is_correction(reading)
    is_contrast = context.is_contrast(plain, lasts) or context.is_narrower(whole)
    is_more = context.says_only_more(plain) or context.is_too_far(whole, lasts)
    may_be = reading.is_unclear or is_contrast or is_more or whole.has("same", "half_back", "spelled")
    may_be = may_be or (is_correction and not reading.is_other(_CLEAR))
    is_step = any(each.is_read and each.domain == "history" for each in clauses)
    if not may_be or is_step or whole.has("title_part"):
        return False
    found = context.revised(whole, is_correction=is_correction or is_contrast)
    return found is not None and _revise(turn, found)


def _second_thought(turn: _Turn, reading: Reading) -> Outcome | None:
    """What comes of a message that corrects itself, as if it had been two: "the boat last, no wait, first"."""
    tokens, here = reading.tokens, turn.situation
    marks = (
        token.start
        for before, token in pairwise(tokens)
        if (is_joint(before) and token.is_a("actually", "no")) or (token.is_a("actually") and token.text.isascii())
    )
    if (at := next(marks, 0)) == 0:
        return None
    text = _text(turn.message, here.spoken)
    first, said = _done(text.original(0, at), here), text.original(at, len(text.folded))
    if not first.made or first.asks or first.moves or first.is_whole:
        return None
    version = Version("chat", "", "", [to_json(each) for each in first.made])
    after = replace(here, draft=first.draft, earlier=(*here.earlier, here.draft), recent=(*here.recent, version))
    after = replace(after, touched=touched_by(here.draft, first.draft), later=())
    then = _Turn(after, first.draft, said)
    if not _revised(then, read_clauses(said, after)) or not then.is_whole:
        return None
    return replace(_outcome(then), is_whole=False)


def _is_correction(reading: Reading) -> bool:
    return any(token.is_a("actually", "no") for token in reading.tokens[:4]) or len(reading.plain) < len(reading.tokens)


def _match(turn: _Turn, tokens: Sequence[Any], edits: Sequence[Edit]) -> Match:
    """Some tokens in the film as it is now."""
    touched = touched_by(turn.situation.draft, turn.draft) or turn.situation.touched
    here = replace(turn.situation, draft=turn.draft, touched=touched)
    done = (*edits, *turn.gone, *turn.made)
    return Match(tokens, editable(turn.draft), here, done, tuple(turn.made), _text(turn.message, here.spoken))


def _with_lines(timed: TimedLines, situation: Situation) -> Outcome:
    """Do what else a message asks for, and add its timed lines as titles."""
    first = _done(timed.rest, situation) if timed.rest.strip() else None
    turn = _Turn(situation, situation.draft if first is None else first.draft)
    if first is not None and (first.made or first.asks):
        turn.told, turn.made, turn.moves = [first.reply], list(first.made), list(first.moves)
        turn.is_whole = first.is_whole
    lines = list(titles.of_lines(timed, tokens_in(timed.head, situation), editable(turn.draft).end_ms / 1000))
    for edit in lines:
        _make(turn, edit, replace(situation, draft=turn.draft))
    if len(lines) < len(timed.lines):
        turn.say(reply("lines_behind"))
    return _outcome(turn)


def _is_head(line: str) -> bool:
    """Whether a line says what stands below it."""
    if len(line) > _LONGEST_HEAD or re.search(r"[:：].*\S", line):
        return False
    return any(
        token.is_a("title", "lyrics", "caption", "lowerthird") for token in tokens_of(Message(line), (), lexicon())
    )


def _do(turn: _Turn, clause: Clause, reading: Reading) -> None:
    """Do what a clause asks for."""
    if clause.frame is None or not clause.is_read or (turn.is_done and _is_same_step(clause, turn)):
        return
    if _is_reason(clause, reading.clauses, is_frame=True) or _is_said_next(clause, reading.clauses):
        return
    if _is_of_shots(clause) and not editable(turn.draft).end_ms:
        files = dict.fromkeys(media for token in reading.plain for media in token.concepts.get("file") or ())
        _make(turn, MakeVideo(with_song=False, only=tuple(files)), turn.situation)
    match = _match(turn, clause.tokens, reading.lasts)
    try:
        wanted = list(_wanted(clause.frame, match))
    except Asked as asked:
        if not (_is_aside(clause) and turn.told) and not _is_reason(clause, reading.clauses, is_frame=False):
            turn.ask(asked)
        return
    except NotPossible as reason:
        turn.say(reason.told)
        return
    is_removal = bool(match.film.shots) and any(each.tag in _REMOVALS for each in wanted if isinstance(each, Edit))
    is_doubtful = clause.likeness < (_SURE if is_removal or clause.unread else _UNHEARD)
    if wanted and not turn.is_sure and (is_doubtful or (is_removal and clause.share < _SURE_SHARE)):
        turn.doubts.append(clause)
        return
    for each in wanted:
        _make(turn, each, match.situation)


def _wanted(frame: Frame, match: Match) -> Iterable[Any]:
    """The edits of a frame, those it always makes or those of its function in `wishes`.

    Raises:
        Asked: It has a question or a reply instead.
    """
    if frame.asks or frame.tells:
        raise Asked(reply(frame.asks or frame.tells), asks=bool(frame.asks))
    if frame.edits is not None:
        return frame.edits
    name = frame.does or frame.name
    return read_as(name if "." in name else f"{frame.domain}.{name}", match)


def _is_of_shots(clause: Clause) -> bool:
    """Whether a clause is about a part of a clip, or of one of several, so that they have to be seen before."""
    if clause.domain == "music":
        return clause.has("only") and clause.has("ordinal") and clause.has("clip", "photo", "shot")
    return clause.domain == "shots" and clause.has("time", "range") and clause.has("file")


def _is_same_step(clause: Clause, turn: _Turn) -> bool:
    """Whether a clause behind a step back only says so once more: "keep the street after all, bring it back"."""
    if clause.frame is None or clause.domain != "history" or clause.frame.name in ("redo", "clear"):
        return False
    is_more = not turn.moves or turn.moves[-1].is_forward
    is_more = is_more or clause.has("also", "again", "number", "twice", "last")
    if clause.frame.name == "undo" and is_more:
        return False
    return not any(token.is_a(*OWN) and not token.carried for token in clause.tokens)


@lru_cache(maxsize=4)
def _text(message: str, language: Language) -> Message:
    return Message(message, language)


def _make(turn: _Turn, wanted: Any, here: Situation) -> None:
    """Make an edit, or go a step through the history."""
    try:
        if isinstance(wanted, Steps):
            turn.draft, told = steps.take_steps(turn.draft, wanted, here)
            turn.moves.append(wanted)
            turn.say(told)
        elif isinstance(wanted, Rewind):
            turn.say(reply("taken_back", told=steps.told_between(turn.draft, wanted.draft, here)))
            turn.draft, turn.is_whole, turn.gone = wanted.draft, True, wanted.edits
            turn.moves.append(Steps())
        else:
            _apply(turn, wanted, here)
    except InvalidEdit as error:
        cause = error.__cause__
        turn.say(cause.told if isinstance(cause, NotPossible) else str(error))
    except NotPossible as reason:
        turn.say(reason.told)


def _apply(turn: _Turn, edit: Edit, here: Situation) -> None:
    """Make an edit; where it changes what another one of this message did (a complaint, say), it takes its place."""
    kept = [each for each in turn.made if not _is_said_again(each, edit)]
    if len(kept) < len(turn.made):
        done = apply_edits(turn.situation.draft, [*kept, edit], turn.situation)
        turn.draft, turn.made, turn.told = done.draft, list(done.edits), []
    else:
        done = apply_edits(turn.draft, [edit], replace(here, draft=turn.draft))
        if done.draft != turn.draft:
            turn.draft = done.draft
            turn.made += done.edits
    turn.say(*done.told)


def _is_said_again(edit: Edit, other: Edit) -> bool:
    """Whether two edits change the same of the same part: the second one is then what is meant."""
    if isinstance(edit, Remove) and isinstance(other, SetTitle) and edit.target == other.target:
        return True  # "drop this one, write … instead"
    if edit.tag != other.tag or edit.tag in _REPEATED:
        return False
    fields, others = structs.asdict(edit), structs.asdict(other)
    if any(fields.get(name) != others.get(name) for name in _PLACES):
        return False
    usual = {each.name: each.default for each in structs.fields(type(edit))}
    said, again = (
        {
            name
            for name in each
            if name not in _PLACES and each[name] != usual[name] and not isinstance(each[name], bool)
        }
        for each in (fields, others)
    )
    return bool(said & again) or said == again


def _revise(turn: _Turn, found: context.Revised) -> bool:
    """Make the last edits otherwise; false where that is not possible or changes nothing."""
    start = turn.situation.draft if found.base is None else found.base
    try:
        done = apply_edits(start, found.edits, turn.situation)
    except InvalidEdit:
        return False
    if done.draft == turn.situation.draft:
        return False
    turn.draft, turn.made, turn.is_whole = done.draft, list(done.edits), found.base is not None
    turn.say(*done.told)
    return True


def _outcome(turn: _Turn) -> Outcome:
    language = turn.situation.spoken
    draft = turn.situation.draft if turn.draft == turn.situation.draft else turn.draft
    text = sentence_list(turn.told, language) or tell(reply("nothing"), language)
    is_whole = turn.is_whole or bool(turn.moves)
    is_unsure = turn.is_unsure or turn.asks
    made, moves = tuple(turn.made), tuple(turn.moves)
    return Outcome(draft, text, language, turn.asks, made, moves, is_whole, is_unsure=is_unsure)


def _language(message: str, situation: Situation) -> Language:
    han = sum("\u3400" <= letter <= "\u9fff" for letter in message)
    if han:
        return "zh" if han * 2 >= sum(letter.isascii() and letter.isalpha() for letter in message) / 3 else "en"
    is_other = any(map(str.isalpha, message)) and not phrases_of(situation.spoken).units
    said, names = (message, *situation.asked[:1]), (stem(item.filename) for item in situation.media)
    return likeliest_language(" ".join(said), " ".join(names), "en" if is_other else situation.spoken)


def explain(message: str, situation: Situation) -> dict[str, Any]:
    """Read a message without doing anything.

    Args:
        message: What may be said.
        situation: The film and what else the words may refer to.

    Returns:
        `clauses`: for each stretch of the message its `words`, the frame that it is `read_as` (empty for none), how
        `likely` that is (0–1), what its words stand for (`meanings`) and those that are `unread`; `edits`: what
        would be done, as plain values; `reply`: what would be answered; `is_unsure`: whether a language model would be
        asked.
    """
    outcome = respond(message, situation)
    clauses = [
        {
            "words": _said(clause.tokens),
            "read_as": f"{clause.domain}.{clause.frame.name}" if clause.frame and clause.is_read else "",
            "likely": round(clause.likeness, 2),
            "meanings": {token.text: [*token.concepts] for token in clause.tokens if not token.carried},
            "unread": _said(clause.unread),
        }
        for clause in read_clauses(message, situation).clauses
    ]
    edits = [to_json(edit) for edit in outcome.made]
    return {"clauses": clauses, "edits": edits, "reply": outcome.reply, "is_unsure": outcome.is_unsure}


def _said(tokens: tuple[Token, ...]) -> str:
    return " ".join(str(token.concepts.get("text") or token.text) for token in tokens if not token.carried)
