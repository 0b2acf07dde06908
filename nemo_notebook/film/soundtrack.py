"""Uploaded songs and voices: which is which, laid under a film, their parts and beats, and how loud all is."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Final, Literal

from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.drafting import MUSIC, SPEECH, Draft, Part, media_segment, to_frame, to_ms
from nemo_notebook.film.fields import SongPart
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.scoring import score_rhythm
from nemo_notebook.outside import finite

CUT_FADE_MS: Final = 2_000  # a song that is not heard to its end fades out
_FADED_SHARE: Final = 3  # no more than a third of what is heard fades
_AS_GOOD_AS_WHOLE_MS: Final = 250
_MOST_ROUNDS: Final = 399
_SAME_BEAT_MS: Final = 100.0  # where a song goes over into itself, two beats so near are one
_USUAL_END_MS: Final = 15_000
_SHORTEST_PART_MS: Final = 8_000
_WINDOW_S: Final = 8
_AS_LOUD: Final = 0.97  # of the loudest section: what is heard as equally loud
_ALIKE: Final = 0.08  # a range of loudness that nobody hears as louder and calmer
DUCKED: Final = 0.25  # what is left of ducked music while a clip or a voice is heard: 12 dB less
USUAL_VOLUME: Final = 0.8  # of background music
_UNDER_SPEECH: Final = 0.35


def content_of(film: Draft, item: MediaItem) -> str:
    """What an audio file is taken for, `speech` or `music`: as it was said, else as it was heard."""
    said = film.meta.get("contents")
    own = said.get(item.id) if isinstance(said, dict) else None
    return own if own in ("speech", "music") else item.content


def note_content(film: Draft, item: MediaItem, content: Literal["speech", "music"]) -> None:
    """Note what an audio file is, whatever was heard."""
    said = film.meta.get("contents")
    film.meta["contents"] = {**(said if isinstance(said, dict) else {}), item.id: content}


def songs_of(film: Draft, situation: Situation) -> list[MediaItem]:
    """The uploads that can be the music of a film."""
    return [item for item in _audible(situation) if content_of(film, item) != "speech"]


def voices_of(film: Draft, situation: Situation) -> list[MediaItem]:
    """The uploads that are voice recordings."""
    return [item for item in _audible(situation) if content_of(film, item) == "speech"]


def new_sound(film: Draft, item: MediaItem, role: str, first: int, last: int, in_ms: int = 0) -> Part:
    """A stretch of an upload as `song` or `speech`; it is not on a track yet."""
    segment = media_segment(item, 0, first, last, in_ms, role)
    segment.update(id=film.free_id(role), v=1.0)
    segment.meta.update(fade_in_ms=0, fade_out_ms=0)
    return segment


def lay_voices(film: Draft, situation: Situation) -> list[MediaItem]:
    """Lay the voice recordings that are not on the timeline yet one after another; return these."""
    there = {segment.meta.get("media") for segment in film.segments(*SPEECH)}
    laid = [item for item in voices_of(film, situation) if item.id not in there]
    at = film.last_frame(*SPEECH)
    for item in laid:
        film.lay_where_free(new_sound(film, item, "speech", at, at + to_frame(item.duration_ms)), "speech")
        at += to_frame(item.duration_ms)
    return laid


def lay_song(draft: Draft, song: MediaItem, frames: int, in_ms: int = 0) -> None:
    """Lays a song under `frames` frames; one that is too short comes again, on a bar where bars are known."""
    track = draft.add_track("song")
    start_ms, again_ms, last_ms = in_ms, 0, song.duration_ms
    downs = [ms for ms in song.downbeats_ms if in_ms <= ms]
    if to_frame(song.duration_ms - in_ms) < frames and len(downs) > 1 and downs[-1] - in_ms > song.duration_ms / 2:
        again_ms, last_ms = song.downbeats_ms[0], downs[-1]
    at = 0
    for _ in range(_MOST_ROUNDS):
        length = max(1, to_frame(last_ms - start_ms))
        if to_frame(song.duration_ms - start_ms) >= frames - at:
            length = frames - at  # what is left is heard from the song as it goes on
        segment = new_sound(draft, song, "song", at, min(at + length, frames), start_ms)
        track["sg"].append(segment)
        at, start_ms = at + length, again_ms
        if at >= frames:
            break
    ends_early = segment.in_ms + segment["d"] < song.duration_ms - _AS_GOOD_AS_WHOLE_MS
    segment.meta["fade_out_ms"] = cut_fade_ms(segment) if ends_early else 0


def cut_fade_ms(segment: Part) -> int:
    """How long a song fades that ends before its time."""
    return int(min(CUT_FADE_MS, segment["d"] // _FADED_SHARE))


def music_rhythm(draft: Draft, situation: Situation) -> Rhythm:
    """What cuts follow, in frames of the timeline: all stretches of songs, else the composed music."""
    played = [(s, song) for s in draft.segments("song") if (song := s.upload(situation)) is not None]
    if not played:
        return score_rhythm(draft)
    beats: list[float] = []
    downs: list[float] = []
    accents: list[float] = []
    energy: dict[int, float] = {}
    for segment, song in played:
        shift, start, end = segment.start_ms - segment.in_ms, segment.start_ms, segment.end_ms
        last = beats[-1] if beats else -_SAME_BEAT_MS
        inside = [t + shift for t in song.beats_ms if start <= t + shift < end]
        beats += [t for t in inside if t - last >= _SAME_BEAT_MS]
        downs += [t + shift for t in song.downbeats_ms if start <= t + shift < end]
        strong = [*(ms for ms, _ in song.sections), *song.drops_ms]
        accents += [t + shift for t in strong if start <= t + shift < end]
        for second, value in enumerate(song.energy):
            at = (second * 1000 + shift) // 1000
            if start // 1000 <= at <= end // 1000:
                energy[int(at)] = value
    known = [energy.get(second, 0.0) for second in range(max(energy, default=-1) + 1)]
    return Rhythm.of(beats, downs, known, accents_ms=[t for t in accents if t > 0])


def strongest_start_ms(song: MediaItem, length_ms: int) -> int:
    """Where a stretch of a song best begins: with a section, so that it is as loud as can be; 0 where all is alike."""
    starts = [ms for ms, _ in song.sections if ms + length_ms <= song.duration_ms]
    if len(song.energy) < 2 or not starts:
        return 0

    def loudness(start_ms: int) -> float:
        heard = song.energy[start_ms // 1000 : (start_ms + length_ms) // 1000]
        drops = any(start_ms <= drop < start_ms + length_ms // 2 for drop in song.drops_ms)
        return sum(heard) / max(1, len(heard)) + 0.2 * drops

    return max(starts, key=lambda start: (round(loudness(start), 3), -start))


def drop_on_timeline_ms(draft: Draft, situation: Situation) -> int | None:
    """Where the first drop that is heard of a song is on the timeline, or None."""
    played = ((song, item) for song in draft.segments("song") if (item := song.upload(situation)))
    drops = ((song, drop - song.in_ms) for song, item in played for drop in item.drops_ms)
    return next((song.start_ms + at for song, at in drops if 0 < at < song["d"]), None)


def stretch_song(draft: Draft, situation: Situation, frames: int) -> None:
    """Makes the song under a film last until a frame, once more from a bar where it is too short."""
    songs = draft.segments("song")
    item = songs[0].upload(situation) if songs else None
    if item is None or songs[-1].last >= frames or songs[0].start_ms != 0:
        return
    if any(song.meta.get("media") != item.id for song in songs):
        return  # several songs follow one another: only the last can go on
    first = songs[0]
    draft.remove_roles("song")
    lay_song(draft, item, frames, first.in_ms)
    laid = draft.segments("song")
    for segment in laid:
        own = {**deepcopy(first.meta), **segment.meta}
        segment.update({**deepcopy(first), **segment, "v": first.get("v", 1.0), "m": own})
    if "fade_in_ms" in first.meta:
        laid[0].meta["fade_in_ms"] = first.meta["fade_in_ms"]


def end_song(segment: Part, frames: int) -> None:
    """Ends a song at a frame of the timeline, fading out."""
    segment["d"] = to_ms(frames) - segment.start_ms
    if not segment.meta.get("fade_out_ms"):
        segment.meta["fade_out_ms"] = cut_fade_ms(segment)


def _audible(situation: Situation) -> list[MediaItem]:
    return [item for item in situation.of_kind("audio") if to_frame(item.duration_ms) > 0]


def part_start_ms(song: MediaItem, part: SongPart, length_ms: int | None = None) -> int | None:
    """Where a part begins, in milliseconds of the song, on a downbeat; None where it cannot be told.

    The chorus is taken for the first of the loudest sections. `length_ms` is how much is wanted of the end: exactly so
    much, not from a downbeat on.
    """
    if part == "intro":
        return 0
    if part == "end":
        if length_ms is not None:
            return max(0, song.duration_ms - length_ms)
        return _on_downbeat(song, max(0, song.duration_ms - _USUAL_END_MS))
    if len(song.sections) > 1 and not (part == "drop" and song.drops_ms):
        loudest = max(loudness for _, loudness in song.sections)
        return next(start for start, loudness in song.sections if loudness >= _AS_LOUD * loudest)
    return song.drops_ms[0] if song.drops_ms else _loudest_ms(song)


def part_end_ms(song: MediaItem, part: SongPart, start_ms: int) -> int:
    """Where a part that begins at `start_ms` ends: with its section, if that is not too short, else with the song."""
    if part in ("end", "drop"):
        return song.duration_ms
    ends = [ms for ms, _ in song.sections if ms >= start_ms + _SHORTEST_PART_MS]
    return ends[0] if ends else song.duration_ms


def _loudest_ms(song: MediaItem) -> int | None:
    energy = song.energy
    if len(energy) < 2 or max(energy) - min(energy) < _ALIKE:
        return None
    window = min(_WINDOW_S, max(1, len(energy) // 3))
    starts = range(len(energy) - window + 1)
    return _on_downbeat(song, 1000 * max(starts, key=lambda second: sum(energy[second : second + window])))


def _on_downbeat(song: MediaItem, time_ms: int) -> int:
    return min(song.downbeats_ms or song.beats_ms, key=lambda beat: abs(beat - time_ms), default=time_ms)


def fitting_volume(film: Draft, situation: Situation) -> float:
    """The volume of background music that lets voices and the clips' own sound be understood."""
    return _UNDER_SPEECH if heard_clips(film, situation) or is_spoken(film) else USUAL_VOLUME


def song_volume(film: Draft, situation: Situation) -> float:
    """The volume of a song: as recorded, unless something else has to be understood."""
    fitting = fitting_volume(film, situation)
    return fitting if fitting < USUAL_VOLUME else 1.0


def is_spoken(film: Draft) -> bool:
    """Whether a voice recording is heard."""
    return any(segment.volume > 0 for segment in film.segments(*SPEECH))


def clips_with_sound(film: Draft, situation: Situation) -> list[Part]:
    """The shots that have sound of their own, muted or not."""
    return [s for s in film.shots if (i := s.upload(situation)) and i.kind == "video" and i.has_audio]


def heard_clips(film: Draft, situation: Situation) -> list[Part]:
    """The shots whose own sound is heard."""
    return [shot for shot in clips_with_sound(film, situation) if shot.volume > 0]


def duck_of(segment: Part) -> float | None:
    """What is left of a segment's volume while a clip or a voice is heard, 0–1; None where it is not ducked."""
    duck = finite(segment.meta.get("duck"))
    return duck if duck is not None and 0 <= duck < 1 else None


def set_duck(music: Sequence[Part], duck: float) -> None:
    """Make music give way to clips and voices; 1 ends it."""
    for segment in music:
        if duck < 1:
            segment.meta["duck"] = duck
        else:
            segment.meta.pop("duck", None)


def give_way(film: Draft) -> None:
    """Duck the music that does not give way yet, where a voice recording is heard."""
    if is_spoken(film):
        set_duck([segment for segment in film.segments(*MUSIC) if duck_of(segment) is None], DUCKED)


def carry_over(before: Sequence[Part], after: Sequence[Part]) -> None:
    """Gives new music the volume, the fades and the ducking of the composed music that it stands in for."""
    old = [segment for segment in before if segment.meta.get("role") == "bgm"]
    if not old or not after:
        return
    for key, source, target in (("fade_in_ms", old[0], after[0]), ("fade_out_ms", old[-1], after[-1])):
        fade = finite(source.meta.get(key))
        target.meta[key] = int(min(max(fade or 0.0, 0.0), target["d"]))
    for segment in after:
        segment["v"] = old[0].volume
    set_duck(after, duck_of(old[0]) or 1.0)
