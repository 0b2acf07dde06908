"""Wishes about how clips run: backwards, ever faster or slower, held at a moment."""

from __future__ import annotations

from typing import Any, Final

from nemo_notebook.agent.match import Edits, Match, one_or_all
from nemo_notebook.film.edits.playback import Freeze, SetPlayback

_FAST, _SLOW = 2.0, 0.5
_OFF: Final = ("without", "not", "stop", "no", "undo")


def backwards(m: Match) -> Edits:
    """Play clips backwards, or forwards again."""
    return [SetPlayback(reverse=not m.has(*_OFF), **_clips(m))]


def ramp(m: Match) -> Edits:
    """Let clips become ever faster or slower."""
    speeds = (_FAST, _SLOW) if m.value("ramp") == "slower" else (_SLOW, _FAST)
    return [SetPlayback(from_speed=speeds[0], to_speed=speeds[1], **_clips(m))]


def freeze(m: Match) -> Edits:
    """Hold a moment: at a time that is said, else at the start or the end of a shot."""
    times = [float(token.concepts["time"]) for token in m.tokens if token.is_a("time")]
    at = [float(token.concepts["time"]) for token in m.tokens if token.is_a("time") and token.is_a("at")]
    is_moment = bool(m.has("at") and times) or bool(at)
    moment = (at or times)[0] if is_moment else None
    lengths = [time for time in times if time != moment]
    fields: dict[str, Any] = {"duration_s": min(lengths[0], 60.0)} if lengths else {}
    anchor: Any = "start" if m.has("start", "begin") or 1 in m.values("ordinal") else "end"
    return [Freeze(at_s=moment, anchor=anchor, **fields, **_clips(m))]


def _clips(m: Match) -> dict[str, Any]:
    """The clips that are meant; all where none is named."""
    shots = m.shots(focus=m.has("it", "one", "them")) if m.has("file", "clip", "shot", "it", "one", "them") else ()
    return {"target": one_or_all(shots)} if shots else {}
