"""One turn of the chat: a message in a situation gives a draft and a reply."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent import context, history, spelling
from nemo_notebook.agent.bars import bars_of
from nemo_notebook.agent.frames import LIKED, OWN, Clause, atoms_of, cover, fit, is_joint
from nemo_notebook.agent.lexicon import lexicon
from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.model import Outcome, Redo, Rewind, Undo
from nemo_notebook.agent.names import names_of
from nemo_notebook.agent.replies import reply
from nemo_notebook.agent.texts import with_texts
from nemo_notebook.agent.timed import TimedLines, part_timed_lines
from nemo_notebook.agent.tokens import Text, Token, tokens_of
from nemo_notebook.agent.wishes import titles
from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import Json
from nemo_notebook.film.drafting import editable
from nemo_notebook.film.edit import Edit, apply_edits, touched_by
from nemo_notebook.film.model import Language, Situation
from nemo_notebook.film.phrasing import sentence_list
from nemo_notebook.film.soundtrack import voices_of
from nemo_notebook.film.target import of_kind
from nemo_notebook.film.telling import NotPossible, Told, tell

_READ: Final = 0.55  # score from which on a wish is taken for one
_LEAST_SHARE: Final = 0.4  # of what is said that has to be accounted for
_CLEAR: Final = 1.2  # from which on it is clearly one
_ALONE: Final = 0.9  # and one that ends words for a title
_ACTS: Final = (
    "make",
    "add",
    "change",
    "remove",
    "move",
    "trim",
    "keep",
    "set",
    "cuts",
    "recut",
    "boost",
    "reduce",
    "please",
)
_LONGEST_HEAD: Final = 60  # characters of a line that says what stands below it
_LONGEST_ANSWER: Final = 60  # and of words for a title that are said by themselves
_TOO: Final = (
    "too ",
    "so ",
    "not ",
    "a bit ",
    "bit ",
    "quite ",
    "rather ",
    "pretty ",
    "is ",
    "太",
    "很",
    "有点",
    "过",
    "不够",
    "没",
)
_SMALL_TALK: Final = (("talk", "noted"), ("talk", "small"), ("talk", "praised"), ("talk", "vague"), ("talk", "unfit"))
_SMALL: Final = -0.3  # likewise of talk
_SAID: Final = 3  # words from which on a question, or talk, is none of a title
_DOMAINS: Final = {
    "add_title": "titles", "set_title": "titles", "set_volume": "sounds", "duck": "sounds", "add_music": "music",
    "use_song": "music", "place_music": "music", "add_sound": "music", "set_look": "looks", "set_transition": "looks",
    "set_visualizer": "looks", "set_canvas": "looks", "recut": "films", "make_video": "films", "set_length": "films",
    "cut_time": "films", "trim": "shots", "move": "shots", "set_speed": "shots", "add_shot": "shots", "replace": "shots",
    "swap": "shots", "duplicate": "shots", "split": "shots", "fade": "sounds",
}  # fmt: skip


@dataclass
class _Turn:
    """What was done so far."""

    situation: Situation
    draft: Json
    message: str = ""
    told: list[str] = field(default_factory=list)
    made: list[Edit] = field(default_factory=list)
    moves: list[Undo | Redo] = field(default_factory=list)
    gone: tuple[Edit, ...] = ()
    asks: bool = False
    is_whole: bool = False
    choices: tuple[str, ...] = ()

    def say(self, told: Told | str) -> None:
        sentence = tell(told, self.situation.spoken)
        if sentence and sentence not in self.told:
            self.told.append(sentence)


def respond(message: str, situation: Situation) -> Outcome:
    """Do what a message asks for.

    Pure and deterministic: the same arguments give the same draft, key for key.

    Args:
        message: Plain words, in any language that there is a file of.
        situation: The draft, the uploads and what else the words may refer to; nothing of it is changed.

    Returns:
        The draft afterwards (the very object of the situation where nothing changed), and a reply that is never empty.
    """
    language = _language(message, situation)
    situation = replace(situation, language=language)
    timed = part_timed_lines(message, _is_head)
    if timed.lines:
        return _with_lines(timed, situation)
    message = _answered(message, situation)
    turn = _Turn(situation, situation.draft, message)
    tokens, clauses = read(message, situation)
    lasts = context.last_edits(situation)
    plain = context.negated(tokens)
    is_correction = any(token.is_a("actually", "no") for token in tokens[:4]) or len(plain) < len(tokens)
    whole = Match(plain, editable(situation.draft), situation, lasts, text=Text(message))
    is_contrast = context.is_contrast(plain, lasts) or context.is_narrower(whole)
    is_contrast = is_contrast or (whole.has("wrong") and is_correction and any(edit.tag == "remove" for edit in lasts))
    is_more = context.says_only_more(plain) or (whole.has("also") and len(clauses) == 1 and bool(clauses[0].unread))
    if (word := spelling.reworded(whole)) is not None and _revise(turn, context.Revised((word,))):
        return _outcome(turn, language)
    if (
        _unclear(clauses)
        or is_contrast
        or is_more
        or whole.has("same", "half_back", "spelled")
        or (is_correction and not _is_other(clauses, lasts))
    ):
        is_back = any(_is_read(c) and c.frame is not None and c.frame.domain == "history" for c in clauses)
        found = None if is_back else context.revised(whole, is_correction=is_correction or is_contrast)
        if found is not None and _revise(turn, found):
            return _outcome(turn, language)
    if sum(map(_is_read, clauses)) > 1:
        clauses = [clause for clause in clauses if clause.frame is None or not clause.frame.alone]
    for clause in sorted(clauses, key=_is_small):
        _do(turn, clause, lasts)
    if (
        turn.asks
        and not turn.made
        and not turn.moves
        and (found := context.revised(whole, is_correction=is_correction)) is not None
    ):
        other = _Turn(situation, situation.draft, message)
        if _revise(other, found):
            return _outcome(other, language)
    unread = [clause for clause in clauses if not _is_read(clause)]
    wishes = [clause for clause in unread if _may_be_wish(clause)]
    is_kept = any(
        _is_read(c) and c.frame is not None and c.frame.domain == "talk" and c.frame.name.startswith("stay")
        for c in clauses
    )
    if not turn.told and not turn.made and not turn.moves and not is_kept:
        turn.say(reply("not_understood"))
        turn.asks = True
    elif wishes and (turn.made or turn.moves):
        said = [" ".join(message[c.tokens[0].start : c.tokens[-1].end].split()) for c in wishes]
        turn.say(reply("left_out", names=[Told("target.quoted", text=text) for text in said]))
    return _outcome(turn, language)


def _with_lines(timed: TimedLines, situation: Situation) -> Outcome:
    """Do what else a message asks for, and add its timed lines as titles."""
    first = respond(timed.rest, situation) if timed.rest.strip() else None
    turn = _Turn(situation, situation.draft if first is None else first.draft)
    if first is not None and (first.made or first.asks):
        turn.told, turn.made, turn.moves, turn.is_whole = (
            [first.reply],
            list(first.made),
            list(first.moves),
            first.is_whole,
        )
    for edit in titles.of_lines(timed, _tokens(timed.head, situation)):
        _make(turn, edit, replace(situation, draft=turn.draft))
    return _outcome(turn, _language(timed.head + timed.lines[0].text, situation))


def _is_head(line: str) -> bool:
    """Whether a line says what stands below it."""
    words = Text(line)
    title = any(token.is_a("title", "lyrics", "caption", "lowerthird") for token in tokens_of(words, (), lexicon()))
    return title and len(line) <= _LONGEST_HEAD and not re.search(r"[:：].*\S", line)


def _tokens(message: str, situation: Situation) -> list[Token]:
    text = Text(message)
    names = [*names_of(situation, lexicon()), *bars_of(text.folded, situation)]
    return tokens_of(text, names, lexicon())


def _answered(message: str, situation: Situation) -> str:
    """The words of a title, said by themselves after it was asked for them, with the wish that they belong to."""
    said = " ".join(message.split()).strip(" \"'“”‘’「」《》.。")
    before = situation.asked if isinstance(situation.asked, str) else next(iter(situation.asked), "")  # and choices
    if (
        not before
        or not said
        or len(said) > _LONGEST_ANSWER
        or "\n" in message.strip()
        or "?" in message
        or "？" in message
    ):
        return message
    asked, _ = read(before, situation)
    is_new = any(token.is_a("add", "write", "make", "want") for token in asked) or not of_kind(
        editable(situation.draft), "title"
    )
    is_title = any(token.is_a("title", "lowerthird", "lyrics", "text_end") for token in asked)
    is_edge = any(token.is_a("start", "finish") for token in asked) and any(token.is_a("add") for token in asked)
    tokens, clauses = read(message, situation)
    is_other = any(token.is_a("text", "never_mind", "not", "no", "undo", "title", "one", "okay") for token in tokens)
    if (
        not is_new
        or not (is_title or is_edge)
        or any("text" in token.concepts for token in asked)
        or is_other
        or not _unclear(clauses)
    ):
        return message
    wish = before.rstrip(" .!。！:：")
    return f"{wish} “{said}”" if is_title else tell(reply("as_title", wish=wish, said=said), situation.spoken)


def read(message: str, situation: Situation) -> tuple[list[Token], list[Clause]]:
    """A message as tokens, and the clauses that account for most of it."""
    text, words = Text(message), lexicon()
    film = editable(situation.draft)
    there = {name for name, kind in (("titles", "title"), ("music", "music"), ("visualizer", "visualizer"), ("speech", "speech"))
             if of_kind(film, kind)}  # type: ignore[arg-type]  # fmt: skip
    there.add("film" if film.end_ms else "nothing")
    there |= set() if "music" in there else {"unscored"}
    there |= {"scored"} if of_kind(film, "composed") and not film.is_cut_to_music else set()
    there |= {"fresh"} if not context.last_edits(situation) else set()
    there |= {"fresh_film"} if film.end_ms and "fresh" in there else set()
    there |= {"drawn"} if film.end_ms and not film.shots else set()
    there |= {"fresh_music"} if "music" in there and "fresh" in there else set()
    there |= {"unspoken"} if "speech" not in there and voices_of(film, situation) else set()
    lasts = context.last_edits(situation)
    liking = _liking(lasts)
    there |= {edit.tag for edit in lasts}
    tokens = _tokens(message, situation)

    def reads(piece: Sequence[Token]) -> bool:
        clause = fit(tuple(token for token in piece if not is_joint(token)), {}, there | {"titles"})
        is_said = clause.frame is None or clause.frame.domain == "facts" or _is_small(clause)
        is_said = is_said or (clause.frame.domain == "talk" and len(clause.tokens) < _SAID)
        return not is_said and clause.score >= _ALONE and len(clause.unread) <= 1

    tokens = with_texts(tokens, text, reads, is_after=any(edit.tag in ("add_title", "set_title") for edit in lasts))
    if any("text" in token.concepts for token in tokens):
        there.add("titles")
    plain = context.negated(tokens)
    return tokens, cover(atoms_of(plain, text), liking, there)


def _liking(edits: Sequence[Edit]) -> dict[str, float]:
    return {_DOMAINS.get(edit.tag, ""): LIKED for edit in edits}


def _is_small(clause: Clause) -> bool:
    """Whether it is small talk, which is answered only where there is nothing else to say."""
    return clause.frame is not None and (clause.frame.domain, clause.frame.name) in _SMALL_TALK


def _unclear(clauses: Sequence[Clause]) -> bool:
    return not any(
        _is_read(c) and c.frame is not None and c.frame.domain != "talk" and not c.frame.alone for c in clauses
    )


def _is_complaint(clause: Clause) -> bool:
    """Whether a clause says what is not liked, and asks for nothing."""
    if any(token.is_a(*_ACTS) for token in clause.tokens):
        return False
    return any(
        token.is_a("too", "ugly", "vague", "drags", "unreadable", "wrong") or token.text.startswith(_TOO)
        for token in clause.tokens
    )


def _is_read(clause: Clause) -> bool:
    """Whether a clause is understood well enough to do what it says."""
    if clause.frame is None:
        return False
    if _is_small(clause):
        return clause.score >= _SMALL
    return clause.score >= _READ and (clause.frame.domain == "talk" or clause.share >= _LEAST_SHARE)


def _is_other(clauses: Sequence[Clause], lasts: Sequence[Edit]) -> bool:
    """Whether a message is clearly about something else than the last edits."""
    domains = {_DOMAINS.get(edit.tag) for edit in lasts}
    clear = [
        c for c in clauses if c.frame is not None and c.score >= _CLEAR and c.frame.domain not in ("talk", "history")
    ]
    return bool(clear) and not any(c.frame is not None and c.frame.domain in domains for c in clear)


def _may_be_wish(clause: Clause) -> bool:
    """Whether words that were not understood may be a wish: they have a verb of one."""
    return (
        any(t.is_a("make", "add", "remove", "change", "move", "trim", "write") for t in clause.tokens)
        and len(clause.tokens) > 2
    )


def _do(turn: _Turn, clause: Clause, lasts: Sequence[Edit]) -> None:
    if clause.frame is None or not _is_read(clause) or ((turn.moves or turn.made) and _is_same_step(clause)):
        return
    here = replace(
        turn.situation, draft=turn.draft, touched=touched_by(turn.situation.draft, turn.draft) or turn.situation.touched
    )
    match = Match(
        clause.tokens,
        editable(turn.draft),
        here,
        (*lasts, *turn.gone, *turn.made),
        tuple(turn.made),
        Text(turn.message),
    )
    module = importlib.import_module(f"nemo_notebook.agent.wishes.{clause.frame.domain}")
    function: Callable[[Match], Iterable[Any]] = getattr(module, clause.frame.name)
    try:
        wanted = list(function(match))
    except Asked as asked:
        if not _is_small(clause) or not turn.told:
            turn.say(asked.told)
            turn.asks = turn.asks or asked.asks
        return
    except NotPossible as reason:
        turn.say(reason.told)
        return
    for each in wanted:
        if (
            each not in turn.made or each.tag == "add_title"
        ):  # a complaint and the wish that follows from it often say the same
            _make(turn, each, here)


def _is_same_step(clause: Clause) -> bool:
    """Whether a clause behind a step back only says so once more: "keep the street after all, bring it back"."""
    is_step = (
        clause.frame is not None
        and clause.frame.domain == "history"
        and clause.frame.name not in ("redo", "clear", "undo")
    )
    return is_step and not any(token.is_a(*OWN) and not token.carried for token in clause.tokens)


def _make(turn: _Turn, wanted: Any, here: Situation) -> None:
    try:
        if isinstance(wanted, (Undo, Redo)):
            step = history.undo if isinstance(wanted, Undo) else history.redo
            turn.draft, told, _ = step(turn.draft, wanted, here)  # type: ignore[arg-type]
            turn.moves.append(wanted)
            turn.say(told)
            return
        if isinstance(wanted, Rewind):
            turn.say(reply("taken_back", told=history.told_between(turn.draft, wanted.draft, here)))
            turn.draft, turn.is_whole, turn.gone = wanted.draft, True, wanted.edits
            turn.moves.append(Undo(1))
            return
        kept = [edit for edit in turn.made if not _is_said_again(edit, wanted)]
        if len(kept) < len(turn.made):  # a complaint and what to do about it
            return _remake(turn, [*kept, wanted])
        done = apply_edits(turn.draft, [wanted], replace(here, draft=turn.draft))
    except InvalidEdit as error:
        cause = error.__cause__
        turn.say(cause.told if isinstance(cause, NotPossible) else str(error))
    except NotPossible as reason:
        turn.say(reason.told)
    else:
        if done.draft != turn.draft:
            turn.draft = done.draft
            turn.made += done.edits
        for told in done.told:
            turn.say(told)


def _is_said_again(edit: Edit, other: Edit) -> bool:
    """Whether two edits change the same of the same part: the second one is then what is meant."""
    if edit.tag != other.tag or edit.tag in ("add_title", "add_shot", "add_sound", "cut_time", "duplicate"):
        return False
    fields, others = (structs.asdict(each) for each in (edit, other))
    usual = structs.asdict(type(edit)()) if not _required(edit) else {}
    places = ("target", "media", "start_s", "end_s")
    if any(fields.get(name) != others.get(name) for name in places):
        return False
    said = [{name for name, value in each.items() if name not in places and not isinstance(value, bool) and value != usual.get(name)} for each in (fields, others)]
    return bool(said[0] & said[1]) or said[0] == said[1]


def _required(edit: Edit) -> bool:
    return any(each.required for each in structs.fields(type(edit)))


def _remake(turn: _Turn, edits: Sequence[Edit]) -> None:
    """Make some edits of this message in place of those that were made."""
    done = apply_edits(turn.situation.draft, edits, turn.situation)
    turn.draft, turn.made, turn.told = done.draft, list(done.edits), []
    for told in done.told:
        turn.say(told)


def _revise(turn: _Turn, found: context.Revised) -> bool:
    start = turn.situation.draft if found.base is None else found.base
    try:
        done = apply_edits(start, found.edits, turn.situation)
    except InvalidEdit:
        return False
    if done.draft == turn.situation.draft:
        return False
    turn.draft, turn.made, turn.is_whole = done.draft, list(done.edits), found.base is not None
    for told in done.told:
        turn.say(told)
    return True


def _outcome(turn: _Turn, language: Language) -> Outcome:
    draft = turn.situation.draft if turn.draft == turn.situation.draft else turn.draft
    text = sentence_list(turn.told, language) or tell(reply("nothing"), language)
    return Outcome(
        draft,
        text,
        language,
        turn.asks,
        tuple(turn.made),
        tuple(turn.moves),
        turn.is_whole or bool(turn.moves),
        turn.choices,
    )


def _language(message: str, situation: Situation) -> Language:
    han = sum("\u3400" <= letter <= "\u9fff" for letter in message)
    if han:
        return "zh" if han * 2 >= sum(letter.isascii() and letter.isalpha() for letter in message) / 3 else "en"
    return "en" if any(letter.isalpha() for letter in message) else situation.spoken
