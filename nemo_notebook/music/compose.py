"""A recipe to a score: notes in seconds, no sound yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nemo_notebook.music.band import Band, Drummer
from nemo_notebook.music.harmony import Chord, read_chord, voice
from nemo_notebook.music.moods import MOODS, Mood
from nemo_notebook.music.recipe import BEATS_PER_BAR, Recipe, sections_of
from nemo_notebook.music.score import Bar, Note, Score
from nemo_notebook.music.tempo import LEVELS, Section

_CHORD_CENTRE: Final = 62
_PAD_CENTRE: Final = 60
_AT_ONCE_S: Final = 0.04
_KEYS: Final = (-3, -2, 0, 2, 3, 5)


def compose(recipe: Recipe) -> Score:
    """The notes of a recipe; equal recipes give equal scores.

    The last bar is the ending: its chord is struck on the downbeat and rings to the end, with what is left of a bar.
    """
    mood, tempo = MOODS[recipe.mood], recipe.tempo
    sections = sections_of(recipe)
    bars = sections[-1].end
    key = int(np.random.default_rng([abs(recipe.seed), 2]).choice(_KEYS))
    band, drummer = Band(recipe, mood, key), Drummer(recipe, mood)
    notes: list[Note] = []
    for bar in _bars(recipe, mood, key, sections):
        ending = bar.index == bars - 1 and bars > 1
        for player in (band, drummer):
            notes.extend(player.ending(bar) if ending else player.bar(bar))
    length_s = recipe.length_ms / 1000.0
    notes = sorted((n for n in notes if n.start_s < length_s - 0.02), key=lambda n: (n.start_s, n.voice, n.pitch))
    return Score(_single(notes), sections, tempo)


def _single(notes: list[Note]) -> tuple[Note, ...]:
    """Notes without those that are struck twice at once, which would sound hollow; the louder one stays."""
    last: dict[tuple[str, int], int] = {}
    kept: list[Note | None] = []
    for note in notes:
        key = (note.voice, note.pitch)
        before = kept[last[key]] if key in last else None
        if before is not None and note.start_s - before.start_s < _AT_ONCE_S:
            if note.velocity <= before.velocity:
                continue
            kept[last[key]] = None
        last[key] = len(kept)
        kept.append(note)
    return tuple(note for note in kept if note is not None)


def _bars(recipe: Recipe, mood: Mood, key: int, sections: tuple[Section, ...]) -> Iterator[Bar]:
    chords = _chords(recipe, mood, key, sections)
    voicing: tuple[int, ...] = ()
    pad: tuple[int, ...] = ()
    for section in sections:
        for index in range(section.start, section.end):
            chord = chords[index]
            voicing, pad = voice(chord, voicing, _CHORD_CENTRE), voice(chord, pad, _PAD_CENTRE)
            after = chords[min(index + 1, len(chords) - 1)]
            first = index * BEATS_PER_BAR
            cuts = tuple((b - first) * 4 for b in recipe.tempo.cut_beats if first <= b < first + BEATS_PER_BAR)
            yield Bar(index, section, chord, after, voicing, pad, LEVELS[section.kind], cuts)


def _chords(recipe: Recipe, mood: Mood, key: int, sections: tuple[Section, ...]) -> list[Chord]:
    """The chord of each bar: one progression for most sections, another for verses and breaks."""
    order = np.random.default_rng([abs(recipe.seed), 6]).permutation(len(mood.progressions))
    main, other = (mood.progressions[order[i % len(order)]].split() for i in (0, 1))
    chords: list[Chord] = []
    for section in sections:
        names = other if section.kind in ("break", "verse") else main
        turns = (place // mood.bars_per_chord for place in range(section.end - section.start))
        chords.extend(read_chord(names[turn % len(names)], key) for turn in turns)
    chords[-1] = read_chord(mood.tonic, key)
    return chords
