"""Wishes about colours, shape, transitions, fades of the picture, and what is drawn from the sound."""

from __future__ import annotations

from typing import Any, Final, get_args

from msgspec import structs

from nemo_notebook.agent.match import Asked, Edits, Match, one_or_all, read_as
from nemo_notebook.agent.wishes.nouns import colors_meant, cuts_meant, required
from nemo_notebook.film.edits.lengths import SetLength
from nemo_notebook.film.edits.looks import Fade, SetCanvas, SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.edits.styles import SetStyle
from nemo_notebook.film.model import VisualizerStyle
from nemo_notebook.film.target import Kind, of_kind
from nemo_notebook.film.wording import Told

_TONES: Final = {  # each with the concepts and the kinds of wishes that say more of it, and less
    "brightness": ("brighter", "darker", "brighter", "darker"),
    "contrast": ("contrastier", "flatter", "contrast_up", "contrast_down"),
    "saturation": ("more_color", "less_color", "more_color", "less_color"),
}
_LIKELY: Final = 0.7  # how likely a kind has to be to stand against what the words say that may be denied
_AMOUNTS: Final = {"bit": 0.1, "": 0.2, "much": 0.4}
_OF_IT: Final = ("trim", "set_speed", "set_volume")  # edits of what "it" may be
_OPPOSITE: Final = {"cool": "warm", "warm": "cool"}
_QUICK_S: Final = 0.2
_FADE_S: Final = 1.0
_LONGEST_JOIN_S: Final = 5.0
_SLOW_S: Final = 1.0  # a slow transition
_PARTS: Final[tuple[Kind, ...]] = ("clip", "photo", "shot")
_UNWISHED: Final = "remove without not ugly too what why obstructs unneeded needless wrong alter".split()


def filter(m: Match) -> Edits:  # noqa: A001
    """Give pictures a look."""
    looks = list(dict.fromkeys(m.values("filter")))
    is_remark = m.has("be") and m.has("bit") and not m.has("make", "add", "change", "more", "can_you")
    is_complaint = is_remark or m.has("too", "half_back")
    if is_complaint and m.film.meta.get("filter") == looks[-1]:
        return no_filter(m)
    if is_complaint and looks[-1] in _OPPOSITE:
        looks.append(_OPPOSITE[looks[-1]])  # "it looks a bit cold" is no wish for it
    return [SetLook(target=_meant(m), filter=looks[-1], **_stretch(m))]


def style(m: Match) -> Edits:
    """Give the film a style; where there is no film yet, make one in it."""
    return [SetStyle(style=m.value("filmstyle"))] if m.film.end_ms else read_as("films.make", m)


def like_film(m: Match) -> Edits:
    """Make the film like another one: the last that is named."""
    return [SetStyle(like=m.media("file")[-1])]


def no_filter(m: Match) -> Edits:
    """Show pictures in their own colours."""
    if m.has("rest", "other") and any(isinstance(edit, SetLook) for edit in m.made):
        return []  # "the first five seconds black and white, the rest in colour"
    return [SetLook(target=_named(m), filter="none")]


def tone(m: Match) -> Edits:
    """Make pictures brighter, darker, and so on; what the whole clause means counts more than one word."""
    if m.film.end_ms and not m.film.shots:
        raise Asked(Told("set_look.no_pictures"), asks=False)
    signs: dict[str, int] = {}
    for name, (up, down, *kinds) in _TONES.items():
        if name in m.values("tone") or m.has(up, down):
            more, less = (m.like(f"looks.{kind}") for kind in kinds)
            is_less = less > max(more, _LIKELY) or (m.has(down) and more <= max(less, _LIKELY))
            signs[name] = -1 if is_less else 1
    sign, share = m.value("percent") or ("", _AMOUNTS[m.degree])
    common = {"target": _meant(m), "relative": True} | _stretch(m)
    signs = signs or {"saturation": 1}  # of what is dull
    return [SetLook(**common | {name: -share if sign == "-" else way * share}) for name, way in signs.items()]


def unseen(m: Match) -> Edits:
    """Make brighter what can hardly be seen."""
    return [SetLook(target=_meant(m), brightness=_AMOUNTS[m.degree], relative=True)]


def fit(m: Match) -> Edits:
    """Let pictures fill the frame in a way; margins, or a blur, that somebody does not want are filled."""
    fits = [token for token in m.tokens if token.is_a("fit")]
    way = fits[0].concepts["fit"]
    is_unwished = all(t.is_a("margins") or t.concepts["fit"] == "blur" for t in fits) and m.has(*_UNWISHED)
    is_unwished = is_unwished or (way == "pad" and m.has("ugly"))
    return [SetLook(target=_meant(m), fit="crop" if is_unwished else way)]


def _joins(m: Match) -> list[dict[str, Any]]:
    """The transitions that there are."""
    return [shot.meta["transition"] for shot in m.film.shots if shot.meta.get("transition")]


def transition(m: Match) -> Edits:
    """Set how shots go over into one another."""
    now = next((join["kind"] for join in _joins(m)), None)
    said = [kind for kind in m.values("transition") if kind]
    others = [kind for kind in said if kind != now]  # "change the wipes to crossfades"
    is_quick = m.has("faster", "shorter")
    is_timed = m.has("slower", "longer") or is_quick
    kind: Any = next(iter(others or said), ((is_timed or m.has("time")) and now) or "dissolve")
    usual_s = (_QUICK_S if is_quick else _SLOW_S) if is_timed else None
    return [SetTransition(kind=kind, duration_s=m.length_s or usual_s, **cuts_meant(m))]


def join_time(m: Match) -> Edits:
    """Let the transitions that were spoken of last be longer or shorter."""
    joins, time_s = required(_joins(m), "which_transition"), m.value("time")
    if time_s and time_s > _LONGEST_JOIN_S:
        return [SetLength(duration_s=time_s)]  # no transition lasts so long
    kind: Any = joins[0]["kind"]
    last = m.edits[-1] if m.edits and isinstance(m.edits[-1], SetTransition) else SetTransition(kind=kind)
    factor = 0.5 if m.has("shorter", "faster", "shorten") else 2.0
    most_s = max(join["ms"] for join in joins) / 1000
    return [structs.replace(last, kind=kind, duration_s=time_s or most_s * factor)]


def fades(m: Match) -> Edits:
    """Let shots dissolve in place of the transitions that there are, or change at once in place of their fades."""
    last = [token for token in m.tokens if token.is_a("fade", "cuts", "hard_cuts")][-1]
    return [SetTransition(kind="dissolve" if last.is_a("fade") else "none")]


def hard_cuts(m: Match) -> Edits:
    """Show shots without transitions."""
    if m.has_pair("not without", "hard_cuts"):
        return transition(m)
    return [SetTransition(kind="none", **cuts_meant(m))]


def fade_black(m: Match) -> Edits:
    """Fade the picture from or to black."""
    length_s = m.value("time") or _FADE_S
    at_start, at_end = m.has("start", "begin", "from_black"), m.has("finish", "end", "fade_out")
    if not at_start and not at_end:
        at_start = m.like("looks.fade_from_black") > m.like("looks.fade_to_black")
    return [Fade(in_s=length_s if at_start else None, out_s=length_s if at_end or not at_start else None)]


def no_fade(m: Match) -> Edits:
    """End fades: of the sounds that are named, else of the picture, and where none is spoken of, also of the music."""
    is_in = m.has("fade_in", "start", "begin", "from_black")
    is_out = m.has("fade_out", "finish", "end") or (m.has("fade_black") and not is_in)
    sounds = m.sounds() if m.has("music", "song", "speech", "clipsound", "sound", "volume") else ()
    is_seen = m.has("picture", "shot", "darkness", "fade_black", "from_black", "no_dark")
    usual: Any = "picture" if is_seen or not of_kind(m.film, "music") else ("picture", "music")
    both = is_in == is_out
    how = {"in_s": 0.0 if is_in or both else None, "out_s": 0.0 if is_out or both else None}
    return [Fade(target=one_or_all(sounds) if sounds else usual, **how)]


def aspect(m: Match) -> Edits:
    """Give the film a shape, or a size in pixels, width and height."""
    width, height = m.value("canvas") or (None, None)
    shapes = [*m.values("aspect"), m.value("platform")]
    shape = shapes[-2 if m.has("to", "into") and m.has("aspect") else 0] if not width else None
    canvas = SetCanvas(aspect=shape, width=width, height=height, short_side=m.value("resolution"))
    times = [t.concepts["time"] for t in m.tokens if t.is_a("time") and not t.is_a("aspect", "at")]
    length = [SetLength(duration_s=times[0])] if times and m.film.end_ms else []  # "a 15 s square ad"
    return [canvas, *length, *([SetLook(fit=m.value("fit"))] if m.value("fit") else [])]


def visualizer(m: Match) -> Edits:
    """Draw something from the sound, or draw it otherwise."""
    tints, styles = colors_meant(m), list(m.values("visual"))
    now = next((part.meta["style"] for part in of_kind(m.film, "visualizer")), None)
    if now and not styles and not tints and m.has("another", "other", "vague"):
        every = [*get_args(VisualizerStyle)]
        styles = [every[(every.index(now) + 1) % len(every)]]
    others = [style for style in styles if style != now]
    return [SetVisualizer(style=(others or styles or [None])[-1], **tints)]


def visual_off(m: Match) -> Edits:
    """Draw nothing from the sound."""
    return [] if m.made and not of_kind(m.film, "visualizer") else [SetVisualizer(shown=False)]


def _meant(m: Match) -> Any:
    """The shots that are meant; None for the whole film."""
    if m.has("except") and (shots := m.shots(focus=False)):
        return one_or_all(shots if m.is_except else m.others(shots))
    if m.has("file", "rest", "other") or m.counted(*_PARTS):
        return one_or_all(m.shots()) or None
    if m.has("all", "film"):
        return None
    last = m.edits[-1].target if m.edits and isinstance(m.edits[-1], SetLook) else None
    is_of_it = m.has("it", "them", "both") and m.edits and m.edits[-1].tag in _OF_IT
    if last is None and (m.has("one") or is_of_it):
        focus = m.focused(_PARTS)
        return one_or_all(required(focus, "which_shots") if m.has("one") else focus) or None
    if last and getattr(m.edits[-1], "relative", False) and not m.has(*_PARTS, "picture", "colors", "look"):
        return last  # brighter still
    if m.has("clip", "photo"):
        return _named(m, *_PARTS) if not m.has("picture") else None
    return last if m.has("shot", "it", "them", "one") else None


def pictures_in(m: Match) -> dict[str, Any]:
    """The shots that are meant, or the stretch of the film, as fields of an edit."""
    return {"target": _meant(m), **_stretch(m)}


def _named(m: Match, *parts: str) -> Any:
    """The shots that are named; None for all."""
    shots = m.shots(focus=False) if m.has("file", *parts) or m.counted(*_PARTS) else ()
    return one_or_all(shots) if shots else None


def _stretch(m: Match) -> dict[str, Any]:
    return m.stretch() if m.has("range", "time") else _half(m)


def _half(m: Match) -> dict[str, Any]:
    """The first half of the film, or the second one, where that is said."""
    numbers = [*m.values("ordinal")] if m.has("half") else []
    middle_s = m.film.end_ms / 2000
    return {"end_s": middle_s} if numbers == [1] else {"start_s": middle_s} if numbers in ([2], [-1]) else {}
