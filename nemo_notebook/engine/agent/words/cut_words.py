"""The words that people have for how fast cuts follow one another."""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.words.vocabulary import words

_CUTS: Final = (
    r"(?:cuts|cutting|cut rate|shots?|takes?|scenes|edits?|editing|pac(?:e|ing)|clips|pictures|photos|images)"
)
_SPEED: Final = (
    r"(?:the |my |its )?(?:number of |speed of |pace of )?(?:cuts|cutting|cut rate|shots|edits?|editing|pac(?:e|ing))"
)
_BUSY: Final = (
    r"(?:fast|quick(?:ly)?|rapid(?:ly)?|hectic|busy|frantic|choppy|jumpy|nervous|frequent(?:ly)?|often|chaotic"
    r"|stressful|crazy|restless|many (?:cuts|shots|edits)|much cutting)"
)
_SLACK: Final = r"(?:slow(?:ly)?|sleepy|static|few (?:cuts|shots|edits)|rare(?:ly)?|seldom|little cutting)"
_FASTER: Final = words(
    r"\b(?:faster|quicker|quicklier|snappier|punchier|more (?:fast|quick(?:ly)?|rapid(?:ly)?|often|frequent(?:ly)?)"
    r"|more (?:cuts|cutting|edits|(?:energy|action|drive) in the (?:cuts|edit\w*))|(?:pace|cuts|editing"
    r"|edit) (?:is|are) (?:\w+ )?boring|shorter (?:cuts|shots|takes|scenes|clips)"
    r"|(?:cut|edit)\w* (?:it )?(?:more|snappy|tighter?)|more (?:dynamic|energetic|lively) (?:cut|edit)\w*"
    r"|faster[- ]paced)\b",
    rf"\btoo {_SLACK}\b|(?:\bnot|n't) (?:\w+ )?(?:{_BUSY}) enough\b|(?:\bnot|n't) (?:\w+ )?enough (?:cuts"
    rf"|shots|edits)\b"
    rf"|(?:\bnot|n't) (?:be |so |that )*{_SLACK}\b",
    rf"\b{_CUTS} (?:\w+ )?(?:are |is |last |stay |should |be |even |much |a bit |a little )*(?:too long|shorter|quicker"
    r"|faster)\b",
    rf"\b(?:speed|pick|step|hurry) (?:up )?{_SPEED}(?: up)?\b|\b(?:quicken|accelerate|increase|raise) {_SPEED}\b",
    r"\b(?:snappy|fast|quick|rapid|hectic|punchy)[- ](?:paced|cuts?|cutting|editing|edits?|shots)\b"
    r"|\b(?:cuts?|cutting|editing|edit|pace) (?:to be |should be |more )?(?:snappy|fast|quick|dynamic|energetic)\b",
    r"(?:快|短|碎)一?[点些]|更快|加快|快剪|快切|更多(?:剪辑|镜头)|快节奏|快速的?(?:剪|切)|太慢|(?:不够|不太)快|多剪",
)
_SLOWER: Final = words(
    r"\b(?:slower|calmer|more slow(?:ly)?|fewer (?:cuts|shots|edits)|longer (?:cuts|shots|takes|scenes|clips)"
    r"|(?:less|fewer) (?:cuts|cutting|shots|edits|often|frequent(?:ly)?|hectic|frantic|busy|choppy|jumpy|chaotic|fast"
    r"|quick(?:ly)?)|slower[- ]paced|not so (?:many|much) (?:cuts|cutting|shots|edits))\b",
    rf"\btoo {_BUSY}\b|(?:\bnot|n't|\bnever) (?:\w+ ){{0,3}}?(?:so|that|too|as) (?:very )?{_BUSY}\b",
    rf"\b{_CUTS} (?:\w+ )?(?:are |is |last |stay |should |be |even |much |a bit |a little )*(?:too short|longer)\b",
    rf"\b(?:slow|calm|tone) (?:down )?{_SPEED}(?: down)?\b|\b(?:reduce|decrease|lower) {_SPEED}\b"
    r"|\bbreathe\b|\b(?:hold|stay on|linger on|show) (?:\w+ ){0,3}(?:shots?|clips?|pictures?"
    r"|photos?) (?:for )?(?:a bit )?longer\b",
    r"\b(?:slow|calm|relaxed|long)[- ](?:paced|cuts?|cutting|editing|edits?|shots|takes)\b"
    r"|\b(?:cuts?|cutting|editing|edit|pace) (?:to be |should be |be |more |a bit more |gets? )+(?:slow"
    r"|calm|relaxed|gentle)\b",
    r"慢一?[点些]|更慢|放慢|慢剪|更少(?:剪辑|镜头)|慢节奏|长镜头|太快|太碎|别(?:剪|切)得?(?:那么|这么|太)(?:快|多|碎)|少剪",
)
_TIMES: Final = {"twice": 2.0, "two": 2.0, "2": 2.0, "double": 2.0, "three": 3.0, "3": 3.0, "four": 4.0, "4": 4.0}
_MANIFOLD: Final = re.compile(
    r"\b(?P<times>twice|(?P<n>two|three|four|[234])(?: times| ?x)) (?:as |the )?(?:fast\w*|quick\w*|often|many|much"
    r"|cuts|number of cuts|frequent\w*)\b"
    r"|\bdouble (?:the |as )?(?:cuts|cutting|number of (?:cuts|shots)|many cuts|pace of the cuts|cut rate)\b"
    r"|(?P<zh>[两二三四234])倍(?:的)?(?:快|多|镜头|剪)"
)
_HALF: Final = re.compile(
    r"\bhalf as (?:fast|quick\w*|often|many|much|frequent\w*)\b|\b(?:half|halve) (?:of )?(?:the )?(?:cuts|cutting"
    r"|number of (?:cuts|shots)|cut rate)\b|(?:镜头|剪辑)(?:数量?)?减半|一半的?(?:镜头|剪辑)"
)
_SLIGHTLY: Final = re.compile(r"\b(?:a (?:little|tiny)? ?bit|a little|slightly|a touch)\b|稍微|略|一点点")
_FILM: Final = r"(?:edit|cut|videos?|films?|movie|montage|reel|mv|vlog|slide ?show|tik ?tok|clip)"
_BETWEEN: Final = r"(?:[ ,]+(?!(?:music|track|song|beat|with|for|of|to|from|and|on|mo|motion)\b)[\w-]+){0,3}?[ ,]+"
_SLOW_FILM: Final = re.compile(
    rf"\b(?:slow|calm|relaxed|relaxing|gentle|peaceful|slow-paced)(?:,? (?:and|but) \w+)?{_BETWEEN}(?:music )?{_FILM}\b"
)
_FAST_FILM: Final = re.compile(
    rf"\b(?:fast|snappy|energetic|hype|hyped|hectic|high[- ]energy|dynamic|action[- ]packed|punchy)"
    rf"(?:,? (?:and|but) \w+)?{_BETWEEN}(?:music )?{_FILM}\b"
)
_FILLERS: Final = (
    r"(?:please|pls|and|but|very|really|quite|rather|nice|nicely|a bit|kind of|make it|keep it|it should be|should be"
    r"|with|the|style|in|a|all|pace|paced|vibe|feel|mood|dark|happy|sad|cinematic|dreamy|romantic|emotional|moody)"
)
_ALONE: Final = re.compile(
    rf"(?:^|,)\W*(?:{_FILLERS}\W+)*(?:(?P<slow>slow(?:ly)?|calm(?:ly)?|relaxed|gentle|gently|peaceful)"
    rf"|(?P<fast>fast|quick|snappy|energetic|hectic|dynamic|punchy))(?:\W+(?:{_FILLERS}|slow|calm|relaxed|gentle|fast|quick|snappy"
    r"|energetic|dynamic))*\W*$"
)
_QUICK, _QUICKER_A_BIT = 0.6, 0.8
_CALM, _CALMER_A_BIT = 1.7, 1.35


def cut_factor(text: str) -> float:
    """How much longer than now the shots are to be, as a factor; 1 where a text does not say."""
    if _HALF.search(text):
        return 2.0
    if found := _MANIFOLD.search(text):
        word = found["n"] or found["zh"] or "2"
        return 1 / _TIMES.get(word, {"两": 2.0, "二": 2.0, "三": 3.0, "四": 4.0}.get(word, 2.0))
    slightly = _SLIGHTLY.search(text) is not None
    if _SLOWER.search(text):
        return _CALMER_A_BIT if slightly else _CALM
    if _FASTER.search(text):
        return _QUICKER_A_BIT if slightly else _QUICK
    return 1.0


def film_factor(text: str) -> float:
    """How long the shots of a film are to be that is described by `slow`, `energetic` and the like; 1 for the usual."""
    alone = _ALONE.search(text)
    if _SLOW_FILM.search(text) or (alone and alone["slow"]):
        return _CALM
    return _QUICK if _FAST_FILM.search(text) or alone else 1.0
