"""A message as tokens: stretches of it with the concepts that they may stand for, and values that are read already.

A stretch is a number with its unit, a time, a colour, the name of an upload, a word of the lexicon, or a word that
nobody knows. Which of its concepts is meant is decided by the frames that take it (`frames.py`).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from nemo_notebook.agent.hanzi import simplified
from nemo_notebook.agent.lexicon import HAN, Lexicon, Unit, parted_verbs, slips, units_of, written_for

_LEAST_LETTERS: Final = 5  # of a name that may be written with one mistake
_LONGEST_TOO: Final = 8  # letters of "too" by itself, in any language
_PAIRS: Final = ("bigger smaller", "longer shorter", "faster slower", "louder quieter", "brighter darker", "higher lower",
                 "more_color less_color", "contrastier flatter", "earlier later")  # fmt: skip
OPPOSITES: Final = {a: b for pair in _PAIRS for a, b in (pair.split(), pair.split()[::-1])}
ABBREVIATED: Final = frozenset("dr mr mrs ms st vs ep no vol feat ft jr sr".split())
_ARTICLES: Final = frozenset("the a an my your our his her their this that these each every all both".split())
_BEHIND: Final = (
    "at from to until for in on before after between with again also now_on position under can_you by".split()
)
_PLACING: Final = tuple("at in until to from towards before by".split())
_BETWEEN: Final = 7  # tokens that a verb in two parts may go over
_OWN: Final = ("file", "song", "speech", "title_text")
LONGEST_MESSAGE: Final = 4_000  # characters that are read; nobody describes a film in more


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

    @property
    def is_known(self) -> bool:
        """Whether it stands for anything at all."""
        return bool(self.concepts)


class Text:
    """A message in the form in which it is read, with the places that its letters came from."""

    def __init__(self, raw: str) -> None:
        self.raw = raw[:LONGEST_MESSAGE]
        letters: list[str] = []
        self._places: list[int] = []
        for place, letter in enumerate(self.raw):
            for each in simplified(unicodedata.normalize("NFKC", letter)).lower():
                letters.append(_LIKE.get(each, each))
                self._places.append(place)
        self._places.append(len(self.raw))
        self.folded = "".join(letters)

    def parts(self, start: int, end: int) -> bool:
        """Whether what lies between two tokens parts them: a new line, or a space in Chinese, unless all words have one."""
        gap = self.folded[start:end]
        if not gap.isspace():
            return False
        sides = [_WIDE.search(letter) is not None for letter in (self.folded[start - 1], self.folded[end])]
        return "\n" in gap or all(sides) or (any(sides) and not self._is_spaced)

    @cached_property
    def _is_spaced(self) -> bool:
        """Whether Chinese and Latin letters have spaces between them as a matter of style."""
        return re.search(rf"[{HAN}][a-z]|[a-z][{HAN}]", self.folded) is None

    def original(self, start: int, end: int) -> str:
        """What was written between two places of the folded text."""
        return self.raw[self._places[start] : self._places[end - 1] + 1] if end > start else ""


_LIKE: Final = {
    "’": "'",
    "‘": "'",
    "„": '"',
    "‟": '"',
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "−": "-",
    "～": "~",
    "×": "x",
    "\t": " ",
}

# Numbers, in digits and in words.
_ENGLISH: Final = {
    word: number
    for number, word in (
        *enumerate("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()),
        *((15, "fifteen"), (16, "sixteen"), (18, "eighteen"), (20, "twenty"), (25, "twenty-five"), (30, "thirty")),
        *(
            (40, "forty"),
            (45, "forty-five"),
            (50, "fifty"),
            (60, "sixty"),
            (70, "seventy"),
            (80, "eighty"),
            (90, "ninety"),
        ),
    )
}
_TENS: Final = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES: Final = "one|two|three|four|five|six|seven|eight|nine"
_TEENS: Final = "three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|eighteen"
_CHINESE: Final = {**{digit: at for at, digit in enumerate("零一二三四五六七八九")}, "两": 2, "俩": 2}
_SOME: Final = {"half a": 0.5, "half an": 0.5, "half": 0.5, "a": 1, "an": 1, "a couple": 2, "a couple of": 2, "couple of": 2,
                "a few": 3, "few": 3, "several": 3, "几": 3, "半": 0.5}  # fmt: skip
WORD_NUMBER: Final = rf"(?:{_TENS})[ -](?:{_ONES})|" + "|".join(
    sorted(map(re.escape, (*_ENGLISH, *_SOME)), key=len, reverse=True)
)
_DIGITS: Final = r"\d{1,6}(?:\.\d{1,4})?"
HAN_NUMBER: Final = r"[零一二两三四五六七八九十百]{1,6}(?:点[零一二三四五六七八九]{1,2})?"
_HAN_TENS: Final = r"(?:[一二三四五六七八九]十[一二三四五六七八九]?|十[一二三四五六七八九])"
_NUMBER: Final = rf"(?:{_DIGITS}|(?<![a-z])(?:{WORD_NUMBER})(?![a-z])|{HAN_NUMBER})"
_SECONDS: Final = r"(?:seconds?|secs?|s(?![a-z])|秒钟?)"
_MINUTES: Final = r"(?:minutes?|mins?|m(?![a-z])|分钟?(?!之|段))"
_MILLISECONDS: Final = r"(?:milliseconds?|ms(?![a-z])|毫秒)"
_CLOCK: Final = r"(?<![\d:.])\d{1,2}:\d{2}(?:\.\d{1,3})?(?![:\d])"
TIME: Final = (
    rf"(?:{_CLOCK}|{_NUMBER}[ -]*{_MINUTES}(?: *(?:and )?(?:{_NUMBER} *{_SECONDS}|a half|半))?"
    rf"|(?!a second (?:title|shot|clip|photo|picture|one|text|song|music|caption|line))"
    rf"{_NUMBER}(?: and a half (?=s|m))?[ -]*(?:{_MILLISECONDS}|{_SECONDS}(?:半| and a half)?))"
)
_TO: Final = r" *(?:to|until|till|through|thru|and|-|~|[剪截裁播放]?到|至) *第?"


def number_of(text: str) -> float:
    """The number that a match of `_NUMBER` stands for."""
    text = text.strip()
    words = re.split(r"[ -]", text)
    if text in _SOME or all(word in _ENGLISH for word in words):
        return float(_SOME[text]) if text in _SOME else float(sum(_ENGLISH[word] for word in words))
    if text[:1].isascii():
        return float(text)
    whole, _, rest = text.partition("点")
    total, digit = 0, 0
    for letter in whole:
        if letter in "十百":
            total, digit = total + max(digit, 1) * (10 if letter == "十" else 100), 0
        else:
            digit = _CHINESE[letter]
    return total + digit + (float("0." + "".join(str(_CHINESE[each]) for each in rest)) if rest else 0.0)


def seconds_of(text: str) -> float:
    """The seconds that a match of `TIME` stands for."""
    if ":" in text:
        minutes, seconds = text.split(":")
        return 60 * int(minutes) + float(seconds)
    total, unit = 0.0, 1.0
    for found in re.finditer(
        rf"({_NUMBER})(?: and a half (?=s|m))?[ -]*(?:({_MINUTES})|({_MILLISECONDS})|{_SECONDS})", text
    ):
        unit = 60.0 if found[2] else 0.001 if found[3] else 1.0
        total += unit * number_of(found[1])
    return total + (unit / 2 if re.search(r"and a half|half$|(?:秒|分钟?)半$", text) else 0.0)


def _range_of(found: re.Match[str]) -> tuple[float, float]:
    """A stretch of time: a bare number before `to` has the unit of what stands behind."""
    end_s = seconds_of(found["to_time"])
    unit = 60.0 if re.search(_MINUTES, found["to_time"]) else 1.0
    start_s = seconds_of(found["from_time"]) if found["from_time"] else unit * number_of(found["from_number"])
    return start_s, end_s


def _beats_of(found: re.Match[str]) -> float:
    """How many beats a cut comes after: `every 2 bars` is 8."""
    count = number_of(found["count"]) if found["count"] else 2 if found["other"] else 1
    return count * (4 if re.search(r"bar|小节|measure|downbeat", found[0]) else 1)


def _shots_of(found: re.Match[str]) -> int:
    """How many shots there are to be: one more than cuts, and one fewer than what is too many."""
    count = int(number_of(found["n"])) + (found["what"] in ("cuts", "刀"))
    return max(1, count + {"fewer than": -1, "less than": -1, "more than": 1}.get(found["how"], 0))


_NOT_AFTER: Final = r"(?<![\d.:])"
_READERS: Final[tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], Any]], ...]] = tuple(
    (concept, re.compile(pattern), reader)
    for concept, pattern, reader in (
        ("range", rf"(?<!that )(?<!this )(?<!the )(?:第 ?)?(?:(?P<from_time>{TIME})|{_NOT_AFTER}(?P<from_number>{_NUMBER})){_TO}(?P<to_time>{TIME})", _range_of),
        ("range", rf"(?:seconds?|secs?) (?P<a>{_DIGITS}){_TO}(?:seconds? )?(?P<b>{_DIGITS})(?! *(?:%|beats|bars))",
         lambda m: (float(m["a"]), float(m["b"]))),
        ("range", rf"(?:(?<=from )|(?<=between ))(?P<a>{_DIGITS}){_TO}(?P<b>{_DIGITS})(?! *(?:%|beats|bars))",
         lambda m: (float(m["a"]), float(m["b"]))),
        ("time+at", rf"第 ?(?P<n>{_NUMBER}) ?秒(?!钟?内)", lambda m: number_of(m["n"])),
        ("time+at", rf"(?P<n>{_NUMBER}) ?秒(?=再?(?:出|进|开始))", lambda m: number_of(m["n"])),
        ("time+at", rf"second (?P<n>{_DIGITS})(?! *(?:s|sec))", lambda m: number_of(m["n"])),
        ("time", TIME, lambda m: seconds_of(m[0])),
        ("time", r"(?:(?<=first )|(?<=last )|(?<=final )|(?<=opening )|(?<=closing ))(?:minute|second)(?![a-z])", lambda m: 60.0 if m[0] == "minute" else 1.0),
        ("time", r"(?:(?<=each )|(?<=every ))second(?! (?:beat|bar|photo|clip|picture|shot|image|one|time)|[a-z])", lambda m: 1.0),
        ("range", rf"(?P<unit>minute|second)s? (?P<a>{_DIGITS}){_TO}(?:minute|second)?s? ?(?P<b>{_DIGITS})(?! *(?:%|beats|bars))",
         lambda m: tuple((60.0 if m["unit"] == "minute" else 1.0) * float(m[each]) for each in "ab")),
        ("beats", r"(?P<other>)(?:(?P<count>(?!))|(?:once|one cut|a cut) (?:a|per|every|each)) (?:down)?(?:beat|bar|measure)(?![a-z])", _beats_of),
        ("beats", rf"after (?P<other>)(?P<count>{_NUMBER})[ -]*(?:beats?|bars?)", _beats_of),
        ("bpm", rf"{_NOT_AFTER}(\d{{2,3}}(?:\.\d{{1,3}})?)[ -]*(?:bpm|beats (?:per|a) minute|拍每分钟?|拍(?![剪切换一子]))", lambda m: float(m[1])),
        ("bpm", r"(?:bpm|tempo|拍速)(?: (?:of|is|to|at|be|should|actually|really))*[ :=是为到]*(\d{2,3}(?:\.\d{1,3})?)(?! *%)", lambda m: float(m[1])),
        ("beats", rf"(?:every|each|per|on every|每隔?)[ 一]*(?P<other>(?:other|second|2nd) )?(?P<count>{_NUMBER})?(?:st|nd|rd|th)?[ -]*(?:down)?(?:beats?|bars?|measures?|拍子?|小节)",
         _beats_of),
        ("beats", rf"(?P<other>)(?P<count>{_NUMBER})[ -]*(?:beats?|bars?|拍|小节)(?: (?:each|per (?:shot|cut|clip)))", _beats_of),
        ("beats", r"(?P<n>once|twice|(?:two|three|four|2|3|4) times) (?:per|a|every|each) (?:bar|measure)",
         lambda m: 4 / {"on": 1, "tw": 2, "2 ": 2, "th": 3, "3 ": 3, "fo": 4, "4 ": 4}[m["n"][:2]]),
        ("beats", r"on (?:the |each |every )?down-?beats?|强拍|重拍", lambda m: 4.0),
        ("shot_count", rf"(?P<how>only|just|at least|at most|no more than|fewer than|less than|more than|into|with|至少|最多|只要|只剪|剪成|切成) *"
         rf"(?P<n>{_NUMBER}) *(?P<what>shots|cuts|个?镜头|刀)(?! (?:and|of|from))", _shots_of),
        ("beats", rf"(?P<other>)(?P<count>{_NUMBER})[ -]*(?:拍|小节)(?=[一换切就])", _beats_of),
        ("percent", rf"(?P<sign>[+-])? ?(?P<n>{_DIGITS}) *(?:%|percent|per cent|pct)", lambda m: (m["sign"] or "", float(m["n"]) / 100)),
        ("percent", rf"百分之 *(?P<n>{_NUMBER})", lambda m: ("", number_of(m["n"]) / 100)),
        ("percent", r"(?P<of>[二四五六七八九十])分之(?P<n>[一二两三四五六七八九])", lambda m: ("", number_of(m["n"]) / number_of(m["of"]))),
        ("percent", r"(?P<n>[一二两三四五六七八九])成(?P<half>半)?(?![片为了品员])", lambda m: ("", number_of(m["n"]) / 10 + (0.05 if m["half"] else 0))),
        ("percent", r"打?(?P<n>[一二三四五六七八九])折", lambda m: ("*", number_of(m["n"]) / 10)),
        ("factor", rf"{_NOT_AFTER}(?P<n>{_DIGITS}) *(?:x(?![a-z\d])|times(?! \w+ly)|倍速?)", lambda m: float(m["n"])),
        ("factor", rf"(?<![a-z])(?P<n>{_ONES}|ten) times(?! (?:as|more))", lambda m: number_of(m["n"])),
        ("factor", r"(?P<n>[一两二三四五半])倍速?", lambda m: 2.0 if m["n"] == "一" else number_of(m["n"])),
        ("decibels", rf"(?P<sign>[+-]|minus |plus )? ?(?P<n>{_DIGITS}) *(?:db(?![a-z])|decibels?|个?分贝)",
         lambda m: (-1 if (m["sign"] or "")[:1] in ("-", "m") else 1) * float(m["n"])),
        ("color", r"#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])", lambda m: m[0] if len(m[0]) == 7 else "#" + "".join(2 * d for d in m[0][1:])),
        ("aspect", r"(?<![\d:.])(?:16 ?: ?9|9 ?: ?16|1 ?: ?1|4 ?: ?5|5 ?: ?4|4 ?: ?3|3 ?: ?4|2 ?: ?3|3 ?: ?2|2 ?: ?1|21 ?: ?9)(?![\d:])",
         lambda m: m[0].replace(" ", "")),
        ("number", r"(?<![第零一二三四五六七八九十百])(?:[二三四五六七八九]十[一二三四五六七八九]?|十[一二三四五六七八九])(?![个张段条秒分拍小点年月日岁块元])",
         lambda m: number_of(m[0])),
        ("canvas", r"(?<!\d)(\d{3,4}) ?x ?(\d{3,4})(?!\d)", lambda m: (int(m[1]), int(m[2]))),
        ("resolution", r"(?<![a-z\d])(?:4k|2160p?|1440p?|1080p?|720p?|480p?)(?![a-z\d])", lambda m: {"4k": 2160}.get(m[0]) or int(m[0].rstrip("p"))),
        ("ordinal", r"(?<!\d)(\d{1,3})(?:st|nd|rd|th)(?![a-z])", lambda m: int(m[1])),
        ("ordinal", rf"第({HAN_NUMBER}|\d{{1,3}})(?!秒|分)", lambda m: int(number_of(m[1]))),
        ("ordinal", rf"倒数第({HAN_NUMBER}|\d{{1,3}})(?!秒|分)", lambda m: -int(number_of(m[1]))),
        ("first_few", rf"前(?P<n>{HAN_NUMBER}|\d{{1,2}})(?=[个张段条])", lambda m: (1, int(number_of(m["n"])))),
        ("first_few", rf"(?:最后|后)(?P<n>{HAN_NUMBER}|\d{{1,2}})(?=[个张段条])", lambda m: (-1, int(number_of(m["n"])))),
        ("number", rf"{_NOT_AFTER}{_DIGITS}(?![\d:]|\.\d)", lambda m: float(m[0])),
        ("number", rf"(?<![第百零点]){_HAN_TENS}(?![零百分块元岁年月日号周章集点])", lambda m: number_of(m[0])),
        ("aspect", r"(?:十六比九|九比十六|一比一|四比五|五比四|四比三|三比四|二比三|三比二)(?!秒)", lambda m: ":".join(f"{number_of(n):g}" for n in m[0].split("比"))),
        ("number", rf"(?<![a-z])(?:{_TENS})(?:[ -](?:{_ONES}))?(?![a-z])|(?<![a-z])(?:{_TEENS})(?![a-z])", lambda m: number_of(m[0])),
    )
)  # fmt: skip


def tokens_of(text: Text, names: Sequence[tuple[str, str, Any]], words: Lexicon) -> list[Token]:
    """Cut a text into tokens: the longest stretches that stand for something, and the words between them.

    Args:
        text: The message.
        names: What else is known by a name here: words, concept and value (uploads, titles).
        words: The lexicon.
    """
    units = units_of(text.folded)
    found: dict[tuple[int, int], dict[str, Any]] = {}
    for start, end, concepts in _found_in(text, units, names, words):
        said = found.setdefault((start, end), {})
        said.update({name: value for name, value in concepts.items() if value is not None or name not in said})
        if any(said.get(name) for name in _OWN):  # what has the name of an upload is one
            for name in ("unable", "unfit", "people", "creature"):
                said.pop(name, None)
    kept: list[Token] = []
    taken = bytearray(len(text.folded))
    for start, end in sorted(found, key=lambda each: ("quote" not in found[each], each[0] - each[1], -each[0])):
        if not any(taken[start:end]):
            taken[start:end] = b"\1" * (end - start)
            kept.append(Token(start, end, text.folded[start:end], found[start, end]))
    for unit in units:
        if not taken[unit.start]:
            meant = words.nearest(unit.text) or _nearest_name(unit.text, names)
            if meant and (named := {concept: value for name, concept, value in names if name == meant}):
                kept.append(Token(unit.start, unit.end, unit.text, named))
                continue
            concepts = dict(words.matches(units_of(meant), 0)).get(1, {}) if meant else {}
            kept.append(Token(unit.start, unit.end, unit.text, concepts))
    kept = [_quiet_dot(token, kept) for token in kept]
    return _turned(_with_parted(_placed(_stated(_nouns(sorted(kept, key=lambda each: each.start))))))


def _stated(tokens: list[Token]) -> list[Token]:
    """Take the meaning of a question from a word such as "is the" that stands behind what it speaks of: "the beach is the …"."""
    for at in range(1, len(tokens)):
        token, before = tokens[at], tokens[at - 1]
        if token.is_a("may_go"):  # "the logo can go", but "the logo can go last"
            is_last = at + 1 == len(tokens) or not re.match(r"\w", tokens[at + 1].text) or tokens[at + 1].is_a("joint")
            tokens[at] = Token(token.start, token.end, token.text, {"remove" if is_last else "move": None})
        if token.is_a("is_there") and before.is_a(
            "file", "photo", "clip", "film", "music", "song", "title", "shot", "speech", "it"
        ):
            tokens[at] = Token(
                token.start, token.end, token.text, {c: v for c, v in token.concepts.items() if c != "is_there"}
            )
    return tokens


def _nouns(tokens: list[Token]) -> list[Token]:
    """Take "cut" behind an article, or behind "every", for the noun alone."""
    for at, (before, token) in enumerate(itertools.pairwise(tokens), start=1):
        if token.is_a("cuts") and (before.text in _ARTICLES or before.is_a("every", "all")):
            tokens[at] = Token(token.start, token.end, token.text, {"cuts": token.concepts["cuts"]})
    return tokens


def _quiet_dot(token: Token, tokens: Sequence[Token]) -> Token:
    """The dot of an abbreviation, which ends no sentence."""
    if token.text != "." or not any(each.end == token.start and each.text in ABBREVIATED for each in tokens):
        return token
    return Token(token.start, token.end, token.text, {"filler": None})


def _placed(tokens: list[Token]) -> list[Token]:
    """Take a place as one that has the name of a title as well: "at the end"."""
    for at in range(1, len(tokens)):
        token = tokens[at]
        if token.is_a("title_text") and token.is_a("start", "finish", "middle") and tokens[at - 1].is_a(*_PLACING):
            said = {
                concept: value for concept, value in token.concepts.items() if concept not in ("title_text", "text_end")
            }
            tokens[at] = Token(token.start, token.end, token.text, said)
    return tokens


def _turned(tokens: list[Token]) -> list[Token]:
    """Give a word behind "too" the meaning of what is wished for: "too small" asks for something larger."""
    for at in range(1, len(tokens)):
        token = tokens[at]
        if not tokens[at - 1].is_a("too") or len(tokens[at - 1].text) > _LONGEST_TOO:
            continue
        turned = {OPPOSITES.get(concept, concept): value for concept, value in token.concepts.items()}
        tokens[at] = Token(token.start, token.end, token.text, turned)
    return tokens


def _nearest_name(word: str, names: Sequence[tuple[str, str, Any]]) -> str | None:
    """The name that a word is a slip of the pen for: with two of its letters changed over, or one left out."""
    if len(word) < _LEAST_LETTERS or not word.isalpha():
        return None
    for name, _, _ in names:
        is_near = (
            abs(len(name) - len(word)) <= 1 and name[:1] == word[:1] and name.isalpha() and len(name) >= _LEAST_LETTERS
        )
        if is_near and (sorted(name) == sorted(word) or {*slips(name)} & {*slips(word)}):
            return name
    return None


def _with_parted(tokens: list[Token]) -> list[Token]:
    """Give the second word of a verb in two parts the meaning of both, and the first one none."""
    verbs = parted_verbs()
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
                tokens[at] = Token(token.start, token.end, token.text, {"filler": None})
                kept = {"bit": None} if degree else {}
                tokens[behind] = Token(other.start, other.end, other.text, dict.fromkeys(meant) | kept)
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
    text: Text, units: Sequence[Unit], names: Sequence[tuple[str, str, Any]], words: Lexicon
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    for found in _QUOTED.finditer(text.folded):
        start, end = next(found.span(group) for group in range(1, 8) if found[group] is not None)
        inner = text.folded[start:end].strip()
        named = {concept: value for name, concept, value in names if name == inner}
        yield *found.span(), {"quote": text.original(start, end).strip(), **named}
    for concept, pattern, reader in _READERS:
        for found in pattern.finditer(text.folded):
            yield *found.span(), dict.fromkeys(concept.split("+"), reader(found))
    for name, concept, value in names:
        edge = r"(?<![a-z0-9])" if name[:1].isascii() else "", r"(?:'s|s)?(?![a-z0-9])" if name[-1:].isascii() else ""
        for found in re.finditer(f"{edge[0]}{re.escape(name)}{edge[1]}", text.folded):
            yield *found.span(), {concept: value}
    for at, unit in enumerate(units):
        meant = written_for().get((units[at - 1].text, unit.text)) if at else None
        as_meant = words.matches([unit._replace(text=meant), *units[at + 1 : at + 3]], 0) if meant else ()
        yield from ((unit.start, units[at + n - 1].end, concepts) for n, concepts in as_meant if n > 1)
        for length, concepts in words.matches(units, at):
            if not any(text.parts(one.end, other.start) for one, other in pairwise(units[at : at + length])):
                yield unit.start, units[at + length - 1].end, concepts


_WIDE: Final = re.compile(f"[{HAN}”》」』】’]")
_QUOTED: Final = re.compile(
    r"\"([^\"\n]+)\"|“([^”\n]+)”|(?<![a-z0-9])'([^'\n]{2,})'(?![a-z0-9])|《([^》\n]+)》|「([^」\n]+)」|『([^』\n]+)』|【([^】\n]+)】"
)
