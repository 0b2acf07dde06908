"""Wishes about how loud things are, fades of sound, and when voices are heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from nemo_notebook.agent.match import Asked, Match, one_or_all
from nemo_notebook.agent.replies import reply
from nemo_notebook.agent.wishes import music as of_music
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.looks import Fade
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.edits.sounds import Duck, SetVolume
from nemo_notebook.film.target import Target, of_kind
from nemo_notebook.film.telling import Told

_FADE_S: Final = 2.0
_PICTURE_FADE_S: Final = 1.0
_STEPS: Final = {"bit": 1.2, "": 1.4, "much": 2.0}
_SHARES: Final = ("half", "third", "quarter")
_SOFTER: Final = 1 / _STEPS[""]
_MOST: Final = 4.0
_LEAST_PERCENT: Final = 5.0  # of a number without a unit
Edits = Iterable[Edit]


def louder(m: Match) -> Edits:
    """Make sounds louder."""
    if m.has("speech") and not m.has("music", "song", "clipsound") and not of_kind(m.film, "speech"):
        return _voices_of_clips(m)
    return _louder(m, _meant(m))


bigger_sound = louder


def quieter(m: Match) -> Edits:
    """Make sounds quieter."""
    if (m.has("drown", "duck", "not") and of_kind(m.film, "speech")) or (m.has("when") and m.has("speech")):
        return drowned(m)
    targets = _meant(m)
    if (to := _absolute(m)) is not None:
        return [SetVolume(target=target, volume=to, **m.stretch()) for target in targets]
    factor = m.factor(is_less=True, steps=_STEPS)
    return [SetVolume(target=target, factor=factor, **m.stretch()) for target in targets]


def drowned(m: Match) -> Edits:
    """Let music give way to a voice that it drowns, or make it quieter where it does already."""
    voices, music = of_kind(m.film, "speech"), of_kind(m.film, "music")
    if m.has("hear") and not m.has("drown", "quieter", "duck", "over"):
        return unmute(m) if m.has("clipsound", "file", "clip") else louder(m)
    if not music or (m.has("louder") and m.has("music", "song") and not m.has("drown", "duck", "over", "with", "than")):
        return _louder(m, _meant(m))
    if not voices and not any(part.volume for part in of_kind(m.film, "clip")):
        return [SetVolume(target="music", factor=_SOFTER)]
    if all((part.meta.get("duck") or 1) < 1 for part in music):
        return [SetVolume(target="music", factor=_SOFTER)]
    edits: list[Edit] = [Duck()]
    if m.has("quieter", "much") and not m.has("when", "duck"):
        edits.append(SetVolume(target="music", factor=_SOFTER))
    return edits


def no_duck(m: Match) -> Edits:  # noqa: ARG001 - as all wishes
    """Let the music no longer give way."""
    return [Duck(level=1.0)]


def volume_number(m: Match) -> Edits:
    """Set sounds to a volume that is a number of a hundred."""
    number = m.value("number")
    return [SetVolume(target=t, volume=min(_MOST, number if number <= 1 else number / 100)) for t in _meant(m)]


give_way = drowned


def set_volume(m: Match) -> Edits:
    """Set sounds to a volume, or change them by a share."""
    heard = {part.meta.get("media") for part in of_kind(m.film, "sound")}
    if m.has("add", "put") and any(media not in heard for ids in m.values("song") if ids for media in ids):
        return of_music.use_song(m)
    targets = _meant(m)
    percent, is_less = m.value("percent"), m.has("quieter", "less", "reduce", "remove")
    is_more = m.has("louder", "more", "boost")
    if percent is not None and percent[0] in ("+", "-"):
        factor = 1 + percent[1] if percent[0] == "+" else max(0.0, 1 - percent[1])
    elif (percent is not None and not (is_less or is_more)) or (percent is not None and m.has("to")):
        return [SetVolume(target=target, volume=min(_MOST, percent[1]), **m.stretch()) for target in targets]
    elif (decibels := m.value("decibels")) is not None:
        factor = 10 ** ((-abs(decibels) if is_less else decibels) / 20)
    elif m.has(*_SHARES) and not is_less and not is_more and m.has("to", "volume"):
        return [SetVolume(target=target, volume=m.factor(is_less=True), **m.stretch()) for target in targets]
    else:
        is_share = m.has(*_SHARES) and not m.has("by")  # "half as loud"
        factor = m.factor(is_less=is_less or is_share or not (is_more or m.has("double", "factor")), steps=_STEPS)
    return [SetVolume(target=target, factor=min(100.0, factor), **m.stretch()) for target in targets]


set_number = volume_number


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
    return louder(m) if m.has("up", "boost") else quieter(m)


def volume_number(m: Match) -> Edits:
    """Set sounds to a volume that is said without a unit."""
    number = m.value("number")
    if not _LEAST_PERCENT <= number <= 100 * _MOST:
        raise Asked(reply("which_part"))
    return [SetVolume(target=target, volume=number / 100, **m.stretch()) for target in _meant(m)]


def only_music(m: Match) -> Edits:
    """Mute all but the music."""
    kinds = [k for k in ("clip", "speech") if any(part.volume for part in of_kind(m.film, k))]  # type: ignore[arg-type]
    return [SetVolume(target=Target(kind=k), volume=0.0) for k in kinds]  # type: ignore[arg-type]


def over(m: Match) -> Edits:
    """Let a voice be heard over the music."""
    return drowned(m)


def unmute(m: Match) -> Edits:
    """Let sounds be heard again, or a clip with its own sound."""
    if (
        m.has("speech", "hear")
        and not m.has("clipsound", "file", "clip", "shot")
        and of_kind(m.film, "music")
        and of_kind(m.film, "speech")
    ):
        is_ducked = all((part.meta.get("duck") or 1) < 1 for part in of_kind(m.film, "music"))
        return [SetVolume(target="music", factor=_SOFTER)] if is_ducked else [Duck()]
    targets = m.sounds() or tuple(Target(kind="clip", media=t.media) for t in m.shots())
    if not targets:
        targets = (Target(kind="clip"),)
    muted_ = [t for t in targets if any(not part.volume for part in m.parts(t, "sound"))]
    if not muted_:
        return _louder(m, targets)
    return [SetVolume(target=target, volume=1.0, restore=True) for target in targets]


unmute_music = unmute
sound_in = unmute


def more(m: Match) -> Edits:
    """More, or less, volume."""
    return quieter(m) if m.has("less", "quieter") else louder(m)


def still_heard(m: Match) -> Edits:
    """Mute what should not be heard."""
    return mute(m)


def keep_sound(m: Match) -> Edits:
    """Keep the clips' own sound."""
    return unmute(m)


wanted = more
when_speech = drowned
speech_over = drowned


def fade_in(m: Match) -> Edits:
    """Fade sounds in, or the picture where it is named."""
    return _faded(m, "in_s")


def fade_out(m: Match) -> Edits:
    """Fade sounds out, or the picture where it is named."""
    return _faded(m, "out_s")


soft_start = fade_in
soft_end = fade_out


def fade(m: Match) -> Edits:
    """Fade in at the start and out at the end."""
    return _faded(m, "in_s", "out_s")


fade_inout = fade


def fade_sound(m: Match) -> Edits:
    """Fade sounds at the end that is named, else at both."""
    return _faded(m, "in_s" if m.edge() == "start" else "out_s")


def abrupt_in(m: Match) -> Edits:
    """Fade in what begins too suddenly."""
    return _faded(m, "in_s")


def abrupt_out(m: Match) -> Edits:
    """Fade out what ends too suddenly."""
    return _faded(m, "out_s")


abrupt_start = soft_in = abrupt_in
cut_off = soft_out = abrupt_out


def late_sound(m: Match) -> Edits:
    """Let a voice come later or earlier."""
    time_s = m.value("time")
    if not of_kind(m.film, "speech"):
        return of_music.add_speech(m)
    if m.has("at") or (m.has("begin") and not m.has("later", "earlier")):
        return [Move(target=Target(kind="speech"), at_s=time_s)]
    return [Move(target=Target(kind="speech"), by_s=-time_s if m.has("earlier") else time_s)]


def _meant(m: Match) -> tuple[Target, ...]:
    """The sounds that are meant; music where nothing says which, else whatever is heard."""
    if targets := m.sounds():
        return targets
    if m.has("all"):
        return tuple(Target(kind=kind) for kind in ("sound", "clip") if of_kind(m.film, kind))  # type: ignore[arg-type]
    for kind in ("music", "speech", "clip"):
        if of_kind(m.film, kind):  # type: ignore[arg-type]
            return (Target(kind=kind),)  # type: ignore[arg-type]
    raise Asked(Told("target.nothing", kind="sound"), asks=False)


def _louder(m: Match, targets: Sequence[Target]) -> Edits:
    factor = m.factor(is_less=False, steps=_STEPS)
    return [
        SetVolume(target=target, volume=1.0)
        if target.kind == "clip" and not any("v" in part for part in m.parts(target, "clip"))
        else SetVolume(target=target, volume=1.0, restore=True)
        if (parts := m.parts(target, "sound")) and not any(part.volume for part in parts)
        else SetVolume(target=target, factor=factor, **m.stretch())
        for target in targets
    ]


def _voices_of_clips(m: Match) -> Edits:
    """Let what is said in clips be heard better: louder, or with the music below it where no clip is heard yet."""
    if any("v" in clip for clip in of_kind(m.film, "clip")):
        return _louder(m, (Target(kind="clip"),))
    return [Duck()]


def _absolute(m: Match) -> float | None:
    """A volume that is said with "to"."""
    percent = m.value("percent")
    if percent is not None and not percent[0] and m.has("to"):
        return float(percent[1])
    return None


def _faded(m: Match, *ends: str) -> Edits:
    """Fade what is named; else the music, and the picture with it where it is said at which end of the film."""
    has_sound = m.has("music", "song", "speech", "sound", "clipsound") or any(
        edit.tag == "add_music" for edit in m.made[-1:]
    )
    is_both = m.has("film", "start", "finish") or bool(m.edge()) or m.span is not None or len(ends) > 1
    is_both = is_both and not ((m.has("from") or (m.has("it") and m.has("time"))) and of_kind(m.film, "music"))
    is_new = any(edit.tag == "make_video" for edit in m.made)
    music: list[Target | str] = ["music"] if of_kind(m.film, "music") else []
    if m.has("picture") and not m.has("film") and not has_sound:
        targets: list[Target | str] = ["picture"]
    elif has_sound:
        targets = [*m.sounds()] or ["music"]
        targets = ["music"] if targets == [Target(kind="music")] else targets
    elif (m.has("it") and (heard := m.sounds())) or (music and not is_both and not is_new):
        targets = [*heard] if m.has("it") and heard else music
    else:
        targets = ["picture", *music]
    times = list(m.values("time"))
    usual = _PICTURE_FADE_S if is_new or targets == ["picture"] else _FADE_S
    if m.has("from") and len(times) == 1 and ends == ("out_s",):
        times = [max(0.1, m.film.end_ms / 1000 - times[0])]
    lengths = [float(times[min(at, len(times) - 1)]) if times else usual for at in range(len(ends))]
    return [Fade(target=one_or_all(targets), **dict(zip(ends, lengths, strict=True)))]  # type: ignore[arg-type]
