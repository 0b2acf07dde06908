"""The sound under a film: uploaded songs and voices, composed music, parts, beats and loudness.

Composed music gets the mood and tempo that suit the pictures: how much moves in them, their light, and how fast they
are cut; its beats are made to fall on the cuts.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Final, Literal

from nemo_notebook.errors import InputError
from nemo_notebook.film import assembly
from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.draft import MUSIC, SPEECH, Draft, Part, Raw, media_segment, to_frame, to_ms
from nemo_notebook.film.model import USUAL_MOOD, MediaItem, Situation, SongPart
from nemo_notebook.film.target import audible, content_of, voices_of
from nemo_notebook.film.wording import NotPossible, Told, mood_label, refuse_if
from nemo_notebook.music import BEATS_PER_BAR, MOODS, Recipe, beat_times_ms, make_recipe, sections_of
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
_LONGEST_MS: Final = 600_000  # of one composed track; a longer film gets several, one after another
_SHORTEST_MS: Final = 1_000
_SEEDS: Final = 1_000_000
_TEMPOS_TRIED: Final = 24
_MOST_TRIED_CUTS: Final = 200
_ON_CUT_MS: Final = 40.0  # a beat that lies no farther from a cut is seen as on it
_CALM, _LIVELY, _WILD = 0.28, 0.5, 0.72  # energy from which on pictures are no longer still, calm, lively
_DARK, _BRIGHT = 0.28, 0.5  # mean brightness of night scenes, and of scenes in daylight
_SLOW_SHOT_S, _FAST_SHOT_S = 7.0, 1.0
_FULL_MOTION: Final = 0.3  # mean motion of footage that never rests
_LOUDNESS: Final = {  # of sections of composed music, 0–1, at their start and at their end
    "intro": (0.15, 0.15),
    "verse": (0.4, 0.4),
    "build": (0.35, 0.8),
    "drop": (1.0, 1.0),
    "break": (0.15, 0.15),
    "outro": (0.1, 0.1),
}
# Rows by energy, columns by brightness: dark, usual, bright.
_MOODS_OF: Final = (
    ("ambient", "ambient", "acoustic"),
    ("cinematic", "chill", "acoustic"),
    ("hiphop", "upbeat", "happy"),
    ("edm", "edm", "upbeat"),
)


def note_content(film: Draft, item: MediaItem, content: Literal["speech", "music"]) -> None:
    """Note what an audio file is, whatever was heard."""
    said = film.meta.get("contents")
    film.meta["contents"] = {**(said if isinstance(said, dict) else {}), item.id: content}


def songs_of(film: Draft, situation: Situation) -> list[MediaItem]:
    """The uploads that can be the music of a film."""
    return [item for item in audible(situation) if content_of(film, item) != "speech"]


def new_sound(film: Draft, item: MediaItem, role: str, first: int, last: int, in_ms: int = 0) -> Part:
    """A stretch of an upload as `song` or `speech`; it is not on a track yet."""
    segment = media_segment(item, 0, first, last, in_ms, role)
    segment.update(id=film.new_id(role), v=1.0)
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
    drops: list[float] = []
    energy: dict[int, float] = {}
    for segment, song in played:
        shift, start, end = segment.start_ms - segment.in_ms, segment.start_ms, segment.end_ms
        last = beats[-1] if beats else -_SAME_BEAT_MS
        inside = [t + shift for t in song.beats_ms if start <= t + shift < end]
        beats += [t for t in inside if t - last >= _SAME_BEAT_MS]
        downs += [t + shift for t in song.downbeats_ms if start <= t + shift < end]
        accents += [ms + shift for ms, _ in song.sections if start <= ms + shift < end]
        drops += [ms + shift for ms in song.drops_ms if start <= ms + shift < end]
        for second, value in enumerate(song.energy):
            at = (second * 1000 + shift) // 1000
            if start // 1000 <= at <= end // 1000:
                energy[int(at)] = value
    known = [energy.get(second, 0.0) for second in range(max(energy, default=-1) + 1)]
    accents, drops = ([at for at in times if at > 0] for times in (accents, drops))
    return Rhythm.of(beats, downs, known, accents, drops)


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


@dataclass(frozen=True, slots=True)
class Piece:
    """What is to be composed.

    Attributes:
        mood: A key of `MOODS`.
        seed: Any whole number.
        bpm: Tempo that is wanted, or None.
        exact: Whether it is this tempo and none near it, on which the end would fall on a whole bar.
    """

    mood: str
    seed: int
    bpm: float | None = None
    exact: bool = False


def lay_score(
    film: Draft,
    situation: Situation,
    piece: Piece,
    first: int,
    last: int,
    *,
    to_cuts: bool = True,
    track: Raw | None = None,
) -> list[Part]:
    """Lays composed music under the frames from `first` to before `last`, on a track of its own if there is none.

    Its beats fall on the film's cuts with `to_cuts`. A stretch of more than ten minutes gets several segments.

    Returns:
        The segments, in order.

    Raises:
        NotPossible: The stretch is too short, or the tempo cannot be played.
    """
    parts = max(1, math.ceil(to_ms(last - first) / _LONGEST_MS))
    bounds = [first + (last - first) * part // parts for part in range(parts + 1)]
    cuts = cuts_of(film, situation) if to_cuts else []
    laid: list[Part] = []
    track = track if track is not None else film.add_track("bgm")
    for start, end in itertools.pairwise(bounds):
        within = tuple(cut - to_ms(start) for cut in cuts if to_ms(start) < cut < to_ms(end))
        recipe = _recipe(piece, to_ms(end) - to_ms(start), within)
        piece = replace(piece, bpm=recipe.bpm, exact=True)
        laid.append(_score_segment(film, recipe, start, end))
        track["sg"].append(laid[-1])
    return laid


def cuts_of(film: Draft, situation: Situation) -> list[int]:
    """The cuts of a film in milliseconds, ascending; those within clips count where whole uploads lie in a row."""
    shots = film.shots
    cuts = {shot.start_ms for shot in shots}
    if assembly.is_row(film, situation):
        for shot in shots:
            item = shot.upload(situation)
            cuts.update(scenes_within(shot, item) if item is not None else ())
    end = max((shot.end_ms for shot in shots), default=0)
    return sorted(cut for cut in cuts if 0 < cut < end)


def scenes_within(shot: Part, item: MediaItem) -> list[int]:
    """The scene cuts inside a shot, in milliseconds of the timeline."""
    start, speed = shot.in_ms, shot.speed
    times = (shot.start_ms + round((scene - start) / speed) for scene in item.scenes_ms)
    return [time for time in times if shot.start_ms < time < shot.end_ms]


def cuts_met(recipe: Recipe, cuts_ms: Sequence[int] | None = None) -> int:
    """How many cuts a beat or half a beat of a recipe falls on; its own ones where no others are given."""
    wanted = recipe.cuts_ms if cuts_ms is None else cuts_ms
    beats = beat_times_ms(recipe)
    grid = sorted([*beats, *((a + b) / 2 for a, b in itertools.pairwise(beats))])
    return sum(bisect_left(grid, cut - _ON_CUT_MS) < bisect_right(grid, cut + _ON_CUT_MS) for cut in wanted)


def score_rhythm(draft: Draft) -> Rhythm:
    """The beats and sections of the composed music on the timeline, in frames; empty where there is none."""
    beats: list[float] = []
    downs: list[float] = []
    accents: list[float] = []
    drops: list[float] = []
    energy = [0.0] * math.ceil(draft.end_ms / 1000)
    for score in draft.segments("bgm"):
        if (recipe := recipe_of(score)) is None:
            continue
        times = [score.start_ms + ms for ms in beat_times_ms(recipe)]
        beats += times
        downs += times[::BEATS_PER_BAR]
        for section in sections_of(recipe):
            start, end = (
                score.start_ms + recipe.tempo.ms_at(BEATS_PER_BAR * bar) for bar in (section.start, section.end)
            )
            (drops if section.kind == "drop" else accents).append(start)
            low, high = _LOUDNESS.get(section.kind, (0.0, 0.0))
            for second in range(round(start / 1000), min(round(end / 1000), len(energy))):
                energy[second] = low + (high - low) * (1000 * second - start) / max(1.0, end - start)
    return Rhythm.of(beats, downs, energy if beats else (), accents, drops)


def tempo_of(draft: Draft, situation: Situation) -> float | None:
    """Beats per minute of the music on the timeline, or None."""
    for segment in draft.segments(*MUSIC):
        if (song := segment.upload(situation)) is not None:
            return song.tempo
        if (recipe := recipe_of(segment)) is not None:
            return recipe.bpm
    return None


def mood_of(draft: Draft) -> str | None:
    """The mood of composed music on the timeline, or None."""
    return next((recipe.mood for segment in draft.segments("bgm") if (recipe := recipe_of(segment))), None)


def piece_of(segment: Part) -> Piece | None:
    """What a segment of composed music plays, or None where that is not known."""
    recipe = recipe_of(segment)
    return None if recipe is None else Piece(recipe.mood, recipe.seed, recipe.bpm, exact=True)


def _recipe(piece: Piece, length_ms: int, cuts_ms: tuple[int, ...]) -> Recipe:
    refuse_if(length_ms < _SHORTEST_MS, "add_music.too_short")
    seed = piece.seed % _SEEDS
    try:
        if piece.exact and piece.bpm is not None:
            return Recipe(piece.mood, piece.bpm, seed, length_ms, cuts_ms)
        made = make_recipe(piece.mood, length_ms, seed, piece.bpm, cuts_ms)
        return made if piece.bpm is not None else _best_met(made)
    except InputError as error:
        raise NotPossible(Told("add_music.unplayable", bpm=piece.bpm)) from error


def _best_met(recipe: Recipe) -> Recipe:
    """A recipe at that tempo within its mood's range whose beats fall on most cuts; itself where they do on all."""
    met = cuts_met(recipe)
    if met == len(recipe.cuts_ms) or len(recipe.cuts_ms) > _MOST_TRIED_CUTS:
        return recipe
    low, high = MOODS[recipe.mood].bpm
    steps = (low + (high - low) * step / _TEMPOS_TRIED for step in range(_TEMPOS_TRIED + 1))
    others = [replace(recipe, bpm=round(bpm, 3)) for bpm in steps]
    best = max(others, key=lambda other: (cuts_met(other), -abs(other.bpm - recipe.bpm)))
    return best if cuts_met(best) > met else recipe


def _score_segment(film: Draft, recipe: Recipe, first: int, last: int) -> Part:
    segment = film.new_part("bgm", f"BGM: {mood_label(recipe.mood, 'en')}", first, last)
    cuts = {"cuts_ms": list(recipe.cuts_ms)} if recipe.cuts_ms else {}
    music = {"mood": recipe.mood, "bpm": recipe.bpm, "seed": recipe.seed, **cuts}
    source = f"composed: {mood_label(recipe.mood, 'en')}, {recipe.bpm:.0f} BPM"
    segment.meta.update(music=music, source=source, fade_in_ms=0, fade_out_ms=0)
    return segment


def recipe_of(segment: Part) -> Recipe | None:
    """The recipe of a segment; None for music that was not composed here, or that no composer could play."""
    music = segment.meta.get("music")
    if not isinstance(music, dict):
        return None
    length_ms = min(max(int(segment["d"]), _SHORTEST_MS), _LONGEST_MS)
    try:
        return Recipe.from_json(music, length_ms)
    except InputError:
        return None  # the draft came from outside; its music is then no rhythm to cut to


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen, as far as it is known.

    Attributes:
        motion: How much moves, 0–1 of what footage has at most, or None.
        brightness: Mean brightness 0–1, or None.
        shot_s: Mean length of a shot in seconds, scene cuts within clips counted; None without shots.
    """

    motion: float | None = None
    brightness: float | None = None
    shot_s: float | None = None

    @property
    def energy(self) -> float:
        """How much goes on, 0–1: movement, and half as much the pace of the cuts."""
        pace = None
        if self.shot_s is not None:
            pace = min(max((_SLOW_SHOT_S - self.shot_s) / (_SLOW_SHOT_S - _FAST_SHOT_S), 0.0), 1.0)
        known = [value for value in (self.motion, self.motion, pace) if value is not None]
        return sum(known) / len(known) if known else 0.0


@dataclass(frozen=True, slots=True)
class MoodMatch:
    """Music that suits a look.

    Attributes:
        mood: A key of `MOODS`.
        bpm: Tempo within the mood's range, or None where the pictures tell nothing of it.
        why: The reasons; empty where nothing is known.
    """

    mood: str
    bpm: float | None = None
    why: tuple[Told, ...] = ()


def seen_in(film: Draft, situation: Situation) -> Seen:
    """How the pictures on the timeline look."""
    shots = [(shot, shot.upload(situation)) for shot in film.shots]
    clips = [(shot, item) for shot, item in shots if item is not None and item.kind == "video"]
    motion = [value for shot, item in clips for value in _seen(item.motion, shot)]
    brightness = [value for shot, item in clips for value in _seen(item.brightness, shot)]
    scenes = sum(len(scenes_within(shot, item)) for shot, item in clips)
    length_ms = sum(shot["d"] for shot, _ in shots)
    return Seen(
        min(fmean(motion) / _FULL_MOTION, 1.0) if motion else None,
        fmean(brightness) if brightness else None,
        length_ms / (len(shots) + scenes) / 1000 if shots else None,
    )


def match(look: Seen) -> MoodMatch:
    """The mood and tempo that suit a look; the usual mood where nothing is known of movement and light."""
    if look.motion is None and look.brightness is None:
        return MoodMatch(USUAL_MOOD)
    row = sum(look.energy >= bound for bound in (_CALM, _LIVELY, _WILD))
    column = 1 if look.brightness is None else (look.brightness >= _DARK) + (look.brightness >= _BRIGHT)
    mood = _MOODS_OF[row][column]
    low, high = MOODS[mood].bpm
    return MoodMatch(mood, round(low + (high - low) * look.energy, 1), _why(look, row, column))


def _seen(values: tuple[float, ...], shot: Part) -> tuple[float, ...]:
    first = shot.in_ms // 1000
    last = -(-(shot.in_ms + round(shot["d"] * shot.speed)) // 1000)
    return values[first : max(last, first + 1)]


def _why(look: Seen, row: int, column: int) -> tuple[Told, ...]:
    told = [Told(f"add_music.moves_{row}")]
    if look.brightness is not None and column != 1:
        told.append(Told("add_music.bright" if column else "add_music.dark"))
    if look.shot_s is not None:
        told.append(Told("add_music.every_shot", long=1000 * look.shot_s))
    return tuple(told)
