"""Parts of the film that are named by their share or by what is seen, as times.

`The second half` of 14 seconds is `the last 7 seconds`, and `when clip2 starts` is `at 8s`.
"""

from __future__ import annotations

import re
from typing import Final

from nemo_notebook.engine.agent.film.drafting import Draft, end_ms, end_of, meta, on_frame, start_of
from nemo_notebook.engine.agent.film.filming import shots_of
from nemo_notebook.engine.agent.reading.context import Context
from nemo_notebook.engine.agent.reading.shot_words import Mention, mentions
from nemo_notebook.engine.agent.words.wording import Clause

_OF_OTHERS: Final = (
    r"(?!\s+(?:a\b|an\b|second|of (?:the |my |this )?(?:song|music|track|clip|photo|shot|title|first|last)))"
)
_SHARES: Final = {"half": 2, "third": 3, "quarter": 4, "半": 2, "三分之一": 3, "四分之一": 4}
_EN: Final = re.compile(
    rf"\b(?:the )?(?P<side>first|second|last|other|opening|final) (?P<share>half|third|quarter)\b(?: of (?:the|my"
    rf"|this) (?:video|film|movie))?{_OF_OTHERS}"
)
_ZH: Final = re.compile(
    r"(?:视频|影片|片子)?的?(?P<side>前|后|最后)(?:面的?)?一?(?P<share>半|三分之一|四分之一)(?:段|部分|截|程)?(?!首|个|张|秒)"
)
_FIRST: Final = ("first", "opening", "前")
_BEGINS: Final = re.compile(r"\s*(?:starts?|begins?|comes? in|appears?|is (?:first )?seen)\b")
_WHEN: Final = re.compile(r"\b(?:when|where|as soon as|once)\s+(?:the )?$")
_START_OF: Final = re.compile(r"\b(?:at|from) the (?:start|beginning) of\s+(?:the )?$")
_DURING: Final = re.compile(r"\b(?:over|during|while|throughout|on top of)\s+(?:the )?$")
_ZH_AT: Final = re.compile(r"(?:出现|开始)(?:的?时候|时)")


def with_times(clause: Clause, context: Context) -> Clause:
    """The clause with parts of the film as seconds; itself where it names none."""
    total_ms = end_ms(context.film)
    if not total_ms:
        return clause
    text = _EN.sub(lambda found: _said(found, total_ms, "the {side} {s} seconds"), clause.text)
    text = _ZH.sub(lambda found: _said(found, total_ms, "{side}{s}秒"), text)
    if clause.quotes:
        text = _with_shots(text, context)
    return clause if text == clause.text else Clause(text, text, clause.quotes)


def _said(found: re.Match[str], total_ms: int, form: str) -> str:
    length_s = on_frame(total_ms / _SHARES[found["share"]]) / 1000
    first = found["side"] in _FIRST
    names = ("first", "last") if "seconds" in form else ("前", "最后")
    if found["side"] == "second" and found["share"] != "half":
        return f"from {length_s:g}s to {2 * length_s:g}s"
    return form.format(side=names[0] if first else names[1], s=f"{length_s:g}")


def _with_shots(text: str, context: Context) -> str:
    """The text with `when clip2 starts` and `over the second clip` as times, from the last to the first."""
    shots = shots_of(context.film)
    for mention in reversed(mentions(text, context)):
        stretch = _stretch_of(mention, shots)
        if stretch is None:
            continue
        before, behind = text[: mention.start], text[mention.end :]
        begins = _BEGINS.match(behind) if _WHEN.search(before) else _ZH_AT.match(behind)
        if begins:
            text = f"{_WHEN.sub('', before)} at {stretch[0]:g}s {behind[begins.end() :]}"
        elif lead := _START_OF.search(before):
            text = f"{before[: lead.start()]} at {stretch[0]:g}s {behind}"
        elif lead := _DURING.search(before):
            text = f"{before[: lead.start()]} from {stretch[0]:g}s to {stretch[1]:g}s {behind}"
    return text


def _stretch_of(mention: Mention, shots: list[Draft]) -> tuple[float, float] | None:
    """Start and end of the first shot that is meant, in seconds."""
    pick = mention.pick
    if pick.media is not None:
        found = [shot for shot in shots if meta(shot).get("media") == pick.media]
    elif pick.number is not None and 0 < abs(pick.number) <= len(shots):
        found = [shots[pick.number - 1 if pick.number > 0 else pick.number]]
    else:
        found = []
    return (start_of(found[0]) / 1000, end_of(found[0]) / 1000) if found else None
