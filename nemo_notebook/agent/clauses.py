"""A message as clauses: stretches of it, each with the frame that accounts for most of its words.

A message is cut at its joints ("and", commas), and the cheapest way to cover the pieces with frames is chosen: each
concept that a frame takes is won, each word that none takes is lost, and each frame costs. What people mean by such
words (`classifiers.py`) counts as well, and decides where no frame reads them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice, pairwise
from typing import Final

from nemo_notebook.agent import lexicon
from nemo_notebook.agent.classifiers import likeness_of
from nemo_notebook.agent.tokenizer import Token

WEAK, FREE, OWN = map(lexicon.concepts_of, ("$weak", "$free", "$own"))
_NAMED, _ACTS, _CARRIED, _OPEN = map(lexicon.concepts_of, ("$named", "$acts", "$carried", "$open"))
_SEEN: Final = ("file", "shot", "clip", "photo")
_SEEN_OR_HEARD: Final = lexicon.concepts_of("$seen $heard")
_GENERIC, _SPECIFIC = map(lexicon.concepts_of, ("$generic", "$specific"))
_SHAPES, _VALUES, _CONCRETE = map(lexicon.concepts_of, ("$shapes", "$clause_values", "$concrete"))
_SMALL_TALK: Final = ("noted", "small", "praised", "vague", "unfit")
_SIGNS: Final = re.compile(r"[^\w\s$€£¥%#@&'\"()（）]+")
_SENTENCE_END: Final = re.compile(r"[.!?;。！？；…]+")
_LISTING: Final = ("、", ".", ")", ":", "，", ",")  # signs behind the numbers of a list
_IGNORED: Final = ("(", ")", "（", "）", "'", '"')
_MOST_ATOMS: Final = 5  # pieces between joints that one wish may go over
_MOST_PIECES: Final = 30  # of a message that are read
_LONGEST_REST: Final = 30  # tokens behind them that the reply quotes
_TAIL: Final = FREE | lexicon.concepts_of("$when time number percent length end last_for ordinary at_most") - {
    "songpart"
}  # what may only be said of a wish
_LONGEST_PARTED: Final = 30  # tokens of a clause that is tried as two

_SCORES: Final = lexicon.scores()
_ENDING: Final = (".remove", ".no_music", ".cut_time", ".hard_cuts")
_QUIET: Final = ("", "talk", "facts")  # domains of frames that change nothing
_QUIET_KINDS: Final = ("facts.", "unable.", "chat.", "talk.stay")  # and their kinds
# What the classifier knows only as something that cannot be done.
_UNLEARNED: Final = (
    *("effect_kind", "blur", "camera_move", "nearer", "mirror", "turn", "backwards", "freeze", "ramp"),
    *("pip", "corner", "cutaway", "at_once", "zoom_in"),
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a message and the frame that accounts for most of it.

    Attributes:
        frame: The frame; None where none fits.
        tokens: The stretch.
        unread: The tokens of it that stand for something else, or for nothing that is known.
        score: How well it fits.
        likeness: How likely it is, by the classifier, that such words ask for what the frame does; from 0 to 1.
        is_quiet: Whether most likely nothing of it is a wish that changes the film.
    """

    frame: lexicon.Frame | None
    tokens: tuple[Token, ...]
    unread: tuple[Token, ...]
    score: float
    likeness: float = 0.0
    is_quiet: bool = False

    @property
    def domain(self) -> str:
        """The domain of the frame; empty where there is none."""
        return self.frame.domain if self.frame else ""

    @property
    def is_small(self) -> bool:
        """Whether it is small talk, which is answered only where there is nothing else to say."""
        return self.frame is not None and self.frame.domain == "talk" and self.frame.name in _SMALL_TALK

    @property
    def is_read(self) -> bool:
        """Whether it is understood well enough to do what it says."""
        if self.frame is None or self.is_small:
            return self.frame is not None and self.score >= _SCORES["small"]
        return self.score >= _SCORES["read"] and (
            self.domain in _QUIET or not self.unread or self.share >= _SCORES["least_share"]
        )

    @property
    def share(self) -> float:
        """How much of what is said the frame accounts for, from 0 to 1."""
        lost = sum(map(_loss, self.unread))
        unread = set(map(id, self.unread))
        read = sum(_SCORES["won"] for token in self.tokens if id(token) not in unread and _counts(token))
        return read / (read + lost) if read else 0.0

    def has(self, *concepts: str) -> bool:
        """Whether a token of it may stand for one of some concepts."""
        return any(token.is_a(*concepts) for token in self.tokens)


class Atom(list[Token]):
    """Tokens between two joints.

    Args:
        is_begin: Whether a sentence begins with it.
    """

    def __init__(self, *, is_begin: bool = False) -> None:
        super().__init__()
        self.is_begin = is_begin


def atoms_of(tokens: Sequence[Token], text: lexicon.Message) -> list[Atom]:
    """Cut tokens at joints: signs, and words such as "and"; in Chinese also spaces."""
    atoms = [Atom(is_begin=True)]
    is_reason = is_purpose = False
    marks = _marks(tokens)
    for at, token in enumerate(tokens):
        if at in marks or at - 1 in marks or (token.is_a("colon") and not atoms[-1]):
            atoms.append(Atom(is_begin=True))
            is_reason = False
            continue
        is_purpose = "purpose" in token.concepts or (is_purpose and _is_aside(token))
        if is_purpose:
            continue
        if token.is_a("colon") and any(each.is_a("text") for each in tokens[at + 1 : at + 2]):
            continue
        if is_joint(token) and not _is_between_likes(tokens, at):
            is_reason = False
            ends_sentence = _SENTENCE_END.fullmatch(token.text) is not None
            atoms.append(Atom(is_begin=ends_sentence or (atoms[-1].is_begin and not atoms[-1])))
            continue
        if is_reason := is_reason or ("reason" in token.concepts and at > 0):
            continue
        if at and "text" not in token.concepts and text.parts(tokens[at - 1].end, token.start):
            atoms.append(Atom())
        atoms[-1].append(token)
    return [atom for atom in atoms if atom]


def _marks(tokens: Sequence[Token]) -> list[int]:
    """The places of the numbers of a list: "1) a title 2) slower music"."""
    marks: list[int] = []
    for at, (token, sign) in enumerate(pairwise(tokens)):
        is_next = token.concepts.get("number") == len(marks) + 1 and (not marks or at > marks[-1] + 2)
        if is_next and sign.text in _LISTING:
            marks.append(at)
    return marks if len(marks) > 1 else []


def _is_between_likes(tokens: Sequence[Token], at: int) -> bool:
    """Whether a joint stands between two of a kind: "red and blue bars", "from the boat and the sea"."""
    before = [*islice((t for t in reversed(tokens[:at]) if "filler" not in t.concepts), 2)]
    after = next((t for t in tokens[at + 1 : at + 4] if "filler" not in t.concepts), None)
    if not before or after is None:
        return False
    if any(before[0].is_a(alike) and after.is_a(alike) for alike in ("color", "file")):
        return True
    is_counted = before[0].is_a("ordinal") and after.is_a("ordinal") and not before[0].is_a("one")
    is_named = len(before) > 1 and before[1].is_a("one", *_SEEN)  # "the boat first and the second …"
    return is_counted and not is_named and not any(t.is_a("between", "add", "put", "move") for t in tokens[:at])


def _is_aside(token: Token) -> bool:
    """Whether a token says nothing of a film: "this is for … my daughter's birthday"."""
    return not is_joint(token) and (not token.concepts or not (FREE | {"ordinary", "them"}).isdisjoint(token.concepts))


def is_joint(token: Token) -> bool:
    """Whether a token only stands between two wishes."""
    return "joint" in token.concepts or (not token.concepts and _SIGNS.fullmatch(token.text) is not None)


@dataclass(frozen=True)
class Scene:
    """What makes some wishes likelier than others.

    Attributes:
        there: What is in the film (`titles`, `music` and so on), and the names of the last edits.
        liked: The domains of what was spoken of last.
    """

    there: Set[str]
    liked: Set[str] = frozenset()

    def with_also(self, *names: str) -> Scene:
        """The same with more in it."""
        return replace(self, there={*self.there, *names})


def cover(atoms: Sequence[Atom], scene: Scene) -> list[Clause]:
    """Find the clauses that account for most of a message.

    Args:
        atoms: The pieces of the message.
        scene: The film and what was done last.
    """
    rest = tuple(token for atom in atoms[_MOST_PIECES:] for token in atom)[:_LONGEST_REST]
    if rest:
        return [*cover(atoms[:_MOST_PIECES], scene), Clause(None, rest, rest, -_SCORES["lost_known"])]
    if sum(any(map(_counts, atom)) for atom in atoms) == 1:
        scene = scene.with_also("single")
    best: list[tuple[float, tuple[Clause, ...]]] = [(0.0, ())]
    for end in range(1, len(atoms) + 1):
        options = []
        for start in range(end - 1, max(-1, end - _MOST_ATOMS - 1), -1):
            if any(atom.is_begin for atom in atoms[start + 1 : end]):
                break
            tokens = tuple(token for atom in atoms[start:end] for token in atom)
            is_tail = start > 0 and not atoms[start].is_begin and all(map(_is_of_tail, tokens))
            is_tail = is_tail or (len(atoms) > 1 and all(token.is_a(*FREE, *_SEEN_OR_HEARD) for token in tokens))
            clause = fit_frame(tokens, scene, is_guessed=not is_tail)
            is_front = atoms[start].is_begin and end < len(atoms) and not atoms[end].is_begin and _is_front(tokens)
            if is_front or (start > 0 and not atoms[start].is_begin and only_narrows(tokens)):
                clause = Clause(None, tokens, tokens, -_SCORES["lost_known"])
            before, clauses = best[start]
            score = before + clause.score - _SCORES["joined"] * (end - start - 1)
            if end - start > 1 and any(token.concepts for token in clause.unread):
                score -= _SCORES["mixed"]
            if clause.frame is not None and clause.frame.alone and end - start < len(atoms):
                score -= _SCORES["unlikely"]
            options.append((score, (*clauses, *_parted(clause, scene))))
        best.append(max(options, key=lambda option: option[0]))
    found = _carried(best[-1][1], scene)
    if any(clause.domain not in ("", "talk") for clause in found):
        return found
    return [fit_frame(each.tokens, scene.with_also("single")) if each.frame is None else each for each in found]


def _carried(wholes: Sequence[Clause], scene: Scene) -> list[Clause]:
    """Clauses of a message, each with what the one before it named where it names nothing itself."""
    clauses: list[Clause] = []
    for whole in wholes:
        clause, *remarks = _without_remark(whole)
        remarks = [
            fit_frame(remark.tokens, scene) if remark.has("text", "fade_in", "fade_out") else remark
            for remark in remarks
        ]
        if clauses and only_narrows(clause.tokens):
            pass
        elif clauses and clauses[-1].domain not in ("", "talk", "facts"):  # what it goes on about is likelier
            there = {"titles": {"set_title"}, "effects": {"set_effect"}, "music": {"music", "scored"}}.get(
                clauses[-1].domain, set()
            )
            there = {*there, "drawing"} if clauses[-1].has("visual", "visualizer") else there
            here = replace(scene, liked={clauses[-1].domain}, there={*scene.there, *there} - (_edits() - there))
            clause = _with_target(fit_frame(clause.tokens, here), clauses[-1], here)
        elif len(clauses) > 1 and clauses[-1].frame is None:  # behind a remark
            clause = _with_target(clause, clauses[-2], scene)
        elif clauses:
            clause = _with_target(clause, clauses[-1], scene)
        clause = (clauses and _in_the_same_way(clause, clauses[-1], scene)) or clause
        clauses += [clause, *remarks]
    return clauses


def _in_the_same_way(clause: Clause, before: Clause, scene: Scene) -> Clause | None:
    """A clause without a verb as what the one before it says: "cut 5 s off the intro and 3 off the boat"."""
    verbs = tuple(replace(token, carried=True) for token in before.tokens if token.is_a("trim", "remove", "keep"))
    shapes = [{name for name in _SHAPES if each.has(name)} for each in (clause, before)]
    if not verbs or before.domain != "shots" or clause.has(*_ACTS) or shapes[0] != shapes[1] or len(shapes[0]) < 2:
        return None
    other = _fitted(before.frame, (*verbs, *clause.tokens), scene) if before.frame else None
    return replace(other, likeness=before.likeness) if other and not other.unread else None


def _is_front(tokens: Sequence[Token]) -> bool:
    """Whether a piece only says where or when what follows is to be: "At the end, below the logo, …"."""
    said = [token for token in tokens if "filler" not in token.concepts]
    is_of = all(not token.is_a("file") or before.is_a(*WEAK, "position") for before, token in pairwise(said))
    is_place = all(token.is_a(*_TAIL, "file", "position") for token in said)
    is_first = bool(said) and said[0].text.isascii() and said[0].is_a("at", "on", "during", "position")
    return (is_first and is_of and is_place) or _is_topic(said)


def _is_topic(tokens: Sequence[Token]) -> bool:
    """Whether some words do nothing but name shots, of which what follows says something: "the first clip, …"."""
    is_counted = all(b.is_a("one", *_SEEN[1:]) for a, b in pairwise(tokens) if a.is_a("ordinal"))
    is_named = bool(tokens) and tokens[-1].is_a("one", *_SEEN) and any(t.is_a("file", "ordinal") for t in tokens)
    return is_named and is_counted and all(t.is_a(*FREE, *_SEEN, "ordinal", "one", "this") for t in tokens)


def _without_remark(clause: Clause) -> tuple[Clause, ...]:
    """A clause without what is said behind it and is no part of the wish, which often is its reason."""
    unread = set(map(id, clause.unread))
    first = next((at for at, token in enumerate(clause.tokens) if id(token) in unread), 0)
    rest = clause.tokens[first:]
    if (
        clause.frame is None
        or clause.is_quiet
        or first < 2
        or any(_counts(token) and id(token) not in unread for token in rest)
    ):
        return (clause,)
    if any(token.is_a(*_ACTS, *_VALUES) for token in rest):
        return (clause,)
    lost = sum(map(_loss, clause.unread))
    return (
        replace(clause, tokens=clause.tokens[:first], unread=(), score=clause.score + lost),
        Clause(None, rest, clause.unread, -lost),
    )


def _with_target(clause: Clause, before: Clause, scene: Scene) -> Clause:
    """A clause that names nothing, with what the one before it named: "the intro drags, keep the first ten seconds"."""
    if not clause.tokens[0].text:  # what is only implied
        said = replace(clause, tokens=tuple(token for token in clause.tokens if token.text))
        return clause if not said.tokens or (found := _with_target(said, before, scene)) is said else found
    points = clause.has("it", "them", "every")
    named = _NAMED - {"shot", "clip", "photo", "cuts"} if points else _NAMED
    if any(token.is_a(*named, "as_is", "rest") and not token.is_a("sound") for token in clause.tokens):
        return clause
    if not (points or clause.has(*_OPEN)):
        return clause
    carried: list[Token] = []
    for token in before.tokens:
        is_second = any(
            token.is_a(*alike) and any(each.is_a(*alike) and each.end + 1 < token.start for each in carried)
            for alike in (("file",), ("music", "song", "speech"))
        )
        if is_second and not clause.has("them", "both", "all"):  # one thing is meant: what was named first
            continue
        if token.is_a(*_CARRIED) and not token.is_a("film", "picture") and (before.frame or not token.is_a("ordinary")):
            concepts = {name: value for name, value in token.concepts.items() if name in _CARRIED}
            carried.append(replace(token, concepts=concepts, carried=True))
    if not carried:
        return clause
    other = fit_frame((*carried, *clause.tokens), scene)
    is_meant = points or (clause.domain == before.domain and (clause.has("sound") or clause.domain == "sounds"))
    is_meant = is_meant and other.frame == clause.frame and not clause.has("all", "whole")
    if clause.domain == "films" != before.domain and not clause.has("film", "length", "whole", "all"):
        whole = fit_frame((*(replace(token, carried=False) for token in carried), *clause.tokens), scene)
        if whole.domain == before.domain and whole.is_read:  # a part that was spoken of, and not the whole film
            return whole
    return other if is_meant or other.score > clause.score + _SCORES["carried_worth"] else clause


def _parted(clause: Clause, scene: Scene) -> tuple[Clause, ...]:
    """A clause, or two where it is two wishes without a joint between them, as Chinese is often written."""
    tokens = clause.tokens
    if clause.is_quiet or len(tokens) > _LONGEST_PARTED:
        return (clause,)
    begun = next((at for at, token in enumerate(tokens) if token.concepts), 0)
    heads = [
        at for at, t in enumerate(tokens) if t.concepts and (not t.text.isascii() or t.is_a("with", "more", "less"))
    ]
    if not any(token.concepts for token in clause.unread):  # "make a film with the title …"
        heads = [at for at in heads if tokens[at].is_a("with") and tokens[0].is_a("make") and _is_titled(tokens[at:])]
    best: tuple[Clause, ...] = (clause,)
    for at in heads:
        is_placed = tokens[at].is_a("time") and tokens[at - 1].is_a("before", "after")  # 前5秒
        if at <= begun or "text" in tokens[at].concepts or is_placed:
            continue
        pair = fit_frame(tokens[:at], scene, is_guessed=False), fit_frame(tokens[at:], scene, is_guessed=False)
        is_better = sum(each.score for each in pair) > sum(each.score for each in best) + _SCORES["apart"]
        if is_better and all(each.frame is not None and each.score > _SCORES["apart"] for each in pair):
            best = pair
    return best


def _is_titled(tokens: Sequence[Token]) -> bool:
    """Whether some words tell of a title, and say which."""
    return any(token.is_a("text") for token in tokens) and any(token.is_a("title", "letters") for token in tokens)


def _is_of_tail(token: Token) -> bool:
    """Whether a word alone says nothing of what is wished for: "…, 3 seconds", "… and ending at 9 s"."""
    return not token.concepts or not _TAIL.isdisjoint(token.concepts)


def only_narrows(tokens: Sequence[Token]) -> bool:
    """Whether a piece only says of which shots something holds: "…, but only for the photos"."""
    narrow = all(token.is_a(*FREE, "only", "all", "rest", "other", "it", *_SEEN_OR_HEARD) for token in tokens)
    return narrow and any(token.is_a("only") for token in tokens) and not any(token.is_a("keep") for token in tokens)


def fit_frame(tokens: tuple[Token, ...], scene: Scene, *, is_guessed: bool = True) -> Clause:
    """The frame that accounts for most of a piece, and does what people mean by such words.

    Args:
        tokens: The piece.
        scene: The film and what was done last.
        is_guessed: Whether the kind may be guessed where no frame accounts for the words.
    """
    lost = tuple(token for token in tokens if _loss(token))
    best = Clause(None, tokens, lost, -sum(map(_loss, lost)))
    likeness = likeness_of([token for token in tokens if not token.carried])
    is_able = likeness["facts.ability"] >= _SCORES["able"] and not any(token.is_a(*_CONCRETE) for token in tokens)
    if is_asked := is_able or is_asking(tokens):
        tokens = (Token(tokens[0].start, tokens[0].start, "", {"is_there": None, "what": None}, carried=True), *tokens)
        likeness = {kind: share for kind, share in likeness.items() if kind.startswith(_QUIET_KINDS)}
    is_sure = sum(likeness.get(kind, 0.0) for kind in _quiet_kinds()) >= _SCORES["sure"]
    is_quiet = is_asked or (is_sure and not any(token.is_a(*_UNLEARNED) for token in tokens))
    for frame in _possible(tokens):
        if is_quiet and frame.domain not in _QUIET and not frame.after:
            continue
        if (clause := _fitted(frame, tokens, scene)) is not None:
            done = lexicon.kinds_of(frame.domain, frame.name)
            share = sum(likeness.get(kind, 0.0) * part for kind, part in done.items()) if done else _SCORES["untrained"]
            is_next = frame.after or (frame.domain in scene.liked and not any(t.is_a(*_NAMED) for t in tokens))
            share = max(share, _SCORES["in_context"]) if is_next or frame.sure else share
            asked = _SCORES["asked"] if is_asked and frame.domain == "facts" else 0.0
            clause = replace(clause, score=clause.score + _worth(share) + asked, likeness=share)
            best = max(best, clause, key=lambda each: each.score)
    if best.score < _SCORES["read"] and is_guessed:
        for name, share in likeness.items():
            if (
                share >= (_SCORES["gone"] if name.endswith(_ENDING) else _SCORES["taken"])
                and not (name.endswith(_ENDING) and any(token.is_a("write") for token in tokens))
                and (kind := lexicon.kinds().get(name))
                and (clause := _meant(kind, tokens, scene))
            ):
                score = clause.score + _worth(share) - _SCORES["implied"]
                best = max(best, replace(clause, score=score, likeness=share), key=lambda each: each.score)
    return replace(best, is_quiet=is_quiet)


def is_asking(tokens: Sequence[Token]) -> bool:
    """Whether a piece has the form of a question, and not of a polite request: "is the text large enough"."""
    said = [token for token in tokens if not token.carried]
    is_question = lexicon.questions().match(" ".join(token.text for token in said)) is not None
    return is_question and not any(token.is_a("can_you") for token in said)


def _worth(share: float) -> float:
    """What it is worth for a frame that some words are like those of its kinds."""
    return _SCORES["likeness"] * (1 + max(_SCORES["least_like"], math.log(share + 1e-6)))


def _meant(kind: lexicon.WishKind, tokens: tuple[Token, ...], scene: Scene) -> Clause | None:
    """A piece in nobody's words as one of a kind; only what is known and has no place in it is unread."""
    ways = [(kind.frame, kind.says)] if kind.frame else []
    ways += [(_question(), {"ask": kind.asks})] if kind.asks else []
    for frame, says in ways:
        said = tuple(Token(tokens[0].start, tokens[0].start, "", {each: says[each]}, carried=True) for each in says)
        if (clause := _fitted(frame, (*said, *tokens), scene)) is not None:
            unread = tuple(token for token in clause.unread if _counts(token))
            forgiven = sum(_loss(token) for token in clause.unread if not _counts(token))
            return replace(clause, unread=unread, score=clause.score + forgiven)
    return None


@cache
def _quiet_kinds() -> tuple[str, ...]:
    """The kinds that change nothing."""
    return tuple(name for name in lexicon.kinds() if name.startswith(_QUIET_KINDS) and name != "facts.ability")


@cache
def _edits() -> frozenset[str]:
    """The edits that some frames have to come after."""
    return frozenset[str]().union(*(frame.after for frame in lexicon.frames()))


@cache
def _question() -> lexicon.Frame:
    return next(frame for frame in lexicon.frames() if (frame.domain, frame.name) == ("talk", "ask"))


def _possible(tokens: Sequence[Token]) -> Iterator[lexicon.Frame]:
    said = {concept for token in tokens for concept in token.concepts}
    return (frame for frame in lexicon.frames() if all(not need.isdisjoint(said) for need in frame.needs))


def _fitted(frame: lexicon.Frame, tokens: tuple[Token, ...], scene: Scene) -> Clause | None:
    """A piece as what a frame says; None where that is not possible."""
    where = frame.where.removeprefix("!")
    is_there = scene.there >= set(where.split())
    used = _assign(frame.needs, tokens, ())
    if used is None or (frame.after and scene.there.isdisjoint(frame.after)) or (where != frame.where and not is_there):
        return None
    if frame.ordered and list(used) != sorted(used):
        return None
    score = (_SCORES["liked"] if frame.domain in scene.liked else 0.0) - _SCORES["cost"]
    for need, at in zip(frame.needs, used, strict=True):
        is_generic = (need & tokens[at].concepts.keys()) <= _GENERIC
        score += frame.weight * (_SCORES["generic_need"] if is_generic else 1.0)
    score -= 0.0 if is_there else _SCORES["unlikely"]
    score -= _SCORES["unlikely"] if frame.domain == "shots" and "nothing" in scene.there else 0.0
    score -= _SCORES["against"] if any(not frame.unless.isdisjoint(token.concepts) for token in tokens) else 0.0
    unread: list[Token] = []
    for at, token in enumerate(tokens):
        if token.carried:
            continue
        if at in used or not frame.takes.isdisjoint(token.concepts):
            score += _SCORES["won_weak"] if at not in used and not FREE.isdisjoint(token.concepts) else _SCORES["won"]
        elif (loss := _loss(token)) > 0:
            score -= loss
            unread.append(token)
    return None if frame.whole and unread else Clause(frame, tokens, tuple(unread), score)


def _assign(needs: Sequence[frozenset[str]], tokens: Sequence[Token], used: tuple[int, ...]) -> tuple[int, ...] | None:
    """A token of its own for each need; rather one that is specific."""
    if len(used) == len(needs):
        return used
    need = needs[len(used)]
    places = [at for at, token in enumerate(tokens) if at not in used and not need.isdisjoint(token.concepts)]
    for place in sorted(places, key=lambda at: (need & tokens[at].concepts.keys()) <= _GENERIC):
        if (found := _assign(needs, tokens, (*used, place))) is not None:
            return found
    return None


def _counts(token: Token) -> bool:
    return bool(token.concepts) and FREE.isdisjoint(token.concepts) and not is_joint(token)


def _loss(token: Token) -> float:
    if not FREE.isdisjoint(token.concepts) or is_joint(token) or token.text in _IGNORED:
        return 0.0
    if "text" in token.concepts:
        return _SCORES["lost_text"]
    if "ordinary" in token.concepts:
        return _SCORES["lost_ordinary"]
    if token.concepts:
        return _SCORES["lost_known"] if _SPECIFIC.isdisjoint(token.concepts) else _SCORES["lost_specific"]
    if re.match(f"[{lexicon.HAN}]", token.text):
        return _SCORES["lost_han"] * len(token.text)
    return _SCORES["lost_unknown"]
