"""Composed music: the mood and tempo that suit pictures, tracks laid under them, and beats that fall on cuts.

What suits is told from how much moves in the pictures, their light, and how fast they are cut.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Final

from nemo_notebook.errors import InputError
from nemo_notebook.film import filming
from nemo_notebook.film.cutting import Rhythm
from nemo_notebook.film.drafting import MUSIC, Draft, Part, Raw, to_ms
from nemo_notebook.film.fields import USUAL_MOOD
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.wording import NotPossible, Told, mood_label
from nemo_notebook.music import MOODS, Recipe, beat_times_ms, make_recipe

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
# Rows by energy, columns by brightness: dark, usual, bright.
_MOODS_OF: Final = (
    ("ambient", "ambient", "acoustic"),
    ("cinematic", "chill", "acoustic"),
    ("hiphop", "upbeat", "happy"),
    ("edm", "edm", "upbeat"),
)


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
    if filming.is_row(film, situation):
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
    """The beats of the composed music on the timeline, in frames; empty where there is none."""
    played = [(s.start_ms, beat_times_ms(recipe)) for s in draft.segments("bgm") if (recipe := recipe_of(s))]
    beats = [start + ms for start, times in played for ms in times]
    return Rhythm.of(beats, [start + ms for start, times in played for ms in times[::4]])


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
    if length_ms < _SHORTEST_MS:
        raise NotPossible(Told("add_music.too_short"))
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
    music = {"mood": recipe.mood, "bpm": recipe.bpm, "seed": recipe.seed}
    segment.meta.update(
        music=music | {"cuts_ms": list(recipe.cuts_ms)} if recipe.cuts_ms else music,
        source=f"composed: {mood_label(recipe.mood, 'en')}, {recipe.bpm:.0f} BPM",
        fade_in_ms=0,
        fade_out_ms=0,
    )
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
class Look:
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
class Match:
    """Music that suits a look.

    Attributes:
        mood: A key of `MOODS`.
        bpm: Tempo within the mood's range, or None where the pictures tell nothing of it.
        why: The reasons; empty where nothing is known.
    """

    mood: str
    bpm: float | None = None
    why: tuple[Told, ...] = ()


def look_of(film: Draft, situation: Situation) -> Look:
    """How the pictures on the timeline look."""
    shots = [(shot, shot.upload(situation)) for shot in film.shots]
    clips = [(shot, item) for shot, item in shots if item is not None and item.kind == "video"]
    motion = [value for shot, item in clips for value in _seen(item.motion, shot)]
    brightness = [value for shot, item in clips for value in _seen(item.brightness, shot)]
    scenes = sum(len(scenes_within(shot, item)) for shot, item in clips)
    length_ms = sum(shot["d"] for shot, _ in shots)
    return Look(
        min(fmean(motion) / _FULL_MOTION, 1.0) if motion else None,
        fmean(brightness) if brightness else None,
        length_ms / (len(shots) + scenes) / 1000 if shots else None,
    )


def match(look: Look) -> Match:
    """The mood and tempo that suit a look; the usual mood where nothing is known of movement and light."""
    if look.motion is None and look.brightness is None:
        return Match(USUAL_MOOD)
    row = sum(look.energy >= bound for bound in (_CALM, _LIVELY, _WILD))
    column = 1 if look.brightness is None else (look.brightness >= _DARK) + (look.brightness >= _BRIGHT)
    mood = _MOODS_OF[row][column]
    low, high = MOODS[mood].bpm
    return Match(mood, round(low + (high - low) * look.energy, 1), _why(look, row, column))


def _seen(values: tuple[float, ...], shot: Part) -> tuple[float, ...]:
    first = shot.in_ms // 1000
    last = -(-(shot.in_ms + round(shot["d"] * shot.speed)) // 1000)
    return values[first : max(last, first + 1)]


def _why(look: Look, row: int, column: int) -> tuple[Told, ...]:
    told = [Told(f"add_music.moves_{row}")]
    if look.brightness is not None and column != 1:
        told.append(Told("add_music.bright" if column else "add_music.dark"))
    if look.shot_s is not None:
        told.append(Told("add_music.every_shot", long=1000 * look.shot_s))
    return tuple(told)
