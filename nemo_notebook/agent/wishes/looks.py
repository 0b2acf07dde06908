"""Wishes about colours, shape, transitions, fades of the picture, and what is drawn from the sound."""

from __future__ import annotations

from typing import Any, Final, get_args

from msgspec import structs

from nemo_notebook.agent.match import SHARES, Asked, Edits, Match, one_or_all, reply
from nemo_notebook.agent.wishes.nouns import colors_of, cuts_of
from nemo_notebook.film.edits.lengths import SetLength
from nemo_notebook.film.edits.looks import Fade, SetCanvas, SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.model import VisualizerStyle
from nemo_notebook.film.target import of_kind
from nemo_notebook.film.wording import Told

_TONES: Final = {  # each with the concepts and the kinds of wishes that say more of it, and less
    "brightness": ("brighter", "darker", "brighter", "darker"),
    "contrast": ("contrastier", "flatter", "contrast_up", "contrast_down"),
    "saturation": ("more_color", "less_color", "more_color", "less_color"),
}
_SURE: Final = 0.9  # how likely one kind has to be to stand against what other words may mean
_LIKELY: Final = 0.7  # and to stand against what the words say that may be denied
_LESS: Final = ("reduce", "quieter", "darker", "lower", "less", "remove", "smaller", "down")
_AMOUNTS: Final = {"bit": 0.1, "": 0.2, "much": 0.4}
_OF_IT: Final = ("trim", "set_speed", "set_volume")  # edits of what "it" may be
_OPPOSITE: Final = {"cool": "warm", "warm": "cool"}
_LEAST_NUMBER: Final = 5  # of percent, without that word
_QUICK_S: Final = 0.2
_FADE_S: Final = 1.0
_LONGEST_JOIN_S: Final = 5.0
_SLOW_S: Final = 1.0  # a slow transition
_PARTS: Final = ("clip", "photo", "shot")
_POINTED: Final = ("it", "them", "one")
_WISHED: Final = "add want keep use put make modal can_you rather with praise".split()
_UNWISHED: Final = "remove without not ugly too what why obstructs unneeded needless wrong alter".split()


def filter(m: Match) -> Edits:  # noqa: A001
    """Give pictures a look."""
    looks = list(dict.fromkeys(m.values("filter")))
    if m.made and m.has("it") and m.has("be") and not m.has(*_WISHED):
        return []  # why it was taken away: "it looks old-fashioned"
    is_complaint = m.has("too", "half_back") or (
        m.has("be") and m.has("bit") and not m.has("make", "add", "change", "more", "can_you")
    )
    if is_complaint and m.film.meta.get("filter") == looks[-1]:
        return no_filter(m)
    if is_complaint and looks[-1] in _OPPOSITE:
        looks.append(_OPPOSITE[looks[-1]])  # "it looks a bit cold" is no wish for it
    return [SetLook(target=_meant(m), filter=looks[-1], **_stretch(m))]


def no_filter(m: Match) -> Edits:
    """Show pictures in their own colours."""
    if m.has("rest", "other") and any(isinstance(edit, SetLook) for edit in m.made):
        return []  # "the first five seconds black and white, the rest in colour"
    return [SetLook(target=_named(m), filter="none")]


def remove_filter(m: Match) -> Edits:
    """Take a look away; brightness and the like stay."""
    tints: Any = m.film.meta.get("adjust") if _named(m) is None else None
    kept: dict[str, Any] = {name: float(value) for name, value in (tints or {}).items() if name in _TONES}
    return [*no_filter(m), *([SetLook(**kept)] if kept else [])]


def tone(m: Match) -> Edits:
    """Make pictures brighter, darker, and so on; what the whole clause means counts more than one word."""
    named = set(m.values("tone"))
    found: dict[str, float] = {}
    sure: dict[str, float] = {}
    for name, (up, down, *kinds) in _TONES.items():
        if name not in named and not m.has(up, down):
            continue
        more, less = (m.like(f"looks.{kind}") for kind in kinds)
        is_less = m.has(down) if m.has(up) != m.has(down) else m.has(*_LESS)
        found[name] = -1 if less > max(more, _LIKELY) else 1 if more > max(less, _LIKELY) else -1 if is_less else 1
        if max(more, less) > _SURE:
            sure[name] = found[name]
    if m.film.end_ms and not m.film.shots:
        raise Asked(Told("set_look.no_pictures"), asks=False)
    tones = (sure if not named and sure else found) or {"saturation": 1}  # of what is dull
    amount, is_minus = _amount(m)
    common = {"target": _meant(m), "relative": True} | _stretch(m)
    return [SetLook(**common | {name: -amount if is_minus else sign * amount}) for name, sign in tones.items()]


def unseen(m: Match) -> Edits:
    """Make brighter what can hardly be seen."""
    return [SetLook(target=_meant(m), brightness=_AMOUNTS[m.degree], relative=True)]


def fit(m: Match) -> Edits:
    """Let pictures fill the frame in a way; margins that somebody speaks of and does not want are filled."""
    fits = [token for token in m.tokens if token.is_a("fit")]
    is_last = m.has("change", "is_now", "replace", "into") and not m.has("instead")
    way = fits[-1 if is_last else 0].concepts["fit"]
    is_wished = any(token.is_a(*_WISHED) and not token.is_a("on") for token in m.tokens)
    if way == "pad" and m.has("ugly"):
        way = "crop"
    if way in ("pad", "blur") and all(token.is_a("margins") or token.concepts["fit"] == "blur" for token in fits):
        is_seen = way == "pad" and m.has("be", "see", "exists") and not is_wished
        way = "crop" if is_seen or m.has(*_UNWISHED) else way
    return [SetLook(target=_meant(m), fit=way)]


def transition(m: Match) -> Edits:
    """Set how shots go over into one another."""
    if not m.has("transition") and m.has("be") and not m.has(*_WISHED, "change", "not", "please", "too", "open"):
        raise Asked(reply("which_transition"))  # something is said of them
    now = next((shot.meta["transition"]["kind"] for shot in m.film.shots if shot.meta.get("transition")), None)
    said = [kind for kind in m.values("transition") if kind]
    others = [kind for kind in said if kind != now]  # "change the wipes to crossfades"
    is_timed = m.has("time", "faster", "slower", "longer", "shorter")
    kind: Any = next(iter(others or said), (now or "dissolve") if is_timed else "dissolve")
    length_s = m.length_s
    if length_s is None and is_timed and not now and not m.has("time"):
        length_s = _QUICK_S if m.has("faster", "shorter") else _SLOW_S
    elif length_s is None and is_timed and now:
        lengths = [shot.meta["transition"].get("ms", 500) for shot in m.film.shots if shot.meta.get("transition")]
        length_s = max(0.1, max(lengths) / 1000 * m.factor(is_less=m.has("faster", "shorter")))
    return [SetTransition(kind=kind, duration_s=length_s, **cuts_of(m))]


def join_time(m: Match) -> Edits:
    """Let the transitions that were spoken of last be longer or shorter."""
    now = next((shot.meta["transition"] for shot in m.film.shots if shot.meta.get("transition")), None)
    if now is None:
        raise Asked(reply("which_transition"))
    last = m.edits[-1] if m.edits and isinstance(m.edits[-1], SetTransition) else SetTransition(kind=now["kind"])
    most = max(shot.meta["transition"]["ms"] for shot in m.film.shots if shot.meta.get("transition")) / 1000
    factor = 0.5 if m.has("shorter", "faster", "shorten") else 2.0
    if m.value("time", 0.0) > _LONGEST_JOIN_S:
        return [SetLength(duration_s=m.value("time"))]  # no transition lasts so long
    return [structs.replace(last, kind=now["kind"], duration_s=m.value("time") or most * factor)]


def fades(m: Match) -> Edits:
    """Let shots dissolve in place of the transitions that there are, or change at once in place of their fades."""
    last = [token for token in m.tokens if token.is_a("fade", "cuts", "hard_cuts")][-1]
    return [SetTransition(kind="dissolve" if last.is_a("fade") else "none")]


def hard_cuts(m: Match) -> Edits:
    """Show shots without transitions; "fading in and out" may as well mean the ends of the film."""
    if m.has_pair("not without", "hard_cuts"):
        return transition(m)
    ends = [Fade(target="picture", in_s=0.0, out_s=0.0)] if m.has("fade_ends") else []
    return [SetTransition(kind="none", **cuts_of(m)), *ends]


def fade_black(m: Match) -> Edits:
    """Fade the picture from or to black."""
    into, out = m.like("looks.fade_from_black"), m.like("looks.fade_to_black")
    if m.has("without", "remove", "not", "no", "stop") and m.like("looks.no_fade") > max(into, out):
        return no_fade(m)
    length_s = m.value("time") or _FADE_S
    at_start = m.has("start", "begin", "from_black") or m.value("fade_black") == "from" or 1 in m.values("ordinal")
    at_end = m.has("finish", "end", "fade_out") or -1 in m.values("ordinal")
    if not at_start and not at_end:
        at_start, at_end = into > out, into <= out
    return [Fade(in_s=length_s if at_start else None, out_s=length_s if at_end else None)]


def no_fade(m: Match) -> Edits:
    """End fades: of the sounds that are named, else of the picture, and where none is spoken of, also of the music."""
    is_in = m.has("fade_in", "start", "begin", "from_black") or m.value("fade_black") == "from"
    is_out = m.has("fade_out", "finish", "end") or -1 in m.values("ordinal") or (m.has("fade_black") and not is_in)
    target: Any = one_or_all(m.sounds()) if m.has("music", "song", "speech", "clipsound", "sound", "volume") else ()
    if not target:
        is_seen = m.has("picture", "shot", "darkness", "fade_black", "from_black", "no_dark")
        target = "picture" if is_seen or not of_kind(m.film, "music") else ("picture", "music")
    both = is_in == is_out
    return [Fade(target=target, in_s=0.0 if is_in or both else None, out_s=0.0 if is_out or both else None)]


def aspect(m: Match) -> Edits:
    """Give the film a shape, or a size in pixels, width and height."""
    width, height = m.value("canvas") or (None, None)
    shape = (
        None
        if width
        else [*m.values("aspect"), m.value("platform")][-2 if m.has("to", "into") and m.has("aspect") else 0]
    )
    canvas = SetCanvas(aspect=shape, width=width, height=height, short_side=m.value("resolution"))
    times = [t.concepts["time"] for t in m.tokens if t.is_a("time") and not t.is_a("aspect", "at")]
    length = [SetLength(duration_s=times[0])] if times and m.film.end_ms else []  # "a 15 s square ad"
    return [canvas, *length, *([SetLook(fit=m.value("fit"))] if m.value("fit") else [])]


def visualizer(m: Match) -> Edits:
    """Draw something from the sound, or draw it otherwise."""
    tints = colors_of(m)
    if m.has("too", "ugly") and (not tints or m.like("looks.visual_off") > m.like("looks.visual_color")):
        raise Asked(reply("which_part"))
    now = next((part.meta for part in of_kind(m.film, "visualizer")), {})
    styles = list(m.values("visual"))
    others = [style for style in styles if style != now.get("style")]
    if now and not styles and not tints and m.has("another", "other", "vague"):
        every = [*get_args(VisualizerStyle)]
        others = [every[(every.index(now["style"]) + 1) % len(every)]]
    if now and not tints and not others and m.like("looks.visual_color") > _SURE:
        raise Asked(reply("which_palette"))
    return [SetVisualizer(style=(others or styles or [None])[-1], **tints)]


def visual_off(m: Match) -> Edits:
    """Draw nothing from the sound."""
    return [] if m.made and not of_kind(m.film, "visualizer") else [SetVisualizer(shown=False)]


def _meant(m: Match) -> Any:
    """The shots that are meant; None for the whole film."""
    if m.has("except") and (shots := m.shots(focus=False)):
        return one_or_all(shots if m.is_except else m.others(shots))
    if _half(m):
        return None
    if m.has("file", "rest", "other") or m.counted(*_PARTS):
        return one_or_all(m.shots()) or None
    last = m.edits[-1].target if m.edits and isinstance(m.edits[-1], SetLook) else None
    if (
        m.has("it", "one", "them", "both")
        and last is None
        and (m.has("one") or (m.edits[-1:] and m.edits[-1].tag in _OF_IT))
    ):
        last = one_or_all(m.focused(("shot", "clip", "photo"))) or None
        if last is None and m.has("one"):
            raise Asked(reply("which_shots"))
    named = [token for token in m.tokens if token.is_a(*_PARTS, *_POINTED) and not token.is_a("use")]
    is_part = any(token.is_a(*_PARTS) for token in named)
    if m.has("all", "film"):
        return None
    if last and getattr(m.edits[-1], "relative", False) and not is_part and not m.has("picture", "colors", "look"):
        return last  # brighter still
    if not named or m.has("clip", "photo"):
        return _named(m, *_PARTS) if named and not m.has("picture") else None
    return last


def _named(m: Match, *parts: str) -> Any:
    """The shots that are named; None for all."""
    shots = m.shots(focus=False) if m.has("file", *parts) or m.counted(*_PARTS) else ()
    return one_or_all(shots) if shots else None


def _stretch(m: Match) -> dict[str, Any]:
    return m.stretch() if m.has("range", "time") else _half(m)


def _half(m: Match) -> dict[str, Any]:
    """The first half of the film, or the second one, where that is said."""
    numbers = [*m.values("ordinal")] if m.has("half") and not m.has(*_PARTS, "file") else []
    middle_s = m.film.end_ms / 2000
    return {"end_s": middle_s} if numbers == [1] else {"start_s": middle_s} if numbers in ([2], [-1]) else {}


def _amount(m: Match) -> tuple[float, bool]:
    """How much of a tone, and whether a sign before it says less."""
    sign, share = m.value("percent") or ("", None)
    if share is not None:
        return float(share), sign == "-"
    before = zip((None, *m.tokens), m.tokens, strict=False)
    numbers = [each for last, each in before if each.is_a("number") and not (last and last.is_a(*_PARTS))]
    if numbers and m.has("tone") and (number := float(numbers[-1].concepts["number"])) >= _LEAST_NUMBER:
        at = numbers[-1].start
        return min(number / 100, 1.0), m.text is not None and m.text.original(max(0, at - 1), at) in ("-", "−", "–")
    return next((min(share, 0.5) for name, share in SHARES.items() if m.has(name)), _AMOUNTS[m.degree]), False
