"""Wishes about how loud things are, fades of sound, and when voices are heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from nemo_notebook.agent.match import SHARES, Asked, Edits, Match, one_or_all, read_as
from nemo_notebook.agent.wishes.nouns import first_of, heard_when, is_unheard, made, required, songs_in
from nemo_notebook.film.edits.films import MakeVideo
from nemo_notebook.film.edits.looks import Fade
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.edits.sounds import Duck, RemoveSilence, SetVolume
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.target import Kind, Target, of_kind
from nemo_notebook.film.wording import Told

_FADE_S: Final = 2.0
_PICTURE_FADE_S: Final = 1.0
_STEPS: Final = {"bit": 1.2, "": 1.4, "much": 2.0}
_SHARES: Final = ("half", "third", "quarter")
_SOFTER: Final = SetVolume(target="music", factor=1 / _STEPS[""])
_MOST: Final = 4.0
_LEAST: Final = 0.05  # of a volume that is said as a number
_LIKELY: Final = 0.6
_HEARD: Final[tuple[Kind, ...]] = ("music", "speech", "clip")


def louder(m: Match) -> Edits:
    """Make sounds louder; what is said in clips is heard better with the music below it where none is heard yet."""
    if not m.has("speech", "creature", "people") or m.has("music", "song", "clipsound", "file"):
        return _louder(m, _left(m))
    if of_kind(m.film, "speech"):
        return _louder(m, (Target(kind="speech"),))
    return _louder(m, (Target(kind="clip"),)) if any(clip.get("v") for clip in of_kind(m.film, "clip")) else [Duck()]


def quieter(m: Match) -> Edits:
    """Make sounds quieter."""
    if m.has("drown", "duck") or m.like("sounds.give_way") > _LIKELY:
        return drowned(m)
    return _volumes(m, _left(m), factor=m.factor(is_less=True, steps=_STEPS))


def drowned(m: Match) -> Edits:
    """Let music give way to a voice that it drowns, or make it quieter where it does already."""
    voices, music = of_kind(m.film, "speech"), of_kind(m.film, "music")
    if m.has("hear") and not m.has("drown", "quieter", "duck", "over"):
        return louder(m)
    if not music:
        return _louder(m, _meant(m))
    if _is_ducked(m) or not (voices or m.has("under") or any(part.volume for part in of_kind(m.film, "clip"))):
        return [_SOFTER]
    return [Duck(), _SOFTER] if m.has("quieter", "much") and not m.has("when", "duck") else [Duck()]


def _is_ducked(m: Match) -> bool:
    """Whether the music gives way to voices already."""
    return all((part.meta.get("duck") or 1) < 1 for part in of_kind(m.film, "music"))


def set_volume(m: Match) -> Edits:
    """Set sounds to a volume, or change them by a share."""
    is_missing = m.has("with", "in") and not of_kind(m.film, "music") and bool(songs_in(m))
    if is_missing or (m.has("add", "put") and is_unheard(m)):
        return read_as("music.use_song", m)
    if m.has("add", "compose") and (m.has("mood") or not of_kind(m.film, "music")):
        return read_as("music.compose", m)
    (sign, percent), decibels = m.value("percent", ("", None)), m.value("decibels")
    is_less, is_more = m.has("quieter", "less", "reduce", "remove"), m.has("louder", "more", "boost")
    is_by = first_of(m, "to") > first_of(m, "percent", "decibels")
    share = next((SHARES[each] for each in _SHARES if m.has(each)), None)
    if decibels is not None:
        how = {"factor": 10 ** ((-abs(decibels) if is_less else decibels) / 20)}
    elif share and is_less and not m.has("to"):  # "a third quieter"
        how = {"factor": 1 - share}
    elif percent is None or ((is_less or is_more or sign) and is_by):
        is_less = is_less or share is not None or sign == "-"  # "half as loud"
        how = {"factor": min(100.0, m.factor(is_less=is_less, steps=_STEPS))}
    else:
        how = {"volume": min(_MOST, float(percent))}
    return _volumes(m, _meant(m), **how)


def _volumes(m: Match, targets: Sequence[Target], **how: Any) -> Edits:
    """Set volumes, for a stretch where one is said."""
    return [SetVolume(target=target, **how, **m.stretch()) for target in targets]


def mute(m: Match) -> Edits:
    """Mute sounds; a voice that is to go is removed."""
    targets = _named(m)
    if m.has("speech") and not targets and of_kind(m.film, "song"):  # voices within a song
        required(any(part.volume for part in of_kind(m.film, "clip")), "unable_stems", asks=False)
        targets = (Target(kind="clip"),)
    is_gone = any(t.is_a("remove") and not t.is_a("mute", "not", "no") for t in m.tokens)
    if is_gone and m.has("speech") and of_kind(m.film, "speech"):
        return [Remove(target=Target(kind="speech"))]
    if not targets and m.has("it") and of_kind(m.film, "music"):
        targets = (Target(kind="music"),)
    if m.has("music", "song") and m.has("only" if m.has("clip", "clipsound", "file", "shot") else "except"):
        return only_music(m)
    required(targets or not m.edge() or m.stretch(), "which_stretch")  # "the ending should be silent"
    return _volumes(m, targets or _all(m) or _meant(m), volume=0.0)


def _all(m: Match) -> tuple[Target, ...]:
    """All that is heard."""
    return tuple(Target(kind=kind) for kind in ("sound", "clip") if of_kind(m.film, kind))


def silent_end(m: Match) -> Edits:
    """Mute the music at an end of the film."""
    time_s, total_s = m.value("time") or _FADE_S, m.film.end_ms / 1000
    span: dict[str, Any] = {"end_s": time_s} if m.edge() == "start" else {"start_s": max(0.0, total_s - time_s)}
    return [SetVolume(target="music", volume=0.0, **span)]


def up(m: Match) -> Edits:
    """Turn sounds up or down."""
    return quieter(m) if m.has("down", "reduce", "less", "quieter") else louder(m)


def volume_number(m: Match) -> Edits:
    """Set sounds to a volume that is said without a unit."""
    volume = m.value("number") if m.value("number") <= 1 else m.value("number") / 100
    required(_LEAST <= volume <= _MOST, "which_part")
    return _volumes(m, _meant(m), volume=volume)


def only_music(m: Match) -> Edits:
    """Mute all but the music; in other words where something was muted in this message."""
    kinds = [k for k in ("clip", "speech") if any(part.volume for part in of_kind(m.film, k))]
    return [SetVolume(target=Target(kind=k), volume=0.0) for k in kinds]  # type: ignore[arg-type]


def unmute(m: Match) -> Edits:
    """Let sounds be heard again, or a clip with its own sound."""
    is_voice = m.has("speech") or (m.has("hear") and not m.has("music", "song"))
    is_voice = is_voice and not m.has("clipsound", "file", "clip", "shot")
    if is_voice and of_kind(m.film, "music") and of_kind(m.film, "speech"):
        return [_SOFTER if _is_ducked(m) else Duck()]
    targets = _named(m) or (Target(kind="clip"),)
    muted = [part for target in targets for part in m.parts(target, "sound") if not part.volume]
    silent = [part for part in of_kind(m.film, "clip") if not part.volume]
    if not muted and silent and not m.has("speech", "music", "song", "clip", "shot", "file"):
        targets, muted = (Target(kind="clip"),), silent
    if not muted:
        return [RemoveSilence()] if m.has("silence_bad") else _louder(m, targets)
    return [SetVolume(target=target, volume=1.0, restore=True) for target in targets]


def full_volume(m: Match) -> Edits:
    """Let sounds be heard as loud as they are."""
    return [SetVolume(target=target, volume=1.0) for target in _meant(m)]


def fade(m: Match) -> Edits:
    """Fade sounds, or the picture where it is named: in, out, or both, as is said, else out."""
    is_in, is_out = m.has("fade_in", "fade_inout"), m.has("fade_out", "fade_inout", "cut_off")
    is_in = is_in or (is_out and m.has("fade") and m.has("in"))
    if not is_in and not is_out:
        is_in = m.has("start", "enter") or m.like("sounds.fade_in") > m.like("sounds.fade_out")
        is_out = m.has("finish", "end", "stop", "vanish", "remove")
    return _faded(m, *(["in_s"] if is_in else []), *(["out_s"] if is_out or not is_in else []))


def late_sound(m: Match) -> Edits:
    """Let a voice come later or earlier, at a time, or with a shot."""
    if not of_kind(m.film, "speech"):
        return read_as("music.add_speech", m)
    speech, time_s, begin_s = Target(kind="speech"), m.value("time"), heard_when(m).get("start_s")
    if time_s is not None and m.has("later", "earlier") and not m.has("at", "to"):
        return [Move(target=speech, by_s=-time_s if m.has("earlier") else time_s)]
    return [Move(target=speech, at_s=required(begin_s or time_s, "when_voice"))]


def _left(m: Match) -> Sequence[Target]:
    """The sounds that are meant; none where others were set in this message, as in a complaint."""
    is_named = m.has("music", "song", "speech", "clipsound", "sound", "volume", "file", "clip", "shot", "all")
    return _meant(m) if is_named or not made(m, SetVolume) else ()


def _named(m: Match) -> tuple[Target, ...]:
    """The sounds that are named, or those of the clips that are."""
    clips = (Target(kind="clip", media=t.media, number=t.number, count=t.count) for t in m.shots())
    return m.sounds() or tuple(clips)


def _meant(m: Match) -> tuple[Target, ...]:
    """The sounds that are meant; music where nothing says which, else whatever is heard."""
    before = replace(m, tokens=m.tokens[: first_of(m, "than", "when")])  # "louder than the voice", "when I talk"
    if targets := before.sounds() or m.sounds():
        return targets
    if m.has("all"):
        return _all(m)
    for kind in _HEARD:
        if of_kind(m.film, kind):
            return (Target(kind=kind),)
    raise Asked(Told("target.nothing", kind="sound"), asks=False)


def _louder(m: Match, targets: Sequence[Target]) -> Edits:
    """Make sounds louder, and those heard again that are silent."""
    edits = []
    for target in targets:
        parts = m.parts(target, "sound")
        is_unset = target.kind == "clip" and not any("v" in part for part in parts)
        is_silent = is_unset or (bool(parts) and not any(part.volume for part in parts))
        factor = m.factor(is_less=False, steps=_STEPS)
        how: dict[str, Any] = {"volume": 1.0, "restore": True} if is_silent else {"factor": factor, **m.stretch()}
        edits.append(SetVolume(target=target, **how))
    return edits


def _faded(m: Match, *ends: str) -> Edits:
    """Fade what is named; else the music, and the picture with it where it is said at which end of the film."""
    has_sound = m.has("music", "song", "speech", "sound", "clipsound")
    has_sound = has_sound or any(edit.tag == "add_music" for edit in m.made[:1])
    if m.has("it") and not has_sound and m.edits and m.edits[-1].tag in ("add_title", "set_title"):
        how: dict[str, Any] = {f"animate_{end[:-2]}": "fade" for end in ends}
        return [SetTitle(target=one_or_all(m.titles()), **how)]
    is_both = m.has("film") or bool(m.edge()) or len(ends) > 1
    is_both = is_both and not m.has("from") and not (m.has("it") and m.has("time"))
    is_new, heard = made(m, MakeVideo) is not None, m.sounds() if m.has("it") else ()
    music: list[Target | str] = ["music"] if of_kind(m.film, "music") else []
    targets: list[Target | str] = ["picture", *music]
    if m.has("picture") and not m.has("film") and not has_sound:
        targets = ["picture"]
    elif has_sound:
        targets = [*m.sounds()] or ["music"]
        targets = ["music"] if targets == [Target(kind="music")] else targets
        targets = ["picture", *targets] if any(t.is_a("picture") and not t.is_a("film") for t in m.tokens) else targets
    elif heard or (music and not is_both and not is_new):
        targets = [*heard] or music
    times = list(m.values("time"))
    if m.has("from") and len(times) == 1 and ends == ("out_s",):
        times = [max(0.1, m.film.end_ms / 1000 - times[0])]
    usual = _PICTURE_FADE_S if is_new or targets == ["picture"] else _FADE_S
    lengths = [float(times[min(at, len(times) - 1)]) if times else usual for at in range(len(ends))]
    return [Fade(target=one_or_all(targets), **dict(zip(ends, lengths, strict=True)))]  # type: ignore[arg-type]
