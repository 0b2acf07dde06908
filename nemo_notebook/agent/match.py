"""What a clause says, for the functions of `wishes`: which parts, from when to when, how much."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from msgspec import structs

from nemo_notebook.agent.classifiers import likeness_of
from nemo_notebook.agent.lexicon import Message, concepts_of, language_files
from nemo_notebook.agent.tokenizer import Token
from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.draft import Draft, Part, editable
from nemo_notebook.film.edit import Edit, parse, touched_by
from nemo_notebook.film.edits.titles import AddTitle
from nemo_notebook.film.model import Situation, Version
from nemo_notebook.film.target import ROLES, Kind, Target, Which, of_kind, select, target_of
from nemo_notebook.film.wording import NotPossible, Told

Edits = Iterable[Edit]
STEPS: Final = {"bit": 1.25, "": 1.5, "much": 2.0}
_ALL: Final[tuple[Kind, ...]] = ("shot", "title", "sound")
SHARES: Final = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "double": 2.0}
_SHOTS: Final[tuple[Kind, ...]] = ("shot", "clip", "photo")
_HEARD: Final[tuple[Kind, ...]] = ("sound", "song", "speech", "composed", "music")
_PLAIN, _QUALIFIERS = map(concepts_of, ("$plain", "$qualifier"))  # words that name no shot, and that choose some
_OWNERS: Final = ("title", "letters", "shot", "clip", "photo", "song", "music", "speech", "file", "time_of")
_REACH: Final = 3  # tokens between a number and what it counts


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A stretch of the film in seconds: None for its start, or its end."""

    start_s: float | None = None
    end_s: float | None = None


class Asked(Exception):
    """A wish cannot be met before something is known, or not at all: what to say instead.

    Args:
        told: What to say.
        choices: Messages of which the next one may pick, where it is a question.
    """

    def __init__(self, told: Told | str, choices: Sequence[str] = (), *, asks: bool = True) -> None:
        super().__init__(str(told))
        self.told = told
        self.choices = tuple(choices)
        self.asks = asks


@dataclass(frozen=True)
class Match:
    """A clause that a frame accounts for.

    Attributes:
        tokens: The clause.
        film: The film now.
        situation: What else the clause may refer to.
        edits: What was done last, in this message or the ones before; the newest last.
        made: Those of them that were done in this message.
        text: The message.
    """

    tokens: Sequence[Token]
    film: Draft
    situation: Situation
    edits: Sequence[Edit] = ()
    made: Sequence[Edit] = ()
    text: Message = field(default=Message(""), repr=False)

    def has(self, *concepts: str) -> bool:
        """Whether a token may stand for one of some concepts."""
        return any(token.is_a(*concepts) for token in self.tokens)

    def has_between(self, one: int, other: int, *concepts: str) -> bool:
        """Whether a token between two places may stand for one of some concepts."""
        return any(token.is_a(*concepts) for token in self.tokens[max(0, min(one, other)) : max(one, other)])

    def has_pair(self, one: str, other: str) -> bool:
        """Whether a token of some concepts (with spaces between them) stands right before one of some others."""
        pairs = itertools.pairwise(self.tokens)
        return any(a.is_a(*one.split()) and b.is_a(*other.split()) for a, b in pairs)

    def without(self, *concepts: str) -> Match:
        """The clause without the tokens that may stand for one of some concepts."""
        return replace(self, tokens=[token for token in self.tokens if not token.is_a(*concepts)])

    def values(self, concept: str) -> Iterator[Any]:
        """The values of a concept, in the order of the message."""
        return (token.concepts[concept] for token in self.tokens if concept in token.concepts)

    def value(self, concept: str, default: Any = None) -> Any:
        """The first value of a concept."""
        return next(self.values(concept), default)

    def media(self, concept: str) -> list[str]:
        """The uploads that are named, as a song, a voice or any other file."""
        return list(dict.fromkeys(media for ids in self.values(concept) for media in ids or ()))

    def like(self, *kinds: str) -> float:
        """How likely the clause is of one of some kinds of wishes."""
        likeness = likeness_of([token for token in self.tokens if not token.carried])
        return sum(likeness.get(kind, 0.0) for kind in kinds)

    def raw(self, token: Token) -> str:
        """A token as it was written."""
        return self.text.original(token.start, token.end)

    def said(self) -> str:
        """The whole message, as it was written."""
        return self.text.raw

    # How much.

    @cached_property
    def degree(self) -> str:
        """`bit` or `much`, or empty where neither is said."""
        return next((name for name in ("bit", "much") if self.has(name)), "")

    def factor(self, *, is_less: bool, steps: Mapping[str, float] = STEPS) -> float:
        """By how much something changes: by a share, a percentage or a factor that is said, else a step."""
        for concept, share in SHARES.items():
            if self.has(concept):
                return share if is_less or concept == "double" else 1 / share
        if (percent := self.value("percent")) is not None:
            sign, share = percent
            if sign == "*":
                return float(share)
            return float(max(0.0, 1 - share) if is_less else 1 + share)
        step = float(self.value("factor") or steps[self.degree])
        return 1 / step if is_less else step

    @cached_property
    def is_by(self) -> bool:
        """Whether a time says how much longer or shorter: it stands right behind the verb, as in 延长5秒."""
        said = [token for token in self.tokens if "filler" not in token.concepts]
        return any(a.is_a("differ") and b.is_a("time") for a, b in itertools.pairwise(said))

    # When.

    @cached_property
    def span(self) -> TimeSpan | None:
        """From when to when something is meant; None where nothing is said of that."""
        if (stretch := self.value("range")) is not None:
            return TimeSpan(*stretch)
        total_s = self.film.end_ms / 1000
        for at, token in enumerate(self.tokens):
            if "time" not in token.concepts:
                continue
            time_s, near = token.concepts["time"], self._near(at)
            ordinals = {each.concepts.get("ordinal") for each in self.tokens[max(0, at - 2) : at]}
            after = {c for t in self.tokens[at + 1 : at + 3] for c in t.concepts}
            if "at" in token.concepts:
                return TimeSpan(None, time_s) if near & {"until", "to"} else TimeSpan(time_s, None)
            link = next(iter(self.tokens[at + 1 :]), None)
            if link is not None and link.is_a("after", "before") and not link.text.isascii():
                return TimeSpan(time_s, None) if link.is_a("after") else TimeSpan(None, time_s)  # 10秒之后
            is_from = at > 0 and self.tokens[at - 1].is_a("from", "at") and not near & {"until", "before", "range"}
            if not is_from and ("start" in near or 1 in ordinals):
                is_behind = any(each.is_a("after") for each in self.tokens[max(0, at - 4) : at])
                return TimeSpan(time_s, None) if is_behind and 1 in ordinals else TimeSpan(0.0, time_s)
            if not is_from and (near & {"finish", "last"} or -1 in ordinals):
                return TimeSpan(max(0.0, total_s - time_s), None)
            if is_from or "now_on" in after or near & {"from", "after"} or ("at" in near and "for" not in near):
                return TimeSpan(time_s, None)
            if near & {"until", "before"} or "until" in after:
                return TimeSpan(None, time_s)
        return None

    @cached_property
    def length_s(self) -> float | None:
        """A length of time that is said: a time that is no place on the timeline."""
        times = [(at, token.concepts["time"]) for at, token in enumerate(self.tokens) if "time" in token.concepts]
        lengths = [time_s for at, time_s in times if "for" in self._near(at)]
        if lengths or not times:
            return float(lengths[0]) if lengths else None
        return None if self.span is not None and len(times) == 1 else float(times[-1][1])

    def stretch(self) -> dict[str, Any]:
        """Start and end as fields of an edit; nothing where no time is said."""
        if self.span is None:
            return {}
        given = {"start_s": self.span.start_s, "end_s": self.span.end_s}
        return {name: value for name, value in given.items() if value is not None}

    def edge(self) -> str:
        """Which end of something is meant: `start`, `finish`, or empty."""
        for token, following in itertools.pairwise(self.tokens):
            if following.is_a("time") and not token.text.isascii() and token.is_a("before", "after"):
                return "start" if token.is_a("before") else "finish"  # 前5秒
        if self.has("start") or 1 in self.values("ordinal"):
            return "start"
        return "finish" if self.has("finish", "end") or -1 in self.values("ordinal") else ""

    def _near(self, at: int) -> set[str]:
        """The concepts of the two tokens before a place."""
        return {concept for token in self.tokens[max(0, at - 2) : at] for concept in token.concepts}

    # Which.

    def counted(self, *kinds: str) -> list[tuple[int, int]]:
        """Numbers that count parts of some kinds, each with how many from there on are meant."""
        return [(number, count) for _, number, count in self._counted(kinds)]

    def _counted(self, kinds: Sequence[str]) -> Iterator[tuple[int, int, int]]:
        """Numbers that count parts of some kinds: where they stand, the number, and how many."""
        for at, token in enumerate(self.tokens):
            if "first_few" in token.concepts:
                yield (at, *token.concepts["first_few"])
            if (number := self._number_of(at, kinds)) is not None:
                yield at, number, 1
            if "ordinal" not in token.concepts:
                continue
            following = self.tokens[at + 1 : at + 1 + _REACH]
            verb = next((n for n, t in enumerate(following) if t.is_a("add") and not t.text.isascii()), _REACH)
            following = following[:verb]  # 第一段放音乐
            count = next((int(t.concepts["number"]) for t in following[:2] if "number" in t.concepts), 1)
            if any(t.is_a("time", *SHARES) for t in following[:1]):
                continue  # the first two seconds
            owners = [name for t in following for name in _OWNERS if t.is_a(name) and not t.is_a("ordinal")]
            near = [t for t in following[:2] if "ordinal" not in t.concepts]
            own = {each for t in near for each in _OWNERS if each in t.concepts} or set(owners[:1])
            if not own or own & set(kinds):
                yield at, int(token.concepts["ordinal"]), max(1, count)

    def _number_of(self, at: int, kinds: Sequence[str]) -> int | None:
        """The number of a part that stands right behind its name, or behind another such number: "clips 2 and 3"."""
        if "number" not in self.tokens[at].concepts or "ordinal" in self.tokens[at].concepts:
            return None
        first = next(n for n in range(at, -1, -1) if n == 0 or "number" not in self.tokens[n - 1].concepts)
        before = self.tokens[first - 1] if first else None
        is_named = before is not None and before.is_a(*kinds) and self.tokens[first].start <= before.end + 1
        number = self.tokens[at].concepts["number"]
        return int(number) if is_named and number >= 1 and number == int(number) else None

    def named(self) -> list[tuple[int, Target]]:
        """The shots that are named by an upload, or by a number, each with its place in the clause."""
        found = [
            (at, Target(kind="shot", media=media, number=token.concepts.get("nth")))
            for at, token in enumerate(self.tokens)
            for media in dict.fromkeys(token.concepts.get("file") or ())
        ]
        files, kind = {at for at, _ in found}, self._kind
        counted = [each for each in self._counted((*_SHOTS, "file")) if each[0] not in files]
        found += [(at, Target(kind=kind, number=number, count=count)) for at, number, count in counted]
        return sorted(found, key=lambda each: each[0])

    @property
    def _kind(self) -> Kind:
        is_photo = any(token.is_a("photo") and not token.is_a("transition") for token in self.tokens)
        if is_photo and not self.has("shot"):
            return "photo"
        is_clip = any(t.is_a("clip") and not (t.is_a("shot") and self.film.is_cut_to_music) for t in self.tokens)
        return "clip" if is_clip else "photo" if is_photo else "shot"

    def shots(self, *, focus: bool = True) -> tuple[Target, ...]:
        """The shots that are meant; none where nothing says which.

        Raises:
            Asked: They are said to be some of several, in words that do not say which.
        """
        named = [target for _, target in self.named()]
        files = list(dict.fromkeys(target for target in named if target.media))
        numbers = [target for target in named if not target.media]
        if (files or numbers) and self.is_except:
            return self.others(files or numbers, "shot" if self.has("everything") else self._kind)
        if files or numbers:
            return tuple(files or numbers)
        seen = self.focused(_SHOTS)
        if seen and self.has("rest", "other"):
            return self.others(seen)
        self.be_clear()
        if edge := self._edge_of_shot():
            return (Target(kind=self._kind, number=edge),)
        is_both = any(token.is_a("both") and not token.is_a("filler") for token in self.tokens)  # not 都
        if is_both and len({part.meta.get("media") for part in of_kind(self.film, self._kind)}) == 2:
            return (Target(kind=self._kind),)
        if seen and focus and self.has("it", "them", "both", "one"):
            return seen
        if self.has("clip", "photo") or (self.has("shot") and self.has("all", "every", "both")):
            return (Target(kind=self._kind),)
        return seen if focus and self.has("shot") else ()

    @property
    def is_except(self) -> bool:
        """Whether all but the shots that are named are meant."""
        said = itertools.pairwise(token for token in self.tokens if "filler" not in token.concepts)
        return any(before.is_a("except") and token.is_a("file", "ordinal") for before, token in said)

    def be_clear(self) -> None:
        """Ask which shots are meant where they are said to be those of something that is not known here."""
        media = {part.meta.get("media") for part in of_kind(self.film, self._kind)}
        if len(media) > 1 and any(map(self._is_described, range(len(self.tokens)))):
            raise Asked(reply("which_shots"))

    def _is_described(self, at: int) -> bool:
        """Whether the name of a kind of shot goes with unknown words: "the dog photo", "the clip of the cake"."""
        token, before = self.tokens[at], [each for each in self.tokens[max(0, at - 2) : at] if each.text != "的"]
        if not token.is_a(*_SHOTS, "one") or token.is_a("every", "all"):
            return False
        if before and not token.is_a("one") and (_is_unknown(before[-1]) or before[-1].is_a("creature")):
            return True
        is_one = token.text.isascii() and not token.is_a("film", "one") and not token.text.endswith("s")
        if is_one and len(before) > 1 and before[0].is_a("filler") and not before[1].is_a(*_QUALIFIERS):
            return True
        link, *following = self.tokens[at + 1 :] or [token]
        if not link.text.isascii() or not link.is_a("of", "with"):
            return False
        said = next((token for token in following if not token.is_a("filler")), None)
        return said is None or _is_unknown(said) or said.is_a("both", "number")  # "the picture of the two of us"

    def titles(self) -> tuple[Target, ...]:
        """The titles that are meant: by words, number, place, what was touched last, else the first one."""
        if named := tuple(Target(id=own) for own in self.values("title_text")):
            return named
        titles = of_kind(self.film, "title")
        if self.has("both") or (self.has("all", "every") and self.has("title", "letters")):
            return (Target(kind="title"),)
        if numbers := [n for n, _ in self.counted("title", "letters") if abs(n) <= len(titles)]:
            return tuple(Target(kind="title", number=number) for number in numbers)
        if len(titles) > 1 and (edge := self._edge_of_title()):
            return (Target(kind="title", number=edge),)
        seen = self.focused(("title",))
        is_edge = not seen or self.has("says", "is_now", "replace")
        if is_edge and len(titles) > 1 and self.has("start", "finish"):
            return (Target(kind="title", number=1 if self.has("start") else -1),)
        if seen and self.has("other") and len(titles) == 2:
            return self.others(seen, "title")
        return seen or (Target(kind="title", number=1),)

    def _edge_of_shot(self) -> int:
        """1 for "the opening shot" or "the clip at the start", -1 for one at the end, else 0."""
        is_placed = self.has("move", "add", "put", "begin", "trim", "time", "duplicate", "again_more")
        for at, token in enumerate(self.tokens):
            edge = 1 if token.is_a("start") else -1 if token.is_a("finish") else 0
            is_of = any(each.is_a("of", *_SHOTS) for each in self.tokens[at + 1 : at + 2])
            is_there = at > 1 and self.tokens[at - 1].is_a("at", "from") and self.tokens[at - 2].is_a(*_SHOTS)
            if edge and (is_of or (is_there and not is_placed)):
                return edge
        return 0

    def _edge_of_title(self) -> int:
        """1 for the title at the start, -1 for the one at the end, 0 where none is said to be there."""
        if self.has("text_end"):
            return -1
        for at, token in enumerate(self.tokens):
            if not token.is_a("title", "letters"):
                continue
            near = self.tokens[max(0, at - 2) : at + (1 if self.has("add", "move", "put", "to") else 4)]
            for name, edge in (("start", 1), ("finish", -1)):
                if any(each.is_a(name) for each in near):
                    return edge
        return 0

    def sounds(self) -> tuple[Target, ...]:
        """The sounds that are meant; none where nothing says which."""
        files = [structs.replace(target, kind="clip") for _, target in self.named() if target.media]
        songs, voices = map(self.media, ("song", "speech"))
        there = {name: bool(of_kind(self.film, name)) for name in ("song", "speech")}
        heard = {part.meta.get("media") for part in of_kind(self.film, "sound")}
        found = [Target(kind="sound", media=media) for media in (*songs, *voices) if media in heard]
        if not found and self.has("music", "song"):
            is_song = self.has("song") and not self.has("music") and there["song"]
            found.append(Target(kind="song" if is_song else "music"))
        if self.has("speech") and there["speech"] and not any(media in heard for media in voices):
            found.append(Target(kind="speech"))
        if files and self.is_except:
            found += self.others(files, "clip")
        elif files:
            found += files
        elif (self.has("clipsound") or (self.has("clip", "shot") and not found)) and of_kind(self.film, "clip"):
            self.be_clear()
            numbers = [Target(kind="clip", number=n, count=c) for n, c in self.counted("clip", "shot")]
            found += numbers or (self.has("them", "it") and self.focused(_SHOTS)) or [Target(kind="clip")]
        if not found and self.has("all", "both", "sound", "volume", "it", "them", "that"):
            return self.focused(_HEARD)
        return tuple(dict.fromkeys(found))

    def focused(self, kinds: Sequence[Kind]) -> tuple[Target, ...]:
        """The parts of some kinds that were changed last."""
        if not self.made and (undone := self._undone()):
            return tuple(Target(id=str(part["id"])) for part in undone if part.role in _roles(kinds))
        found: tuple[Target, ...] = ()
        last = ""
        is_several, before = self.has("them", "both", "all"), self.situation.recent[:-1]
        old = [edit for version in before[-2:] for edit in edits_in(version)] if self.has("them", "both") else []
        for at, edit in enumerate(reversed([*old, *self.edits])):
            aim, media = self.aim_of(edit, kinds), self._media_of(found)
            is_enough = at >= len(self.edits) and len(media) > 1
            is_other = not is_several and (len(media) != 1 or self._media_of(aim) != media)
            if found and (edit.tag != last or is_other or is_enough):
                break
            if aim:
                found, last = (*(each for each in aim if each not in found), *found), edit.tag
        return found

    def _media_of(self, targets: tuple[Target, ...]) -> set[Any]:
        """The uploads that some parts show, or play."""
        return {part.meta.get("media") for part in self.parts(targets)}

    def _undone(self) -> list[Part]:
        """What a step back has just changed, which is what is spoken of then."""
        if not self.situation.later:
            return []
        touched = touched_by(self.situation.later[0], self.situation.draft)
        return [part for part in self.film.segments(*_roles(_ALL)) if part.get("id") in touched]

    def aim_of(self, edit: Edit, kinds: Sequence[Kind]) -> tuple[Target, ...]:
        """What an edit was about, if that is of one of some kinds."""
        if isinstance(edit, AddTitle):
            return (Target(kind="title", newest=True),) if "title" in kinds and of_kind(self.film, "title") else ()
        target = getattr(edit, "target", None)
        if target is None and (media := getattr(edit, "media", None)) is not None:
            target = Target(media=media, kind="shot" if edit.tag == "add_shot" else "sound")
        if target is None and edit.tag == "add_music":
            target = Target(kind="composed")
        if target is None:
            return ()
        usual: Kind = "title" if edit.tag == "set_title" else "shot"
        is_moved = edit.tag == "replace" or bool(getattr(target, "number", None))
        try:
            if is_moved and edit not in self.made and self.situation.earlier:  # its number, or its upload, is another
                was = select(editable(self.situation.earlier[-1]), self.situation, target, usual)
                now = {part.get("id") for part in self.film.segments(*_roles(kinds))}
                target = tuple(Target(id=str(part["id"])) for part in was if part.get("id") in now) or target
            parts = select(self.film, self.situation, target, usual)
        except NotPossible:
            return ()
        if not parts or any(part.role not in _roles(kinds) for part in parts):
            return ()
        return targets_of(target)

    def others(self, seen: Sequence[Target], kind: Kind = "shot") -> tuple[Target, ...]:
        """All parts of a kind but those that are named."""
        meant = {id(part) for part in select(self.film, self.situation, tuple(seen), kind)}
        rest = [part for part in of_kind(self.film, kind) if id(part) not in meant]
        return tuple(Target(id=str(part["id"])) for part in rest if part.get("id"))

    def parts(self, which: Which, kind: Kind = "shot") -> list[Part]:
        """The parts that a target means; none where there are none."""
        try:
            return select(self.film, self.situation, which, kind)
        except NotPossible:
            return []


def read_as(name: str, match: Match) -> Iterable[Any]:
    """Read a clause as a wish, by the module of `wishes` and the function in it, such as `titles.remove`."""
    module, _, function = name.partition(".")
    wish: Callable[[Match], Iterable[Any]] = getattr(import_module(f"nemo_notebook.agent.wishes.{module}"), function)
    return wish(match)


def edits_in(version: Version) -> tuple[Edit, ...]:
    """The edits of a version; none where they are not known any more."""
    try:
        return tuple(parse(dict(edit)) for edit in version.edits)
    except InvalidEdit:
        return ()


def _roles(kinds: Sequence[Kind]) -> set[str]:
    return {role for kind in kinds for role in ROLES[kind]}


def _is_unknown(token: Token) -> bool:
    """Whether a token is a word that stands for nothing in a film."""
    return token.text[:1].isalpha() and token.concepts.keys() <= _PLAIN


def targets_of(which: Any) -> tuple[Target, ...]:
    """The field of an edit as targets."""
    each = which if isinstance(which, tuple) else (which,)
    return tuple(map(target_of, each))


def one_or_all(targets: Sequence[Target]) -> Which:
    """Targets as a field of an edit."""
    return targets[0] if len(targets) == 1 else tuple(targets)


def reply(name: str, /, **values: object) -> Told:
    """A sentence of the agent's, in no language yet."""
    tables = ((file.partition("_")[0], each.get("replies", {})) for file, each in language_files().items())
    return Told({language: table[name] for language, table in tables if name in table}, **values)


FIELDS: Final = {
    **{each: each for each in "position color filter mood aspect style palette bpm text fit".split()},
    "transition": "kind", "platform": "aspect", "animation": "animate_in", "visual": "style",
}  # fmt: skip


def last_edits(situation: Situation) -> tuple[Edit, ...]:
    """The edits of the last version."""
    return edits_in(situation.recent[-1]) if situation.recent else ()
