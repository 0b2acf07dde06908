"""Wishes about colours, shape, transitions, fades of the picture, and what is drawn from the sound."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal, get_args

from nemo_notebook.agent.match import Asked, Match, one_or_all
from nemo_notebook.agent.replies import reply
from nemo_notebook.agent.wishes import sounds as of_sounds
from nemo_notebook.film.colors import triple_of
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.looks import Fade, SetCanvas, SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.target import Target, of_kind

_TONES: Final = {"brighter": ("brightness", 1), "darker": ("brightness", -1), "contrastier": ("contrast", 1),
                 "flatter": ("contrast", -1), "more_color": ("saturation", 1), "less_color": ("saturation", -1)}  # fmt: skip
_AMOUNTS: Final = {"bit": 0.1, "": 0.2, "much": 0.4}
_Tone = Literal["brightness", "contrast", "saturation"]
_OPPOSITE: Final = {"cool": "warm", "warm": "cool"}
_FADE_S: Final = 1.0

Edits = Iterable[Edit]


def filter(m: Match) -> Edits:  # noqa: A001
    """Give pictures a look."""
    looks = list(dict.fromkeys(m.values("filter")))
    is_complaint = m.has("too") or (
        m.has("be") and m.has("bit") and not m.has("make", "add", "change", "more", "can_you")
    )
    if is_complaint and looks[-1] in _OPPOSITE:
        looks.append(_OPPOSITE[looks[-1]])  # "it looks a bit cold" is no wish for it
    return [SetLook(target=_meant(m), filter=looks[-1], **_stretch(m))]


def no_filter(m: Match) -> Edits:
    """Show pictures in their own colours."""
    return [SetLook(target=_named(m), filter="none")]


def remove_filter(m: Match) -> Edits:
    """Take a look away; brightness and the like stay."""
    target = _named(m)
    edits = [SetLook(target=target, filter="none")]
    tints = m.film.meta.get("adjust") if target is None else None
    if isinstance(tints, dict) and tints:
        edits.append(SetLook(**{name: float(value) for name, value in tints.items() if name in get_args(_Tone)}))
    return edits


def tone(m: Match) -> Edits:
    """Make pictures brighter, darker, and so on."""
    edits = []
    for concept, (name, sign) in _TONES.items():
        if m.has(concept):
            edits.append(SetLook(target=_meant(m), relative=True, **{name: sign * _amount(m)}, **_stretch(m)))  # type: ignore[arg-type]
    return edits


def dull(m: Match) -> Edits:
    """Give pictures more colour that are said to have too little."""
    return [SetLook(target=_meant(m), relative=True, saturation=_amount(m))]


def tone_of(m: Match) -> Edits:
    """Raise or lower brightness, contrast or saturation."""
    is_less = m.has("reduce", "quieter", "darker", "lower", "less", "remove", "smaller", "down")
    amount = -_amount(m) if is_less else _amount(m)
    return [
        SetLook(target=_meant(m), relative=True, **{name: amount}, **_stretch(m))
        for name in dict.fromkeys(m.values("tone"))
    ]


def set_tone(m: Match) -> Edits:
    """Set brightness, contrast or saturation."""
    return tone_of(m)


filter_of = filter
ugly_filter = remove_filter


def fit(m: Match) -> Edits:
    """Let pictures fill the frame in a way."""
    return [SetLook(target=_meant(m), fit=m.value("fit"))]


def transition(m: Match) -> Edits:
    """Set how shots go over into one another."""
    kind = m.value("transition") or "dissolve"
    shots = m.shots(focus=False) if m.has("file", "ordinal") else ()
    where: dict[str, Any] = {}
    if shots and m.has("between", "from") and len(shots) == 2:
        where = {"after": shots[0], "before": shots[1]}
    elif shots and shots[0].count > 1:
        first = shots[0]
        where = {
            "target": Target(
                kind="shot", number=(first.number or 1) + (1 if first.number == 1 else 0), count=first.count - 1
            )
        }
    elif shots:
        where = {"after": one_or_all(shots)} if m.has("after") else {"target": one_or_all(shots)}
    return [SetTransition(kind=kind, duration_s=m.length_s, **where)]


transition_of = transition
some_transition = transition
soft_join = transition


def transition_time(m: Match) -> Edits:
    """Let shots take a time to go over into one another."""
    now = next((shot.meta["transition"]["kind"] for shot in m.film.shots if shot.meta.get("transition")), "dissolve")
    return [SetTransition(kind=m.value("transition") or now, duration_s=m.value("time"))]


def hard_cuts(m: Match) -> Edits:
    """Show shots without transitions; "fading in and out" may as well mean the ends of the film."""
    ends = [Fade(target="picture", in_s=0.0, out_s=0.0)] if m.has("fade_ends") else []
    return [SetTransition(kind="none"), *ends]


no_transition = hard_cuts


def fade_black(m: Match) -> Edits:
    """Fade the picture from or to black."""
    length_s = m.value("time") or _FADE_S
    at_start = m.has("start", "begin", "from_black") or m.value("fade_black") == "from" or 1 in m.values("ordinal")
    at_end = m.has("finish", "end", "fade_out") or -1 in m.values("ordinal") or not at_start
    return [Fade(in_s=length_s if at_start else None, out_s=length_s if at_end else None)]


fade_dark = fade_black


def fade_picture(m: Match) -> Edits:
    """Fade the picture in or out."""
    is_in = m.has("fade_in") or (m.edge() == "start" and not m.has("fade_out"))
    return of_sounds.fade_in(m) if is_in else of_sounds.fade_out(m)


def no_fade(m: Match) -> Edits:
    """End fades."""
    is_in, is_out = m.has("fade_in", "start"), m.has("fade_out", "finish")
    both = is_in == is_out
    heard = m.sounds()
    target = one_or_all(heard) if heard else ("picture", "music") if of_kind(m.film, "music") else "picture"
    return [Fade(target=target, in_s=0.0 if is_in or both else None, out_s=0.0 if is_out or both else None)]


stays_bright = no_fade


def aspect(m: Match) -> Edits:
    """Give the film a shape."""
    shape = m.value("aspect") or m.value("platform")
    edits: list[Edit] = [SetCanvas(aspect=shape)]
    return [*edits, SetLook(fit=m.value("fit"))] if m.value("fit") else edits


def canvas(m: Match) -> Edits:
    """Give the film a size in pixels, width and height."""
    width, height = m.value("canvas")
    return [SetCanvas(width=width, height=height)]


def resolution(m: Match) -> Edits:
    """Give the film a size in pixels."""
    return [SetCanvas(short_side=m.value("resolution"))]


def visualizer(m: Match) -> Edits:
    """Draw something from the sound, or draw it otherwise."""
    if m.has("too", "ugly"):
        raise Asked(reply("which_part"))
    now = next((part.meta.get("style") for part in of_kind(m.film, "visualizer")), None)
    styles = list(m.values("visual"))
    others = [style for style in styles if style != now]
    return [SetVisualizer(style=(others or styles or [None])[-1], **_colors(m))]


visual_color = visualizer
palette = visualizer


def visual_off(m: Match) -> Edits:
    """Draw nothing from the sound."""
    return [SetVisualizer(shown=False)]


def _colors(m: Match) -> dict[str, Any]:
    if (palette := m.value("palette")) is not None:
        return {"palette": palette}
    colors = tuple(dict.fromkeys(m.values("color")))
    return {"colors": triple_of(colors)} if colors else {}


def _meant(m: Match) -> Any:
    """The shots that are meant; None for the whole film."""
    if m.has("file", "rest", "other") or m.counted("shot", "clip", "photo"):
        return one_or_all(m.shots()) or None
    last = m.edits[-1] if m.edits else None
    if (
        isinstance(last, SetLook)
        and last.relative
        and not m.has("all", "film", "picture", "clip", "photo", "shot", "colors", "look")
    ):
        return last.target  # brighter still
    if m.has("all", "film") or not m.has("clip", "photo", "shot", "it", "them", "one"):
        return None
    if m.has("shot", "it", "them", "one") and not m.has("clip", "photo"):
        target = last.target if isinstance(last, SetLook) else None
        return target
    shots = m.shots(focus=False)
    return one_or_all(shots) if shots and not m.has("picture") else None


def _named(m: Match) -> Any:
    """The shots that are named; None for all."""
    shots = m.shots(focus=False) if m.has("file") or m.counted("shot", "clip", "photo") else ()
    return one_or_all(shots) if shots else None


def _stretch(m: Match) -> dict[str, float]:
    return m.stretch() if m.has("range", "time") else {}


def _amount(m: Match) -> float:
    percent = m.value("percent")
    if percent is not None and percent[0] == "-":
        return -float(percent[1])
    return float(percent[1]) if percent is not None else _AMOUNTS[m.degree]
