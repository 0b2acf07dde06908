"""A message as tokens: stretches of it with the concepts that they may stand for, and values that are read already.

A stretch is a number with its unit, a time, a colour, the name of an upload, a word of the lexicon, or a word that
nobody knows. Which of its concepts is meant is decided by the frames that take it (`lexicon.py`). Values are read by
the patterns of `values.toml`; bars and beats are times of the music, and timed lines are words with the time at which
they are seen.
"""

from __future__ import annotations

import itertools
import re
import statistics
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

from nemo_notebook.agent import lexicon
from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.draft import MUSIC, Draft, editable, to_ms
from nemo_notebook.film.model import Situation
from nemo_notebook.film.soundtrack import music_rhythm

_LEAST_LETTERS: Final = 5  # of a name that may be written with one mistake
_ALIKE: Final = 0.8  # of their letters, from which on two names are the same
_LONGEST_TOO: Final = 8  # letters of "too" by itself, in any language
OPPOSITES: Final = lexicon.pairs_of("$opposites")
_ARTICLES: Final = frozenset("the a an my your our his her their this that these each every all both".split())
_BEHIND: Final = (
    "at from to until for in on before after between with again also now_on position under can_you by".split()
)
_BETWEEN: Final = 7  # tokens that a verb in two parts may go over
_SPOKEN_OF: Final = ("file", "photo", "clip", "film", "music", "song", "title", "shot", "speech", "it")
_OWN: Final = ("file", "song", "speech", "title_text")


@dataclass(frozen=True, slots=True)
class Token:
    """A stretch of a message.

    Attributes:
        start: Where it begins in the message.
        end: Where it ends.
        text: The stretch in lower case, with simplified characters.
        concepts: What it may stand for, each with its value (or None); empty for a word that nobody knows.
        carried: Whether it stands in another clause, which this one goes on from.
    """

    start: int
    end: int
    text: str
    concepts: Mapping[str, Any]
    carried: bool = False

    def is_a(self, *concepts: str) -> bool:
        """Whether it may stand for one of some concepts."""
        return not self.concepts.keys().isdisjoint(concepts)

    def meaning(self, concepts: Mapping[str, Any]) -> Token:
        """The same stretch with other concepts."""
        return replace(self, concepts=concepts)


def tokens_of(text: lexicon.Message, names: Sequence[tuple[str, str, Any]], words: lexicon.Lexicon) -> list[Token]:
    """Cut a text into tokens: the longest stretches that stand for something, and the words between them.

    Args:
        text: The message.
        names: What else is known by a name here: words, concept and value (uploads, titles).
        words: The lexicon.
    """
    units = lexicon.units_of(text.folded)
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for start, end, concepts in _found_in(text, units, names, words):
        said = found.setdefault((start, end), {})
        said.update({name: value for name, value in concepts.items() if value is not None or name not in said})
        if any(said.get(name) for name in _OWN):  # what has the name of an upload is one
            for name in ("unable", "unfit", "people", "creature", "start", "finish"):
                said.pop(name, None)
    called = [name for name, _, _ in names if name.isalpha() and len(name) >= _LEAST_LETTERS]
    kept: list[Token] = []
    taken = bytearray(len(text.folded))
    for start, end in sorted(found, key=lambda each: ("quote" not in found[each], each[0] - each[1], -each[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append(Token(start, end, text.folded[start:end], found[start, end]))
    for unit in units:
        if not taken[unit.start]:
            near = get_close_matches(unit.text, called, 1, _ALIKE) if len(unit.text) >= _LEAST_LETTERS else []
            meant = words.nearest(unit.text) or next(iter(near), unit.text.partition("'s")[0])
            if near and (named := {concept: value for name, concept, value in names if name == meant}):
                kept.append(Token(unit.start, unit.end, unit.text, named))
                continue
            concepts = dict(words.matches(lexicon.units_of(meant), 0)).get(1, {}) if meant else {}
            kept.append(Token(unit.start, unit.end, unit.text, concepts))
    return _timed(_turned(_with_parted(_stated(sorted(kept, key=lambda each: each.start)))))


def _timed(tokens: list[Token]) -> list[Token]:
    """Take a number for a time where one before it has a unit: "each clip for 4 seconds, and the logo for 6"."""
    for at in range(len(tokens) - 3, 0, -1):  # "seconds 1 to 3 …, and 2 to 5 …"
        first, *link, last = tokens[at : at + 3]
        is_range = first.is_a("number") and last.is_a("number") and any(each.is_a("to", "until") for each in link)
        if is_range and any(token.is_a("range") for token in tokens[:at]):
            said = {"range": (first.concepts["number"], last.concepts["number"])}
            tokens[at : at + 3] = [Token(first.start, last.end, f"{first.text} to {last.text}", said)]
    is_length = False
    for at, token in enumerate(tokens):
        is_length = is_length or (token.is_a("time") and not token.is_a("at") and ":" not in token.text)
        is_last = at + 1 == len(tokens) or not tokens[at + 1].text[:1].isalnum() or tokens[at + 1].is_a("of")
        before = ("for", "it", "to", "at", "ordinal")
        if is_last and is_length and token.is_a("number") and at and tokens[at - 1].is_a(*before):
            tokens[at] = Token(token.start, token.end, token.text, {"time": token.concepts["number"]})
    return tokens


def _stated(tokens: list[Token]) -> list[Token]:
    """Take the meaning that a word has with the one before it: "the beach is the …", "10秒之后", "a cool video"."""
    for at in range(1, len(tokens)):
        token, before = tokens[at], tokens[at - 1]
        if token.is_a("joint") and token.is_a("after") and before.is_a("time"):  # 10秒之后
            tokens[at] = token.meaning({"after": None})
        is_verb = token.is_a("last_for") and before.is_a("joint", "modal", "to", "it", "title", "quote")
        if is_verb and any(each.is_a("time") for each in tokens[at + 1 : at + 2]):  # "… and last 2 seconds"
            tokens[at] = token.meaning({"last_for": None, "for": None})
        if token.is_a("may_go"):  # "the logo can go", but "the logo can go last"
            is_last = at + 1 == len(tokens) or not re.match(r"\w", tokens[at + 1].text) or tokens[at + 1].is_a("joint")
            tokens[at] = token.meaning({"remove" if is_last else "move": None})
        if token.is_a("is_there") and before.is_a(*_SPOKEN_OF):  # no question, as "is the" by itself
            tokens[at] = token.meaning({c: v for c, v in token.concepts.items() if c != "is_there"})
        if before.is_a("praise") and before.is_a("filter") and token.is_a("film", "musicvideo", "slideshow", "title"):
            tokens[at - 1] = before.meaning({"praise": None, "filler": None})  # "a cool video"
        if token.is_a("cuts") and (before.text in _ARTICLES or before.is_a("every", "all")):  # the noun alone
            tokens[at] = token.meaning({"cuts": token.concepts["cuts"]})
    return tokens


def _turned(tokens: list[Token]) -> list[Token]:
    """Give a word behind "too" the meaning of what is wished for: "too small" asks for something larger."""
    for at in range(1, len(tokens)):
        token, before = tokens[at], tokens[at - 1]
        is_less = before.is_a("less") and not before.is_a(*OPPOSITES) and before.text.isascii()  # not that slow
        if not is_less and (not before.is_a("too") or len(before.text) > _LONGEST_TOO):
            continue
        turned = {OPPOSITES.get(concept, concept): value for concept, value in token.concepts.items()}
        tokens[at] = token.meaning(turned)
    return tokens


def _with_parted(tokens: list[Token]) -> list[Token]:
    """Give the second word of a verb in two parts the meaning of both, and the first one none."""
    verbs = lexicon.parted_verbs()
    for at, token in enumerate(tokens):
        for behind in range(at + 2, min(at + _BETWEEN, len(tokens))):
            if re.fullmatch(r"[^\w\s]", tokens[behind].text):
                break
            is_noun = tokens[behind - 1].text in ("the", "a", "an", "my", "your") or _leads(tokens, behind)
            other = tokens[behind]
            particle, _, degree = other.text.partition(" ")
            if degree and not other.is_a("bit"):
                continue
            if not is_noun and (meant := verbs.get((token.text, particle))):
                tokens[at] = token.meaning({"filler": None})
                kept = {"bit": None} if degree else {"off": None} if "trim" in meant else {}
                tokens[behind] = other.meaning(dict(meant) | kept)
                break
    return tokens


def _leads(tokens: Sequence[Token], at: int) -> bool:
    """Whether a preposition goes on to what it belongs to: "put … on | the shelf", and not "put … on | please"."""
    if at + 1 == len(tokens) or not tokens[at].is_a("in", "on", "over"):
        return False
    following = tokens[at + 1]
    if following.text in _ARTICLES:
        return True
    return following.text[:1].isalpha() and not following.is_a("filler", "joint", "time", "when", "gradual", *_BEHIND)


def _found_in(
    text: lexicon.Message, units: Sequence[lexicon.Unit], names: Sequence[tuple[str, str, Any]], words: lexicon.Lexicon
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for found in _QUOTED.finditer(text.folded):
        start, end = next(found.span(group) for group in range(1, 8) if found[group] is not None)
        inner = text.folded[start:end].strip()
        named = {concept: value for name, concept, value in names if name == inner}
        yield *found.span(), {"quote": text.original(start, end).strip(), **named}
    yield from values_in(text.folded)
    for name, concept, value in names:
        edge = r"(?<![a-z0-9])" if name[:1].isascii() else "", r"(?:'s|s)?(?![a-z0-9])" if name[-1:].isascii() else ""
        for found in re.finditer(f"{edge[0]}{re.escape(name)}{edge[1]}", text.folded):
            yield *found.span(), {concept: value}
    plain = [
        unit for before, unit in pairwise([*units[:1], *units]) if (before.text, unit.text) not in lexicon.asides()
    ]
    for at in range(len(plain)) if len(plain) < len(units) else ():
        yield from ((plain[at].start, plain[at + n - 1].end, found) for n, found in words.matches(plain, at) if n > 1)
    for at, unit in enumerate(units):
        meant = lexicon.written_for().get((units[at - 1].text, unit.text)) if at else None
        as_meant = words.matches([unit._replace(text=meant), *units[at + 1 : at + 3]], 0) if meant else ()
        yield from ((unit.start, units[at + n - 1].end, concepts) for n, concepts in as_meant if n > 1)
        for length, concepts in words.matches(units, at):
            if not any(text.parts(one.end, other.start) for one, other in pairwise(units[at : at + length])):
                yield unit.start, units[at + length - 1].end, concepts


_QUOTED: Final = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|(?<![a-z0-9])'([^'\n]{2,})'(?![a-z0-9])|《([^》\n]+)》|「([^」\n]+)」|『([^』\n]+)』|【([^】\n]+)】"
)


Found = re.Match[str]
_PLACE: Final = re.compile(r"\{([A-Z_]+)\}")
_LINES: Final = {"4k": 2160}


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("values.toml").read_text(encoding="utf-8"))


@cache
def _numbers(kind: str) -> Mapping[str, float]:
    pairs = (each.split("=") for each in _tables()["numbers"][kind].split())
    return {word.replace("_", " "): float(number) for word, number in pairs}


@cache
def _part(name: str) -> str:
    if name in ("WORDS", "ORDINALS"):
        kinds = ("english", "some") if name == "WORDS" else ("ordinals",)
        words = sorted((word for kind in kinds for word in _numbers(kind)), key=len, reverse=True)
        return ("{TENS}[ -](?:{ONES})|" if name == "WORDS" else "") + "|".join(map(re.escape, words))
    return str(_tables()["parts"][name])


@cache
def pattern_of(text: str) -> re.Pattern[str]:
    """Compile a pattern in which `{NAME}` stands for one of `[parts]`."""
    while _PLACE.search(text):
        text = _PLACE.sub(lambda found: _part(found[1]), text)
    return re.compile(text)


def bar_patterns(name: str) -> Iterator[re.Pattern[str]]:
    """The patterns for bars and beats of one kind."""
    return map(pattern_of, _tables()["bars"][name])


def read_number(text: str) -> float:
    """The number that digits or words stand for."""
    text = text.strip()
    words = re.split(r"[ -]", text)
    for kind in ("some", "ordinals", "times"):
        if text in _numbers(kind):
            return _numbers(kind)[text]
    if all(word in _numbers("english") for word in words):
        return sum(_numbers("english")[word] for word in words)
    if text[:1].isascii():
        return float(text)
    whole, _, rest = text.partition("点")
    total, digit = 0.0, 0.0
    for letter in whole:
        if letter in "十百":
            total, digit = total + max(digit, 1) * (10 if letter == "十" else 100), 0
        else:
            digit = _numbers("chinese")[letter]
    return total + digit + float("0." + "".join(f"{_numbers('chinese')[each]:.0f}" for each in rest or "零"))


def seconds_of(text: str) -> float:
    """The seconds that a time stands for."""
    if ":" in text:
        minutes, seconds = text.split(":")
        return 60 * int(minutes) + float(seconds)
    total, unit = 0.0, 1.0
    for found in pattern_of("{TIME_UNIT}").finditer(text):
        unit = 60.0 if found[2] else 0.001 if found[3] else 1.0
        total += unit * read_number(found[1])
    return total + (unit / 2 if pattern_of("{HALF_BEHIND}").search(text) else 0.0)


def values_in(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The values in a text in lower case: where they begin and end, and what they stand for."""
    for row in _tables()["values"]:
        for found in pattern_of(row["pattern"]).finditer(text):
            yield *found.span(), dict.fromkeys(row["concept"].split("+"), _READERS[row["read"]](found))


def _number(found: Found) -> float:
    return read_number(found.groupdict().get("n") or found[0])


def _pair(found: Found) -> tuple[float, float]:
    unit = 60.0 if found.groupdict().get("unit") == "minute" else 1.0
    return unit * float(found["a"]), unit * float(found["b"])


def _range(found: Found) -> tuple[float, float]:
    """A stretch of time: a bare number before `to` has the unit of what stands behind."""
    unit = 60.0 if pattern_of("{MINUTES}").search(found["to_time"]) else 1.0
    start_s = seconds_of(found["from_time"]) if found["from_time"] else unit * read_number(found["from_number"])
    return start_s, seconds_of(found["to_time"])


def _beats(found: Found) -> float:
    """How many beats a cut comes after: `every 2 bars` is 8."""
    said = found.groupdict()
    count = read_number(said["count"]) if said.get("count") else 2 if said.get("other") else 1
    return count * (4 if pattern_of("{FOUR_BEATS}").search(found[0]) else 1)


def _shot_count(found: Found) -> int:
    """How many shots there are to be: one more than cuts, and one fewer than what is too many."""
    count = int(_number(found)) + (found["what"] in ("cuts", "刀"))
    return max(1, count + {"fewer than": -1, "less than": -1, "more than": 1}.get(found["how"], 0))


def _percent(found: Found) -> tuple[str, float]:
    said = found.groupdict()
    return said.get("sign") or "", _number(found) / (read_number(said["of"]) if said.get("of") else 100)


def _tenths(found: Found) -> tuple[str, float]:
    """A share in tenths: 八成, 打八折 (which is to be times as much)."""
    return "*" if found[0].endswith("折") else "", _number(found) / 10 + (0.05 if found[0].endswith("半") else 0)


def _aspect(found: Found) -> str:
    return ":".join(f"{read_number(side):g}" for side in re.split("[:比]", found[0]))


def _color(found: Found) -> str:
    return found[0] if len(found[0]) == 7 else "#" + "".join(2 * digit for digit in found[0][1:])


_READERS: Final[Mapping[str, Callable[[Found], Any]]] = {
    "range": _range,
    "pair": _pair,
    "number": _number,
    "seconds": lambda found: seconds_of(found[0]),
    "unit": lambda found: 60.0 if found[0].startswith("min") else 1.0,
    "beats": _beats,
    "beats_per_bar": lambda found: 4 / read_number(found["n"].partition(" ")[0]),
    "shot_count": _shot_count,
    "percent": _percent,
    "tenths": _tenths,
    "factor": lambda found: 2.0 if found["n"] == "一" else _number(found),
    "decibels": lambda found: (-1 if (found["sign"] or "")[:1] in ("-", "m") else 1) * _number(found),
    "color": _color,
    "aspect": _aspect,
    "canvas": lambda found: (int(found[1]), int(found[2])),
    "resolution": lambda found: _LINES.get(found[0]) or int(found[0].rstrip("p")),
    "whole": lambda found: int(_number(found)),
    "from_end": lambda found: -int(_number(found)),
    "few": lambda found: (1 if found[0].startswith(("前", "first", "opening")) else -1, int(_number(found))),
}


_MOST_LINES: Final = 200
_LAST_S: Final = 4.0  # how long the last one is seen
_STAMP: Final = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:[.,]\d{1,3})?)"
_TIMED: Final = re.compile(
    rf"^[ \t]*[-*•]?[ \t]*[\[(]?{_STAMP}(?:[ \t]*(?:-+>?|[–—→~至到]|to)[ \t]*{_STAMP})?[\])]?"
    r"[ \t]*[-–—:：|]?[ \t]*(?P<words>.*?)[ \t]*$"
)
_HEAD: Final = re.compile(r"^([^\n:：]{1,60}[:：])[ \t]*([\[(]?\d{1,3}:\d{2}.*)$")
_NEXT_STAMP: Final = re.compile(
    r"(?:[ \t]*[,;/|，；、]|(?<=[^\W\d_])(?<!\bto)(?<!\bat)(?<!\band)(?<!from)(?<!until)(?<![到至从在])[ \t])[ \t]*"
    r"(?=[\[(]?\d{1,3}:\d{2}[^\d])"
)
_COUNTER: Final = re.compile(r"\s*\d{1,4}\s*")
_MEDIA: Final = re.compile(r"\S+\.\w{3,4}$")
_QUOTES: Final = "\"'“”「」『』"


@dataclass(frozen=True, slots=True)
class TimedLine:
    """Words with the time at which they are seen."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TimedLines:
    """A message parted from its timed lines.

    Attributes:
        rest: What it asks for besides.
        head: The line above them that says what they are.
        lines: The timed lines.
    """

    rest: str
    head: str = ""
    lines: tuple[TimedLine, ...] = ()


def part_timed_lines(message: str, is_head: Callable[[str], bool]) -> TimedLines:
    """Part a message from the lines in it that begin with a time; their words are no wishes.

    Args:
        message: The message.
        is_head: Whether a line speaks of captions or titles; a single timed line counts only below such a one.
    """
    rows = [row for line in message.splitlines() for row in _rows_of(line, is_head)]
    found = [(at, stamp) for at, row in enumerate(rows) if (stamp := _TIMED.match(row)) is not None][:_MOST_LINES]
    stamped = {at for at, _ in found}
    below = {at + 1 for at, stamp in found if not stamp["words"] and stamp[5] and at + 1 < len(rows)} - stamped
    numbers = {at - 1 for at in stamped if at and _COUNTER.fullmatch(rows[at - 1])}
    others = [row for at, row in enumerate(rows) if at not in stamped | below | numbers and row.strip()]
    head = next((row for row in others if is_head(row)), "")
    said = [(stamp, stamp["words"] or (rows[at + 1] if at + 1 in below else "")) for at, stamp in found]
    is_list = len(found) > 1 and not others and not any(_MEDIA.match(words) for _, words in said)
    if not any(words for _, words in said) or not (head or is_list):
        return TimedLines(message)
    return TimedLines("\n".join(row for row in others if row is not head), head, tuple(_timed_lines(said)))


def _rows_of(line: str, is_head: Callable[[str], bool]) -> list[str]:
    """`lyrics: 0:04 one, 0:08 two` as lines of its own."""
    found = _HEAD.match(line)
    return [found[1], *_NEXT_STAMP.split(found[2])] if found is not None and is_head(found[1]) else [line]


def _timed_lines(said: list[tuple[re.Match[str], str]]) -> Iterator[TimedLine]:
    starts = [_stamp_s(stamp, 1) for stamp, _ in said]
    for (stamp, words), start_s in zip(said, starts, strict=True):
        next_s = min((other for other in starts if other > start_s), default=start_s + _LAST_S)
        end_s = _stamp_s(stamp, 4) if stamp[5] else next_s
        if words.strip(_QUOTES + " "):
            yield TimedLine(words.strip().strip(_QUOTES), start_s, end_s if end_s > start_s else next_s)


def _stamp_s(stamp: re.Match[str], first: int) -> float:
    hours, minutes, seconds = stamp.group(first, first + 1, first + 2)
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds.replace(",", "."))


Named = tuple[str, str, Any]
_INSIDE: Final = ("in", "during", "在", None)
_USUAL_BAR: Final = 4  # beats


def bars_of(text: str, situation: Situation) -> Iterator[Named]:
    """What a message says of bars and beats: its words, a concept of time, and the value; nothing without a beat.

    Args:
        text: The message in lower case.
        situation: Knows the music.
    """
    if not any(each.search(text) for each in bar_patterns("worth")) or not (rhythm := _rhythm(situation)).is_steady:
        return
    rows = {"beat": [to_ms(f) / 1000 for f in rhythm.beats], "bar": [to_ms(f) / 1000 for f in sorted(rhythm.downbeats)]}
    beat_s = _mean_step(rows["beat"])
    per_bar = round(_mean_step(rows["bar"]) / beat_s) if len(rows["bar"]) > 1 else _USUAL_BAR
    steps = {"beat": beat_s, "bar": beat_s * max(1, per_bar)}
    for found in _found_bars("range", text):
        yield from _bars(found, rows, steps)
    for found in _found_bars("length", text):
        yield found[0], "time", round(read_number(found["count"]) * steps[_kind(found["unit"])], 3)
    for found in _found_bars("one", text):
        yield found[0], "time", round(steps[_kind(found[0])], 3)
    for found in _found_bars("at", text):
        yield from _at(found, rows, steps)


def _found_bars(name: str, text: str) -> Iterator[re.Match[str]]:
    return (found for pattern in bar_patterns(name) for found in pattern.finditer(text))


def _bars(found: re.Match[str], rows: dict[str, list[float]], steps: dict[str, float]) -> Iterator[Named]:
    """A stretch: "from bar 3 to bar 5" ends where the fifth begins, "bars 3 to 5" where it ends."""
    kind, first, last = _kind(found["unit"]), int(read_number(found["one"])), int(read_number(found["other"]))
    start_s, end_s = _nth(rows[kind], first), _nth(rows[kind], last if found["again"] else last + 1)
    if start_s is not None:
        length_s = steps[kind] * (last - first + (0 if found["again"] else 1))
        yield found[0], "range", (start_s, start_s + length_s if end_s is None else end_s)


def _at(found: re.Match[str], rows: dict[str, list[float]], steps: dict[str, float]) -> Iterator[Named]:
    said, kind = found.groupdict(), _kind(found["unit"])
    start_s = _nth(rows[kind], int(read_number(said.get("nth") or said["number"])))
    if start_s is None:
        return
    lead = said["lead"]
    own = found[0].removeprefix(lead or "").strip() if lead else found[0]
    if lead in _INSIDE:
        yield found[0], "range", (start_s, start_s + steps[kind])
    else:
        yield own, "time", start_s
        yield own, "at", None


def _rhythm(situation: Situation) -> Rhythm:
    film: Draft = editable(situation.draft)
    if film.segments(*MUSIC):
        return music_rhythm(film, situation)
    songs = () if film.end_ms else situation.of_kind("audio")
    return Rhythm.of(songs[-1].beats_ms, songs[-1].downbeats_ms) if songs else Rhythm()


def _kind(unit: str) -> str:
    return "beat" if unit.startswith("beat") or unit == "拍" else "bar"


def _nth(row: Sequence[float], number: int) -> float | None:
    return row[number - 1] if 0 < number <= len(row) else None


def _mean_step(times: Sequence[float]) -> float:
    """The usual distance of times: the mean of those distances that are near the middle one."""
    steps = [other - one for one, other in itertools.pairwise(times)]
    middle = statistics.median(steps)
    return statistics.fmean(step for step in steps if abs(step - middle) <= middle / 4)
