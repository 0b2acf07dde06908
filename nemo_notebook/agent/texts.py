"""Words for titles: where in a message they begin and end, with and without quotation marks.

What announces words is data (`[texts]` of `frames.toml`): concepts in their order, `?` for what may be missing, `*` for
what may come any number of times, and `{text}` for the words. They end where a wish of its own begins, or where the
message goes on about the place, the time or the look of a title.

- `sure`: whatever follows are words ("write …", "the title should say …").
- `placed`: only if it is said behind them where they stand ("put … on it"), and they are no thing ("the logo").
- `object`: only if they are no thing ("at the end add …").
- `likely`: only if they are no remark about a title ("title …").
- `corrected`: only behind what speaks of a title ("the title is misspelled, it should be …"), and if they are no thing.
- `after`: as `object`, right after a wish about a title ("change it to …").
- `next`: only behind other words for a title ("… and the last one …").
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

from nemo_notebook.agent.clauses import FREE, is_joint
from nemo_notebook.agent.tokens import ABBREVIATED, Text, Token

Reads = Callable[[Sequence[Token]], bool]
"""Whether some tokens are a wish of their own."""

_KINDS: Final = ("sure", "placed", "object", "capital", "likely", "corrected", "next")
_ENDS: Final = re.compile(r"[.!?;。！？；…\n]+")
_ARTICLES: Final = frozenset("the a an its very that my our this their his her".split())
_DEFINITE: Final = _ARTICLES | {"that", "this", "那个", "这个", "那", "这", "那条"}
_OPENERS: Final = (":", ",", "-", "=", "：", "，")
_PLACED: Final = frozenset("position start finish middle time range whole lowerthird now_on first_few".split())
_LOOKING: Final = frozenset("bigger smaller color style animation letters allcaps text_end".split())
_STANDS: Final = frozenset(
    "ordinal position start finish it them there picture film file shot clip photo lowerthird".split()
)
_LOOSE: Final = frozenset("at from to by with".split())  # "an evening at the quay" is no place for words
_OVER: Final = frozenset("file shot clip photo it them ordinal film picture there one".split())
_BEFORE: Final = frozenset("at from to until for in on before after between with as when off up down over".split())
_BESIDE: Final = frozenset("much bit number how_many colors title thanks please be longer lengthen ordinal".split())
_OBJECTS: Final = frozenset(
    "music look filter transition visual visualizer mood style fade_black shot clip photo colors cuts clipsound sound "
    "join volume color again_more box font allcaps elsewhere tone brighter darker fade_in fade_out film musicvideo lowerthird title position animation".split()
)
_COMMENTS: Final = frozenset(
    "be see too bigger smaller ugly praise louder quieter enough much bit color style position can_you not at in on for to "
    "until from when while it more less off remove back whole time joint where rather better_before restore undo automatic wait".split()
)
_CHANGES: Final = frozenset(
    "longer shorter lengthen shorten bigger smaller style animation fit transition as_is keep better_before restore".split()
)
_WRITTEN: Final = frozenset("title letters write says lowerthird name_it".split())
_SHOWN: Final = frozenset("position see start finish whole range".split())
_KNOWN: Final = ("file", "song", "speech", "title_text", "platform", "filter", "mood", "transition", "visual", "color")
_WISHES: Final = frozenset("make remove change keep reason move add".split())
_PLAIN: Final = frozenset(
    "clip shot photo only box elsewhere needless hidden read_time earlier later longer shorter whole never".split()
)
_ASKS: Final = ("what", "how_long", "how_many", "where", "how_to", "who", "changes_asked", "unused")
_NEAR: Final = 6  # tokens before a correction among which the title has to be that it is about
_LONGEST: Final = 60  # tokens that words for a title may have
_SHORT: Final = 3  # words that may ask what a title says


def with_texts(tokens: Sequence[Token], text: Text, reads: Reads, *, is_after: bool = False) -> list[Token]:
    """Put one token with the concept `text` in place of all words for a title.

    Args:
        tokens: The message.
        text: Its letters.
        reads: Tells wishes of their own.
        is_after: Whether the last wish was about a title.
    """
    made = [_as_text(token) for token in tokens]
    for kind in (*_KINDS, "after") if is_after else _KINDS:
        at = 0
        while at < len(made):
            found = _found(made, at, kind, text, reads)
            if found is not None:
                start, end = found
                first, last = made[start], made[end - 1]
                quoted = first.concepts.get("quote") if start + 1 == end else None
                words = quoted or text.original(first.start, last.end).strip(" ,;:，；：、")
                made[start:end] = [Token(first.start, last.end, text.folded[first.start : last.end], {"text": words})]
                at = start
            at += 1
    return _with_capitals(made, text)


def _with_capitals(tokens: list[Token], text: Text) -> list[Token]:
    """Put one token in place of words that only their capital letters set apart: "show Dr Elena Marsh at the bottom"."""
    sentences = [0, *(at + 1 for at, token in enumerate(tokens) if _ENDS.fullmatch(token.text)), len(tokens)]
    for first, last in reversed([*pairwise(sentences)]):
        sentence = tokens[first:last]
        said = {concept for token in sentence for concept in token.concepts}
        if "text" in said or not (said & _WRITTEN or (said & {"put", "want"} and said & _SHOWN)):
            continue
        if (found := _capitals(sentence, text)) is not None:
            start, end = first + found[0], first + found[1]
            head, tail = tokens[start].start, tokens[end - 1].end
            tokens[start:end] = [Token(head, tail, text.folded[head:tail], {"text": text.original(head, tail)})]
    return tokens


def _capitals(sentence: Sequence[Token], text: Text) -> tuple[int, int] | None:
    """Where words with capital letters stand in a sentence that are no name of anything known; None where nowhere."""
    is_capital = [_is_capital(token, text) for token in sentence]
    if 2 * sum(is_capital) > len(sentence):
        return None
    at = 1
    while at < len(sentence):
        end = at
        while end < len(sentence) and (is_capital[end] or (end > at and _goes_on(sentence, end, is_capital))):
            end += 1
        if sum(is_capital[at:end]) > 1 and any(
            c and not t.is_a(*_KNOWN) for c, t in zip(is_capital[at:end], sentence[at:end])
        ):
            return at, end
        at = max(end, at + 1)
    return None


def _is_capital(token: Token, text: Text) -> bool:
    words = re.findall(r"[^\W\d_][\w']*", text.original(token.start, token.end))
    return (
        bool(words) and words[0] != "I" and not words[0].startswith("I'") and all(word[0].isupper() for word in words)
    )


def _goes_on(sentence: Sequence[Token], at: int, is_capital: Sequence[bool]) -> bool:
    """Whether a small word or a number stands between words with capital letters."""
    if sentence[at].is_a("number"):
        return True
    return at + 1 < len(sentence) and is_capital[at + 1] and (sentence[at].is_a(*FREE) or sentence[at].text == "&")


def _as_text(token: Token) -> Token:
    """What stands in quotation marks is words, unless it names something."""
    if "quote" not in token.concepts or token.is_a("file", "song", "title_text"):
        return token
    return Token(token.start, token.end, token.text, {"text": token.concepts["quote"]})


def _found(tokens: Sequence[Token], at: int, kind: str, text: Text, reads: Reads) -> tuple[int, int] | None:
    """Where words begin and end that are announced from a place on."""
    start = _announced(tokens, at, kind) if tokens[at].concepts else None
    if start is None or (kind == "likely" and not _is_bare(tokens, at, start, text)):
        return None
    is_noun = _is_noun(tokens, at)
    is_noun = is_noun and not (at + 1 < len(tokens) and tokens[at + 1].is_a("says", "is_now", "colon"))
    if is_noun or (kind != "next" and _is_asked(tokens, at)):
        return None
    if _has_text(tokens, at, text, whole=kind not in ("sure", "next", "corrected")):
        return None
    if kind == "next" and not _follows_text(tokens, at):
        return None
    if kind == "corrected" and not _follows_title(tokens, at, text):
        return None
    end, is_placed = _end_of(tokens, start, text, reads)
    start = _after_colon(tokens, start, end)
    words = tokens[start:end]
    is_named = kind == "sure" and bool(words) and _is_capital(words[0], text)
    if (
        not words
        or _is_no_text(words, also_placed=not is_named)
        or (kind != "sure" and len(words) == 1 and len(words[0].text) == 1)
    ):
        return None
    if (
        tokens[at].is_a("compose")
        and words[0].text in _ARTICLES
        and any(word.is_a("music", "song") for word in words[:4])
    ):
        return None
    if _asks_back(words) or (kind != "sure" and words[0].is_a("help", "unable", *_ASKS[1:])):
        return None
    if kind == "capital" and (not _is_capital(words[0], text) or all(word.is_a(*_KNOWN) for word in words)):
        return None
    if _is_other_shot(tokens[at:start], words):
        return None
    is_thing = not _is_no_thing(words, is_certain=_is_capital(words[0], text))
    if (is_thing and kind in ("placed", "object", "corrected", "after")) or (kind == "placed" and not is_placed):
        return None
    return (start, end) if kind == "sure" or _is_telling(words) else None


@cache
def _patterns(kind: str) -> tuple[tuple[tuple[frozenset[str], str], ...], ...]:
    """What announces words: the concepts before `{text}`, each with `?`, `*` or nothing."""
    text = resources.files(__package__).joinpath("frames.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    rows = data["texts"][kind]
    return tuple(tuple(_part(word, data["sets"]) for word in row.split() if word != "{text}") for row in rows)


def _part(word: str, sets: Mapping[str, str]) -> tuple[frozenset[str], str]:
    sign = word[-1] if word[-1] in "?*" else ""
    names = word.removesuffix(sign).split("|")
    each = [sets[name[1:]].split() if name[0] == "$" else [name] for name in names]
    return frozenset(concept for concepts in each for concept in concepts), sign


def _is_other_shot(announced: Sequence[Token], words: Sequence[Token]) -> bool:
    """Whether what would be words for a title is the name of a clip that is to be at an end: 片头换成海边那段."""
    is_title = any(
        token.is_a("title", "title_text", "write") and not token.is_a("start", "finish") for token in announced
    )
    is_place = announced[0].is_a("start", "finish", "ordinal")
    said = [token for token in words if "filler" not in token.concepts]
    return (
        is_place and not is_title and bool(said) and all(token.is_a("file", "shot", "clip", "photo") for token in said)
    )


def _asks_back(words: Sequence[Token]) -> bool:
    """Whether what would be words for a title asks which there are: "what does it say"."""
    if len(words) == 1 and words[0].is_a("manner"):
        return True
    is_han = not words[-1].text.isascii()
    return (is_han and len(words) <= _SHORT and words[-1].is_a(*_ASKS)) or words[0].is_a("places_asked")


def _is_asked(tokens: Sequence[Token], at: int) -> bool:
    """Whether what stands before a place makes a question of it: "what is the name of …"."""
    begin = next((n for n in range(at, max(0, at - _LONGEST), -1) if _ENDS.fullmatch(tokens[n - 1].text)), 0)
    return any(token.is_a(*_ASKS) for token in tokens[max(begin, at - _LONGEST) : at])


def _announced(tokens: Sequence[Token], at: int, kind: str) -> int | None:
    """Where words begin that are announced from a place on."""
    for parts in _patterns(kind):
        start = _after(tokens, at, parts)
        if start is not None and start < len(tokens) and not tokens[start].is_a("text", "joint"):
            return start
    return None


def _after(tokens: Sequence[Token], at: int, parts: Sequence[tuple[frozenset[str], str]]) -> int | None:
    """The place after what announces words."""
    start = _matched(tokens, at, parts, is_first=True)
    while start is not None and start + 1 < len(tokens):
        if (
            tokens[start].text not in _OPENERS
            and not _still_announces(tokens, start)
            and tokens[start].text not in ("put", "add")
        ):
            break
        start += 1
    return start


def _matched(
    tokens: Sequence[Token], at: int, parts: Sequence[tuple[frozenset[str], str]], *, is_first: bool = False
) -> int | None:
    if not parts:
        return at
    (concepts, sign), rest = parts[0], parts[1:]
    place = at if is_first else _next_content(tokens, at, concepts)
    is_there = place < len(tokens) and not concepts.isdisjoint(tokens[place].concepts)
    if is_there and "write" in concepts and "title" not in concepts and _is_noun(tokens, place):
        is_there = False  # "the first caption stays"
    if is_there and sign == "*" and tokens[place].is_a("file", "shot", "it"):
        is_there = tokens[place - 1].is_a(*_BEFORE, "filler")
    if is_there and sign == "*" and tokens[place].is_a("time") and tokens[place].text.startswith("a "):
        is_there = False  # "write A second chance"
    if is_there:
        found = _matched(tokens, place + 1, parts if sign == "*" else rest)
        if found is not None:
            return found
    return _matched(tokens, at, rest) if sign else None


def _is_noun(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word such as "caption" is no verb at a place."""
    is_named = at > 0 and (
        tokens[at - 1].text in _DEFINITE or tokens[at - 1].is_a("ordinal", "last", "all", "both", "my")
    )
    return is_named and tokens[at].is_a("title") and tokens[at].is_a("write")


def _still_announces(tokens: Sequence[Token], at: int) -> bool:
    """Whether a token behind what announces words does so as well: "写上 | 几个字 …"."""
    is_han = not tokens[at].text.isascii()
    return tokens[at].is_a("write", "says") or (
        is_han and tokens[at].is_a("title", "letters", "bigger", "smaller", "position")
    )


def _next_content(tokens: Sequence[Token], at: int, concepts: frozenset[str]) -> int:
    """The next token that is more than a filler, unless that is what is looked for."""
    while at < len(tokens) and concepts.isdisjoint(tokens[at].concepts) and "filler" in tokens[at].concepts:
        at += 1
    return at


def _is_bare(tokens: Sequence[Token], at: int, start: int, text: Text) -> bool:
    """Whether a title is named without an article at the start of a sentence, as in "title: Summer"."""
    is_parted = start == at + 2 and tokens[at + 1].text in (",", "，")
    if not tokens[at].is_a("title", "lowerthird", "lyrics"):
        return True
    if start > at + 1 and not is_parted:
        is_said = all(token.text.isascii() for token in tokens[at:start])
        return is_said or tokens[start].start > tokens[start - 1].end or tokens[start - 1].is_a("colon")
    before = tokens[at - 1] if at else None
    if is_parted:
        return False
    is_first = before is None or _ENDS.fullmatch(before.text) is not None or is_joint(before)
    is_apart = tokens[start].start > tokens[at].end or text.folded[tokens[at].end : tokens[start].start].strip() == ":"
    return is_first and is_apart


def _end_of(tokens: Sequence[Token], start: int, text: Text, reads: Reads) -> tuple[int, bool]:
    """Where words for a title end that begin at a place, and whether it is said behind them where they stand."""
    end, stop = start, min(len(tokens), start + _LONGEST)
    while end < stop:
        token = tokens[end]
        if "text" in token.concepts or _is_end(tokens, end, text) or (end > start and token.is_a("instead")):
            break
        if end > start and (_begins_piece(tokens, end, text) or not token.text.isascii()):
            rest = _piece(tokens, end + is_joint(token), text)
            is_piece = _begins_piece(tokens, end, text)
            if rest and is_piece and ("not" in rest[0].concepts or reads(rest) or _names_title(rest)):
                break
            if rest and is_piece and _without_tail(tokens, start, end, text) < end and _begins_wish(rest):
                break
            if rest and is_piece and any(t.is_a("write") and not t.is_a("title") for t in rest[1:5]):
                break
            first = end + is_joint(token)
            while is_joint(token) and first < len(tokens) and tokens[first].text in _ARTICLES:
                first += 1
            if first < len(tokens) and tokens[first].is_a("start", "finish", "ordinal"):
                if _announced(tokens, first, "next" if is_joint(token) else "sure") is not None:
                    break
        end += 1
    last = _without_tail(tokens, start, end, text)
    return last, any(_STANDS & token.concepts.keys() for token in tokens[last:end])


def _follows_text(tokens: Sequence[Token], at: int) -> bool:
    """Whether only a joint and an article stand between words for a title and a place."""
    before = [token for token in tokens[max(0, at - 4) : at] if token.text not in _ARTICLES]
    return len(before) > 1 and is_joint(before[-1]) and any("text" in token.concepts for token in before[-3:-1])


def _follows_title(tokens: Sequence[Token], at: int, text: Text) -> bool:
    """Whether a place begins a piece of its own, behind one that speaks of a title or its words."""
    begin = next(
        (n for n in range(at, 0, -1) if _begins_piece(tokens, n, text) or tokens[n - 1].is_a("spelled", "wrong")), 0
    )
    if tokens[at].text.isascii():  # a comma ends no sentence there
        return False
    is_bare = all(token.is_a(*FREE, "joint", "it", "title") or is_joint(token) for token in tokens[begin:at])
    before = tokens[max(0, begin - _NEAR) : begin]
    return is_bare and any(token.is_a("title", "letters", "title_text", "spelled") for token in before)


def _after_colon(tokens: Sequence[Token], start: int, end: int) -> int:
    """Where words begin that are said to stand somewhere: "over the last shot: The End"."""
    for at in range(start + 1, end - 1):
        if tokens[at].text in (":", "："):
            places = (*_BEFORE, *_STANDS, "filler", "of", "ordinal", "how_many")
            return at + 1 if all(token.is_a(*places) for token in tokens[start:at]) else start
    return start


def _is_end(tokens: Sequence[Token], at: int, text: Text) -> bool:
    token = tokens[at]
    if not _ENDS.fullmatch(token.text):
        return at > 0 and "\n" in text.folded[tokens[at - 1].end : token.start]
    is_last = at + 1 == len(tokens) or tokens[at + 1].start > token.end or not token.text.isascii()
    return is_last and not (token.text == "." and at > 0 and tokens[at - 1].text in ABBREVIATED)


def _begins_piece(tokens: Sequence[Token], at: int, text: Text) -> bool:
    """Whether a piece of its own may begin here: behind a joint, or behind a space in Chinese."""
    if is_joint(tokens[at]):
        return True
    return at > 0 and text.parts(tokens[at - 1].end, tokens[at].start)


def _piece(tokens: Sequence[Token], at: int, text: Text) -> list[Token]:
    end = at
    while end < len(tokens) and (end == at or not _begins_piece(tokens, end, text)):
        end += 1
    return list(tokens[at:end])


def _without_tail(tokens: Sequence[Token], start: int, end: int, text: Text) -> int:
    """Where words end when what is said behind them of their place, time and look does not count."""
    while end > start + 1 and (
        is_joint(tokens[end - 1]) or tokens[end - 1].is_a("replaced") or _asks_politely(tokens, start, end)
    ):
        end -= 1
    best, is_strong = end, False
    is_small = not _is_capital(tokens[start], text)
    while_at = max((at for at in range(start + 1, end) if tokens[at].is_a("when")), default=end)
    for at in range(end - 1, start, -1):
        token = tokens[at]
        said = token.concepts.keys()
        is_before = not _BEFORE.isdisjoint(said)
        is_over = bool(_OVER & said) and any(
            t.is_a(*_BEFORE) and not (token.is_a("file") and t.text in _LOOSE) for t in tokens[max(start, at - 3) : at]
        )
        if not is_small and _is_capital(token, text):
            break
        if said & (_PLACED | _LOOKING) or is_over or (said & {"thanks", "please"} and _begins_piece(tokens, at, text)):
            is_strong = True
        elif token.is_a("see", "write", "be") and at + 1 < len(tokens) and tokens[at + 1].is_a(*_PLACED, *_BEFORE):
            best = at if is_strong and not is_before else best
        elif not (said & FREE or at > while_at or is_before or is_joint(token) or said & _BESIDE or _is_put(token)):
            break
        is_begin = is_joint(token) or not token.text.isascii() or bool(said & _PLACED) or is_joint(tokens[at - 1])
        if is_strong and (is_begin or (is_before and _leads_on(tokens, at, end))) and not said <= {"filler", "of"}:
            best = at
    while best > start + 1 and (is_joint(tokens[best - 1]) or not re.search(r"\w", tokens[best - 1].text)):
        best -= 1
    return best


def _asks_politely(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether a word behind words for a title only ends a question: "能写上…吗"."""
    return tokens[end - 1].is_a("asks") and any(token.is_a("can_you", "be") for token in tokens[:start])


def _leads_on(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a preposition stands before a place, a time or a look, with nothing but an article between."""
    behind = at + 1
    while behind < end and tokens[behind].text in _ARTICLES:
        behind += 1
    return behind < end and tokens[behind].is_a(*_PLACED, *_LOOKING, *_OVER, *_BEFORE, "bit", "much")


def _is_put(token: Token) -> bool:
    return not token.text.isascii() and token.is_a("move", "put", "add")


def _begins_wish(tokens: Sequence[Token]) -> bool:
    """Whether a piece begins with what wishes are about."""
    return any(token.is_a(*_OBJECTS, *_WISHES) for token in tokens[:3])


def _has_text(tokens: Sequence[Token], at: int, text: Text, *, whole: bool) -> bool:
    """Whether the piece, or the whole sentence, that a place belongs to has words for a title already."""
    if not whole:
        return any("text" in token.concepts for token in _piece(tokens, at, text))
    start = next((i for i in range(at, -1, -1) if _ENDS.fullmatch(tokens[i].text)), 0)
    end = next((i for i in range(at, len(tokens)) if _ENDS.fullmatch(tokens[i].text)), len(tokens))
    return any("text" in token.concepts for token in tokens[start:end])


def _names_title(tokens: Sequence[Token]) -> bool:
    """Whether a piece begins with a title that is there and goes on to change it."""
    at = next((at for at, token in enumerate(tokens[:4]) if token.is_a("title_text", "text_end")), None)
    return at is not None and any(token.is_a("change", "says", "remove", "is_now") for token in tokens[at + 1 : at + 3])


def _is_no_text(tokens: Sequence[Token], *, also_placed: bool = True) -> bool:
    """Whether some words say nothing but how a title is to look, or are only pronouns and fillers."""
    if not any(re.search(r"\w", token.text) for token in tokens):
        return True
    first = next((tokens[:at] for at, token in enumerate(tokens) if at and is_joint(token)), tokens)
    plain = {
        "filler",
        "same",
        "better_before",
        "restore",
        "it",
        "them",
        "one",
        "much",
        "bit",
        "rather",
        "more",
        "be",
        "ordinal",
        "keep",
        "as_is",
        "colors",
        "until",
        "is_now",
        "fade_black",
        "fade_in",
        "fade_out",
    }
    plain |= _BEFORE - {"with", "when"} | _PLAIN if also_placed else set()
    return all(token.concepts and not (plain | _PLACED | _LOOKING).isdisjoint(token.concepts) for token in first)


def _is_no_thing(tokens: Sequence[Token], *, is_certain: bool) -> bool:
    """Whether some words that are put somewhere are words, and no thing."""
    content = [
        token for token in tokens if not token.is_a("filler", "joint", *_BEFORE) and re.search(r"\w", token.text)
    ]
    named = [token for token in content if token.is_a("file", "song", "speech")]
    things = [token for token in content if token.is_a(*_OBJECTS)]
    if is_certain or any(
        not token.concepts for token in content
    ):  # "the kickdrum kids": what a known word means is not certain
        things = [token for token in things if not token.is_a("mood", "color")]
    moves = any(
        one.is_a("to") and other.is_a("move", "begin", "end", "remove", "change") for one, other in pairwise(tokens)
    )
    return (
        not things
        and not moves
        and (len(named) < len(content) or (len(named) > 1 and not any(t.text in _ARTICLES for t in tokens)))
    )


def _is_telling(tokens: Sequence[Token]) -> bool:
    """Whether some words may well stand on a title: they are no remark about one."""
    if _COMMENTS & tokens[0].concepts.keys() or all("filler" in token.concepts for token in tokens):
        return False
    return not any(_CHANGES & token.concepts.keys() for token in tokens)
