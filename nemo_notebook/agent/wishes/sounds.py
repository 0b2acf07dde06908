"""Wishes about how loud things are, fades of sound, and when voices are heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from nemo_notebook.agent.match import Asked, Match, one_or_all
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.looks import Fade
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.edits.sounds import Duck, SetVolume
from nemo_notebook.film.target import Target, of_kind
from nemo_notebook.film.telling import Told

_FADE_S: Final = 2.0
_SOFTER: Final = 0.6
_GIVES_WAY: Final = 0.3
_MOST: Final = 4.0

Edits = Iterable[Edit]


def louder(m: Match) -> Edits:
    """Make sounds louder."""
    return _louder(m, _meant(m))


def quieter(m: Match) -> Edits:
    """Make sounds quieter."""
    if (m.has("drown", "duck", "not") or m.has("when")) and of_kind(m.film, "speech"):
        return drowned(m)
    targets = _meant(m)
    if (to := _absolute(m)) is not None:
        return [SetVolume(target=target, volume=to, **m.stretch()) for target in targets]
    factor = m.factor(is_less=True)
    if "much" in _degrees(m) and m.degree == "much":
        factor = min(factor, 0.4)
    return [SetVolume(target=target, factor=factor, **m.stretch()) for target in targets]


def drowned(m: Match) -> Edits:
    """Let music give way to a voice that it drowns, or make it quieter where it does already."""
    voices, music = of_kind(m.film, "speech"), of_kind(m.film, "music")
    if m.has("hear") and not m.has("drown", "quieter", "duck", "over"):
        return unmute(m) if m.has("clipsound", "file", "clip") else louder(m)
    if not music or (m.has("louder") and m.has("music", "song") and not m.has("drown", "duck", "over", "with")):
        return _louder(m, _meant(m))
    if not voices and not any(part.volume for part in of_kind(m.film, "clip")):
        return [SetVolume(target="music", factor=_SOFTER)]
    if all((part.meta.get("duck") or 1) < 1 for part in music):
        return [SetVolume(target="music", factor=_SOFTER)]
    edits: list[Edit] = [Duck(target="music", level=_GIVES_WAY)]
    if m.has("quieter", "much") and not m.has("when", "duck"):
        edits.append(SetVolume(target="music", factor=_SOFTER))
    return edits


def set_volume(m: Match) -> Edits:
    """Set sounds to a volume, or change them by a share."""
    targets = _meant(m)
    percent, is_less = m.value("percent"), m.has("quieter", "less", "reduce", "remove")
    is_more = m.has("louder", "more", "boost")
    if percent is not None and percent[0] in ("+", "-"):
        factor = 1 + percent[1] if percent[0] == "+" else max(0.0, 1 - percent[1])
    elif percent is not None and not (is_less or is_more) or (percent is not None and m.has("to")):
        return [SetVolume(target=target, volume=min(_MOST, percent[1]), **m.stretch()) for target in targets]
    elif (decibels := m.value("decibels")) is not None:
        factor = 10 ** ((-abs(decibels) if is_less else decibels) / 20)
    else:
        factor = m.factor(is_less=is_less or not (is_more or m.has("double", "factor")))
    return [SetVolume(target=target, factor=min(100.0, factor), **m.stretch()) for target in targets]


def mute(m: Match) -> Edits:
    """Mute sounds."""
    targets = m.sounds()
    if not targets and (shots := m.shots()):
        targets = tuple(Target(kind="clip", media=t.media, number=t.number, count=t.count) for t in shots)
    if not targets:
        targets = tuple(Target(kind=k) for k in ("sound", "clip") if of_kind(m.film, k))  # type: ignore[arg-type]
    return [SetVolume(target=target, volume=0.0, **m.stretch()) for target in targets]


muted = mute


def up(m: Match) -> Edits:
    """Turn sounds up or down."""
    return louder(m) if m.has("up") else quieter(m)


def over(m: Match) -> Edits:
    """Let a voice be heard over the music."""
    return drowned(m)


def unmute(m: Match) -> Edits:
    """Let sounds be heard again, or a clip with its own sound."""
    if m.has("speech", "hear") and not m.has("clipsound", "file", "clip", "shot") and of_kind(m.film, "music") and of_kind(m.film, "speech"):
        return drowned(m) if not m.has("hear") else [Duck(target="music", level=_GIVES_WAY)]
    targets = m.sounds() or tuple(Target(kind="clip", media=t.media) for t in m.shots())
    if not targets:
        targets = (Target(kind="clip"),)
    muted_ = [t for t in targets if any(not part.volume for part in m.parts(t, "sound"))]
    if not muted_:
        return _louder(m, targets)
    return [SetVolume(target=target, volume=1.0, restore=True) for target in targets]


def more(m: Match) -> Edits:
    """More, or less, volume."""
    return quieter(m) if m.has("less") else louder(m)


def still_heard(m: Match) -> Edits:
    """Mute what should not be heard."""
    return mute(m)


def keep_sound(m: Match) -> Edits:
    """Keep the clips' own sound."""
    return unmute(m)


def fade_in(m: Match) -> Edits:
    """Fade sounds in, or the picture where it is named."""
    return _faded(m, in_s=_fade_s(m))


def fade_out(m: Match) -> Edits:
    """Fade sounds out, or the picture where it is named."""
    return _faded(m, out_s=_fade_s(m))


def fade(m: Match) -> Edits:
    """Fade in at the start and out at the end."""
    return _faded(m, in_s=_fade_s(m), out_s=_fade_s(m))


def fade_sound(m: Match) -> Edits:
    """Fade sounds at the end that is named, else at both."""
    length_s = _fade_s(m)
    return _faded(m, **({"in_s": length_s} if m.edge() == "start" else {"out_s": length_s}))


def late_sound(m: Match) -> Edits:
    """Let a voice come later or earlier."""
    time_s = m.value("time")
    if m.has("at") or (m.has("begin") and not m.has("later", "earlier")):
        return [Move(target=Target(kind="speech"), at_s=time_s)]
    return [Move(target=Target(kind="speech"), by_s=-time_s if m.has("earlier") else time_s)]


def _meant(m: Match) -> tuple[Target, ...]:
    """The sounds that are meant; music where nothing says which, else whatever is heard."""
    if targets := m.sounds():
        return targets
    for kind in ("music", "speech", "clip"):
        if of_kind(m.film, kind):  # type: ignore[arg-type]
            return (Target(kind=kind),)  # type: ignore[arg-type]
    raise Asked(Told("target.nothing", kind="sound"), asks=False)


def _louder(m: Match, targets: Sequence[Target]) -> Edits:
    factor = m.factor(is_less=False)
    return [
        SetVolume(target=target, volume=1.0, restore=True)
        if (parts := m.parts(target, "sound")) and not any(part.volume for part in parts)
        else SetVolume(target=target, factor=factor, **m.stretch())
        for target in targets
    ]


def _absolute(m: Match) -> float | None:
    """A volume that is said with "to"."""
    percent = m.value("percent")
    if percent is not None and not percent[0] and m.has("to"):
        return float(percent[1])
    return None


def _degrees(m: Match) -> set[str]:
    return {name for name in ("bit", "much", "too") if m.has(name)}


def _fade_s(m: Match) -> float:
    times = list(m.values("time"))
    return float(times[-1]) if times else _FADE_S


def _faded(m: Match, **lengths: float) -> Edits:
    has_sound = m.has("music", "song", "speech", "sound", "clipsound")
    has_picture = m.has("picture", "film")
    targets: list[Target | str] = ["picture"] if has_picture or not has_sound else []
    if has_sound:
        targets += m.sounds() or (Target(kind="music"),)
    elif not has_picture:
        focus = m.sounds() if m.has("it") else ()
        heard = focus or ((Target(kind="music"),) if of_kind(m.film, "music") else ())
        targets = [*heard] if focus or not m.film.shots else [*targets, *heard]
    return [Fade(target=one_or_all(targets), **lengths)]  # type: ignore[arg-type]
