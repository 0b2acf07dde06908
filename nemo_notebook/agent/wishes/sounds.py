"""Wishes about how loud things are, fades of sound, and when voices are heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from nemo_notebook.agent.match import SHARES, Asked, Edits, Match, one_or_all, read_as, reply, targets_of
from nemo_notebook.agent.tokens import Token
from nemo_notebook.agent.wishes.nouns import first_of, heard_when, is_unheard
from nemo_notebook.film import soundtrack
from nemo_notebook.film.edits.looks import Fade
from nemo_notebook.film.edits.parts import Remove
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.edits.sounds import Duck, RemoveSilence, SetVolume
from nemo_notebook.film.edits.titles import SetTitle
from nemo_notebook.film.target import Target, of_kind
from nemo_notebook.film.wording import Told

_FADE_S: Final = 2.0
_PICTURE_FADE_S: Final = 1.0
_STEPS: Final = {"bit": 1.2, "": 1.4, "much": 2.0}
_SHARES: Final = ("half", "third", "quarter")
_SOFTER: Final = SetVolume(target="music", factor=1 / _STEPS[""])
_MOST: Final = 4.0
_LIKELY: Final = 0.6
_SURE: Final = 0.9
_LEAST_PERCENT: Final = 5.0  # of a number without a unit


def louder(m: Match) -> Edits:
    """Make sounds louder."""
    if m.has("speech", "creature", "people") and not m.has("music", "song", "clipsound", "file"):
        return _louder(m, (Target(kind="speech"),)) if of_kind(m.film, "speech") else _voices_of_clips(m)
    return _louder(m, _left(m))


def quieter(m: Match) -> Edits:
    """Make sounds quieter."""
    is_under = m.has("under") and m.has("speech") and m.has("music", "song")
    if m.has("drown", "duck") or is_under or m.like("sounds.give_way") > _LIKELY:
        return drowned(m)
    if m.like("sounds.fade_in", "sounds.fade_out") > _LIKELY:
        return fade_in(m) if m.like("sounds.fade_in") > m.like("sounds.fade_out") else fade_out(m)
    if m.has("percent", *_SHARES):
        return set_volume(m)
    if m.edge() and m.has("at", "in") and m.has("music", "song") and m.span is None:
        return fade(m)  # "quieter at the start"
    factor = m.factor(is_less=True, steps=_STEPS)
    return _volumes(m, _left(m), factor=factor)


def drowned(m: Match) -> Edits:
    """Let music give way to a voice that it drowns, or make it quieter where it does already."""
    voices, music = of_kind(m.film, "speech"), of_kind(m.film, "music")
    if m.has("hear") and not m.has("drown", "quieter", "duck", "over"):
        return unmute(m) if m.has("clipsound", "file", "clip") else louder(m)
    if not music or (m.has("louder") and m.has("music", "song") and not m.has("drown", "duck", "over", "with", "than")):
        return _louder(m, _meant(m))
    if _is_ducked(m) or not (voices or m.has("under") or any(part.volume for part in of_kind(m.film, "clip"))):
        return [_SOFTER]
    return [Duck(), _SOFTER] if m.has("quieter", "much") and not m.has("when", "duck") else [Duck()]


def _is_ducked(m: Match) -> bool:
    """Whether the music gives way to voices already."""
    return all((part.meta.get("duck") or 1) < 1 for part in of_kind(m.film, "music"))


def set_volume(m: Match) -> Edits:
    """Set sounds to a volume, or change them by a share."""
    if m.has("add", "put") and is_unheard(m):
        return read_as("music.use_song", m)
    if m.has("add", "compose") and m.has("music", "mood") and (m.has("mood") or not of_kind(m.film, "music")):
        return read_as("music.compose", m)
    is_missing = m.has("with", "in") and m.has("song", "music") and not of_kind(m.film, "music")
    if is_missing and soundtrack.songs_of(m.film, m.situation):
        return read_as("music.use_song", m)
    targets, factor = _meant(m), None
    (sign, percent), decibels = m.value("percent", ("", None)), m.value("decibels")
    is_less = m.has("quieter", "less", "reduce", "remove") or (m.has("down") and m.has("by")) or sign == "-"
    is_more = any(t.is_a("louder", "more", "boost") and not t.is_a("full_volume") for t in m.tokens) or sign == "+"
    is_more = is_more or (m.has("up") and m.has("by")) or m.has_pair("add", "percent decibels")
    is_by = sign in ("+", "-") or first_of(m, "to") > first_of(m, "percent", "decibels")
    is_by = is_by or m.has_pair("by", "percent decibels")
    is_by = is_by and not (m.has("enough", "suits") and sign == "")
    share = next((SHARES[each] for each in _SHARES if m.has(each)), None)
    volume = None if percent is None else min(_MOST, float(percent))
    if decibels is not None:
        factor = 10 ** ((-abs(decibels) if is_less else decibels) / 20)
    elif share and is_less and not m.has("to"):  # "a third quieter"
        factor = 1 - share
    elif volume is None or ((is_less or is_more) and is_by):
        is_share = share is not None and not m.has("by")  # "half as loud"
        factor = m.factor(is_less=is_less or is_share or not (is_more or m.has("double", "factor")), steps=_STEPS)
    how = {"volume": volume} if factor is None else {"factor": min(100.0, factor)}
    return _volumes(m, targets, **how)


def _volumes(m: Match, targets: Sequence[Target], **how: Any) -> Edits:
    """Set volumes for a stretch that is said, or as long as a shot is seen: "quieter when the beach is shown"."""
    heard = [target for target in targets if target.kind != "clip"]
    parts = [part for target in m.shots(focus=False) for part in m.parts(target)] if m.has("file") else []
    if heard and parts and m.has("when", "in") and not m.has("clipsound"):
        spans: list[dict[str, Any]] = [{"start_s": part.start_ms / 1000, "end_s": part.end_ms / 1000} for part in parts]
        return [SetVolume(target=target, **how, **span) for target in heard for span in spans]
    return [SetVolume(target=target, **how, **m.stretch()) for target in targets]


def mute(m: Match) -> Edits:
    """Mute sounds; what is silent already is said to be so by somebody who misses it."""
    targets = _named(m)
    if m.has("speech") and not targets and not m.has("music", "song", "it") and of_kind(m.film, "song"):
        if not any(part.volume for part in of_kind(m.film, "clip")):
            raise Asked(reply("unable_stems"), asks=False)  # voices within a song
        targets = (Target(kind="clip"),)
    is_gone = any(t.is_a("remove") and not t.is_a("mute", "not", "no") for t in m.tokens)
    if is_gone and m.has("speech") and of_kind(m.film, "speech") and not m.has("music", "song", "clip"):
        return [Remove(target=Target(kind="speech"))]
    if m.has("when") and m.has("speech") and m.has("music", "song"):
        return [Duck(level=0.0)]
    if not targets and m.has("it") and of_kind(m.film, "music"):
        targets = (Target(kind="music"),)
    if m.has("music", "song") and m.has("only" if m.has("clip", "clipsound", "file", "shot") else "except"):
        return only_music(m)
    if not targets and not _left(m):
        return []
    if not targets and m.edge() and not m.stretch():  # "the ending should be silent"
        raise Asked(reply("which_stretch"))
    parts = [part for target in targets for part in m.parts(target, "sound")]
    if parts and not any(part.volume for part in parts) and m.like("sounds.mute") < min(_SURE, m.like("sounds.unmute")):
        return unmute(m)
    targets = targets or tuple(Target(kind=k) for k in ("sound", "clip") if of_kind(m.film, k))
    return [SetVolume(target=target, volume=0.0, **m.stretch()) for target in targets]


def silent_end(m: Match) -> Edits:
    """Mute the music at an end of the film."""
    time_s, total_s = m.value("time") or _FADE_S, m.film.end_ms / 1000
    span: dict[str, Any] = {"end_s": time_s} if m.edge() == "start" else {"start_s": max(0.0, total_s - time_s)}
    return [SetVolume(target="music", volume=0.0, **span)]


def up(m: Match) -> Edits:
    """Turn sounds up or down."""
    is_less = m.has("down", "reduce", "less", "quieter") and not m.has("up", "boost")
    return quieter(m) if is_less else louder(m)


def volume_number(m: Match) -> Edits:
    """Set sounds to a volume that is said without a unit."""
    number = m.value("number")
    if not _LEAST_PERCENT <= number <= 100 * _MOST and not 0 < number <= 1:
        raise Asked(reply("which_part"))
    volume = number if number <= 1 else number / 100
    return [SetVolume(target=target, volume=volume, **m.stretch()) for target in _meant(m)]


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
    targets = _named(m) or _muted_last(m) or (Target(kind="clip"),)
    muted_ = [t for t in targets if any(not part.volume for part in m.parts(t, "sound"))]
    is_named = m.has("speech", "music", "song", "clip", "shot", "file")
    if not muted_ and not is_named and not all(part.volume for part in of_kind(m.film, "clip")):
        return [SetVolume(target=Target(kind="clip"), volume=1.0, restore=True)]
    if not muted_ and m.has("silence_bad"):
        return [RemoveSilence()]
    if not muted_:
        return [] if any(edit.tag == "set_volume" for edit in m.made) else _louder(m, targets)
    return [SetVolume(target=target, volume=1.0, restore=True) for target in targets]


def _muted_last(m: Match) -> tuple[Target, ...]:
    """What the last edits muted; else the music where that is muted."""
    last = [each.target for each in m.edits if isinstance(each, SetVolume) and each.volume == 0.0]
    silent = [part for part in of_kind(m.film, "music") if not part.volume]
    return tuple(target for each in last if each for target in targets_of(each)) or (
        (Target(kind="music"),) if silent else ()
    )


def full_volume(m: Match) -> Edits:
    """Let sounds be heard as loud as they are."""
    return [SetVolume(target=target, volume=1.0) for target in _meant(m)]


def fade(m: Match) -> Edits:
    """Fade sounds, or the picture where it is named: in, out, or both, as is said, else out."""
    is_in, is_out = m.has("fade_in", "fade_inout"), m.has("fade_out", "fade_inout", "cut_off")
    is_in = is_in or (is_out and m.has("fade") and m.has("in"))
    if m.has("sudden") and m.has("begin", "start", "enter") and not m.has("end", "finish", "stop", "vanish"):
        is_in, is_out = True, False  # "the song starts too abrupt"
    if not is_in and not is_out:
        is_out = m.has("finish", "end", "stop", "vanish", "remove")
        is_in = m.has("start", "enter") or (m.has("begin") and not is_out)
    return _faded(m, *(["in_s"] if is_in else []), *(["out_s"] if is_out or not is_in else []))


def fade_pace(m: Match) -> Edits:
    """Let the fades that are there, or those that are named, take half or twice as long."""
    metas = {"picture": [m.film.meta], "music": [part.meta for part in of_kind(m.film, "music")]}
    named = {"music": ("music", "song"), "picture": ("picture",)}
    names = [name for name, said in named.items() if m.has(*said)] or [*named]
    ends = [end for end, said in (("in", "fade_in"), ("out", "fade_out")) if m.has(said)] or ["in", "out"]
    factor = 0.5 if m.has("faster", "shorter") else 2.0
    now = {
        (name, end): max((each.get(f"fade_{end}_ms") or 0) for each in [*metas[name], {}])
        for name in names
        for end in ends
    }
    if not any(now.values()):
        raise Asked(reply("no_fade"), asks=False)
    return [Fade(target=name, **{f"{end}_s": max(0.1, ms / 1000 * factor)}) for (name, end), ms in now.items() if ms]


def fade_in(m: Match) -> Edits:
    """Fade in."""
    return _faded(m, "in_s")


def fade_out(m: Match) -> Edits:
    """Fade out."""
    return _faded(m, "out_s")


def late_sound(m: Match) -> Edits:
    """Let a voice come later or earlier, at a time, or with a shot."""
    if not of_kind(m.film, "speech"):
        return read_as("music.add_speech", m)
    time_s, is_moved = m.value("time"), m.has("later", "earlier")
    if time_s is None:
        at_s = heard_when(m).get("start_s", 0.0 if m.has("start") and not is_moved else None)
        if at_s is None:
            raise Asked(reply("when_voice"))
        return [Move(target=Target(kind="speech"), at_s=at_s)]
    is_clock = any(":" in token.text for token in m.tokens if token.is_a("time"))
    if is_clock or m.has("at", "to") or (m.has("begin") and not is_moved):
        is_from = m.span is not None and m.span.start_s is not None
        return [Move(target=Target(kind="speech"), at_s=m.span.start_s if is_from else time_s)]  # type: ignore[union-attr]
    return [Move(target=Target(kind="speech"), by_s=-time_s if m.has("earlier") else time_s)]


def _left(m: Match) -> Sequence[Target]:
    """The sounds that are meant, by the names that they had in this message before, as in a complaint."""
    done = [edit for edit in m.made if isinstance(edit, SetVolume)]
    is_named = m.has("music", "song", "speech", "clipsound", "sound", "volume", "file", "clip", "shot", "all")
    if not is_named and (done or any(isinstance(edit, Duck) for edit in m.made)):
        return ()
    aims = [edit.target if isinstance(edit.target, tuple) else targets_of(edit.target)[0] for edit in done]
    return [
        next((other for other in aims if m.parts(other, "sound") == m.parts(target, "sound")), target)  # type: ignore[misc]
        for target in _meant(m)
    ]


def _named(m: Match) -> tuple[Target, ...]:
    """The sounds that are named, or those of the clips that are."""
    clips = (Target(kind="clip", media=t.media, number=t.number, count=t.count) for t in m.shots())
    return m.sounds() or tuple(clips)


def _meant(m: Match) -> tuple[Target, ...]:
    """The sounds that are meant; music where nothing says which, else whatever is heard."""
    if targets := _before_the_other(m).sounds() or m.sounds():
        return targets
    if m.has("speech") and (of_kind(m.film, "clip") and not of_kind(m.film, "speech")):
        return (Target(kind="clip"),)
    if m.has("all"):
        return tuple(Target(kind=kind) for kind in ("sound", "clip") if of_kind(m.film, kind))
    for kind in ("speech" if m.has("speaker") else "music", "music", "speech", "clip"):
        if of_kind(m.film, kind):
            return (Target(kind=kind),)
    raise Asked(Told("target.nothing", kind="sound"), asks=False)


def _before_the_other(m: Match) -> Match:
    """A clause without the voice at which, or the music against which, something else is to be louder or quieter."""
    said = [token for token in m.tokens if "filler" not in token.concepts]
    at = next((at for at, token in enumerate(said) if at and _is_other(token, said[at + 1 : at + 2])), len(said))
    return replace(m, tokens=said[:at])


def _is_other(token: Token, behind: Sequence[Token]) -> bool:
    return token.is_a("than", "when") or (token.is_a("in") and any(each.is_a("speech") for each in behind))


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
    if any(clip.get("v") for clip in of_kind(m.film, "clip")):
        return _louder(m, (Target(kind="clip"),))
    return [Duck()]


def _faded(m: Match, *ends: str) -> Edits:
    """Fade what is named; else the music, and the picture with it where it is said at which end of the film."""
    has_sound = m.has("music", "song", "speech", "sound", "clipsound") or any(
        edit.tag == "add_music" for edit in m.made[:1]
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
        targets = ["picture", *targets] if any(t.is_a("picture") and not t.is_a("film") for t in m.tokens) else targets
    elif (m.has("it") and (heard := m.sounds())) or (music and not is_both and not is_new):
        targets = [*heard] if m.has("it") and heard else music
    else:
        targets = ["picture", *music]
    times = list(m.values("time"))
    if (
        m.has("it")
        and not has_sound
        and m.edits
        and m.edits[-1].tag in ("add_title", "set_title")
        and of_kind(m.film, "title")
    ):
        how = {f"animate_{end[:-2]}": "fade" for end in ends}
        return [SetTitle(target=one_or_all(m.titles()), **how)]  # type: ignore[arg-type]
    usual = _PICTURE_FADE_S if is_new or targets == ["picture"] else _FADE_S
    if (
        (m.has("from") or any(t.is_a("time") and t.is_a("at") for t in m.tokens))
        and len(times) == 1
        and ends == ("out_s",)
    ):
        times = [max(0.1, m.film.end_ms / 1000 - times[0])]
    lengths = [float(times[min(at, len(times) - 1)]) if times else usual for at in range(len(ends))]
    return [Fade(target=one_or_all(targets), **dict(zip(ends, lengths, strict=True)))]  # type: ignore[arg-type]
