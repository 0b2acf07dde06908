"""A recipe to a score: notes in seconds, no sound yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from nemo_notebook.engine.music.form import LEVELS, Section, plan_form
from nemo_notebook.engine.music.harmony import Chord, bass_pitch, read_chord, voice
from nemo_notebook.engine.music.melody import STEPS_PER_BAR, Tone, phrases, read_rhythm, sing
from nemo_notebook.engine.music.moods import MOODS, Groove, Mood
from nemo_notebook.engine.music.recipe import BEATS_PER_BAR, Recipe

_TOPS: Final = frozenset({"hat", "open", "shaker", "tamb"})
_LOW_DRUMS: Final = frozenset({"kick", "boom", "taiko"})
_ON_GRID: Final = frozenset({"kick", "boom", "riser", "crash"})
_CHORD_CENTRE: Final = 62
_PAD_CENTRE: Final = 60
_KEYS: Final = (-3, -2, 0, 2, 3, 5)


@dataclass(frozen=True, slots=True)
class Note:
    """One sound of the score.

    Attributes:
        start_s: Start in seconds.
        duration_s: How long it is held, in seconds; a drum rings as long as it does.
        voice: Name of an instrument or a drum.
        pitch: MIDI pitch; 0 for drums.
        velocity: Loudness, 0–1.
        pan: −1 left to 1 right.
    """

    start_s: float
    duration_s: float
    voice: str
    pitch: int
    velocity: float
    pan: float


@dataclass(frozen=True, slots=True)
class Score:
    """A composed track: its notes in order of time, and the sections they fill."""

    notes: tuple[Note, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class _Bar:
    """What all parts need to know of one bar."""

    index: int
    section: Section
    chord: Chord
    voicing: tuple[int, ...]
    pad_voicing: tuple[int, ...]
    levels: dict[str, float]

    @property
    def first(self) -> bool:
        return self.index == self.section.start

    @property
    def last(self) -> bool:
        return self.index == self.section.end - 1


def compose(recipe: Recipe) -> Score:
    """The notes of a recipe; equal recipes give equal scores.

    The last bar is the ending: its chord is struck on the downbeat and rings to the end, with what is left of a bar.
    """
    bars = max(1, int(recipe.beats / BEATS_PER_BAR + 1e-3))
    sections = plan_form(bars)
    band = _Band(recipe)
    notes: list[Note] = []
    for bar in _bars(recipe, sections):
        ending = bar.index == bars - 1 and bars > 1
        notes.extend(band.ending(bar) if ending else band.bar(bar))
    length_s = recipe.length_ms / 1000.0
    notes = sorted((n for n in notes if n.start_s < length_s - 0.02), key=lambda n: (n.start_s, n.voice, n.pitch))
    return Score(tuple(notes), sections)


def _bars(recipe: Recipe, sections: tuple[Section, ...]) -> Iterator[_Bar]:
    mood = MOODS[recipe.mood]
    rng = np.random.default_rng([abs(recipe.seed), 2])
    key = int(rng.choice(_KEYS))
    order = rng.permutation(len(mood.progressions))
    main, other = (mood.progressions[order[i % len(order)]].split() for i in (0, 1))
    voicing: tuple[int, ...] = ()
    pad: tuple[int, ...] = ()
    for section in sections:
        names = other if section.kind in ("break", "verse") else main
        for index in range(section.start, section.end):
            turn = (index - section.start) // mood.bars_per_chord
            ends = index == sections[-1].end - 1
            chord = read_chord(mood.tonic if ends else names[turn % len(names)], key)
            voicing, pad = voice(chord, voicing, _CHORD_CENTRE), voice(chord, pad, _PAD_CENTRE)
            yield _Bar(index, section, chord, voicing, pad, LEVELS[section.kind])


class _Band:
    """Plays bars: one method for each part."""

    def __init__(self, recipe: Recipe) -> None:
        self._mood: Mood = MOODS[recipe.mood]
        self._step_s = recipe.beat_s / 4
        self._length_s = recipe.length_ms / 1000.0
        self._rng = np.random.default_rng([abs(recipe.seed), 3])
        choice = np.random.default_rng([abs(recipe.seed), 4])
        self._groove: Groove = self._mood.grooves[int(choice.integers(len(self._mood.grooves)))]
        self._key = int(np.random.default_rng([abs(recipe.seed), 2]).choice(_KEYS))
        self._phrases = phrases(self._mood.melodies, recipe.seed)

    def bar(self, bar: _Bar) -> Iterator[Note]:
        """All notes of a bar."""
        yield from self._pad(bar, STEPS_PER_BAR * self._mood.bars_per_chord)
        yield from self._chords(bar)
        yield from self._bass(bar)
        yield from self._arp(bar)
        yield from self._lead(bar)
        yield from self._drums(bar)
        yield from self._transition(bar)

    def ending(self, bar: _Bar) -> Iterator[Note]:
        """The last chord, struck once and held to the end of the track."""
        steps = max(4.0, self._length_s / self._step_s - bar.index * STEPS_PER_BAR)
        voices = self._mood.voices
        for part, pitches, velocity in (("pad", bar.pad_voicing, 0.6), ("chords", bar.voicing, 0.75)):
            for i, pitch in enumerate(pitches if part in voices else ()):
                yield self._note(bar, i * 0.12, steps, voices[part], pitch, velocity, _spread(i, len(pitches)))
        yield self._note(bar, 0, steps, voices["bass"], bass_pitch(bar.chord), 0.8, 0.0)
        top = Tone(0, STEPS_PER_BAR, 0, 0.7)
        yield self._note(
            bar, 0.5, steps, voices["lead"], sing(top, bar.chord, self._mood.register, self._key), 0.6, 0.1
        )
        for drum in _LOW_DRUMS & self._groove.drums.keys():
            yield self._note(bar, 0, 1, drum, 0, 0.9, 0.0)
        if self._mood.big:
            yield self._note(bar, 0, 1, "crash", 0, 0.6, 0.0)

    def _pad(self, bar: _Bar, steps: int) -> Iterator[Note]:
        place = bar.index - bar.section.start
        if "pad" not in self._mood.voices or "pad" not in bar.levels or place % self._mood.bars_per_chord:
            return
        steps = min(steps, (bar.section.end - bar.index) * STEPS_PER_BAR)
        for i, pitch in enumerate(bar.pad_voicing):
            pan = _spread(i, len(bar.pad_voicing))
            yield self._note(bar, 0, steps, self._mood.voices["pad"], pitch, 0.6 * bar.levels["pad"], pan)

    def _chords(self, bar: _Bar) -> Iterator[Note]:
        level = bar.levels.get("chords", 0.0)
        row = "8..............." if bar.section.kind in ("intro", "break") else self._groove.chords
        short = self._mood.voices["chords"] == "stab" and row is self._groove.chords
        for step, length, velocity in _held(row, 3 if short else STEPS_PER_BAR) if level else ():
            for i, pitch in enumerate(bar.voicing):
                late = step + i * 0.06  # a hand never strikes all keys at once
                pan = 0.7 * _spread(i, len(bar.voicing))
                yield self._note(bar, late, length, self._mood.voices["chords"], pitch, velocity * level, pan)

    def _bass(self, bar: _Bar) -> Iterator[Note]:
        level = bar.levels.get("bass", 0.0)
        root = bass_pitch(bar.chord)
        for step, length, velocity in _held(self._groove.bass, 6) if level else ():
            up = bar.last and step >= 12 and self._rng.random() < 0.5
            yield self._note(bar, step, length * 0.92, self._mood.voices["bass"], root + 12 * up, velocity * level, 0.0)

    def _arp(self, bar: _Bar) -> Iterator[Note]:
        level = bar.levels.get("arp", 0.0)
        if "arp" not in self._mood.voices or not level:
            return
        tones = [*bar.voicing, *(p + 12 for p in bar.voicing)]
        for step, mark in enumerate(self._groove.arp):
            if mark != ".":
                accent = 0.62 if step % 4 == 0 else 0.45
                pan = 0.5 if step // 2 % 2 else -0.5
                pitch = tones[int(mark) % len(tones)] + (12 if tones[0] < 60 else 0)
                yield self._note(bar, step, 2, self._mood.voices["arp"], pitch, accent * level, pan)

    def _lead(self, bar: _Bar) -> Iterator[Note]:
        level = bar.levels.get("lead", 0.0)
        place = bar.index - bar.section.start
        phrase = self._phrases[place // 2 % len(self._phrases)]
        if bar.section.kind in ("verse", "break") and place // 2 % 2:
            return  # every other phrase rests
        half = place % 2 * STEPS_PER_BAR
        for tone in phrase if level else ():
            if half <= tone.step < half + STEPS_PER_BAR:
                pitch = sing(tone, bar.chord, self._mood.register, self._key)
                step = tone.step - half
                yield self._note(bar, step, tone.length, self._mood.voices["lead"], pitch, tone.velocity * level, 0.08)

    def _drums(self, bar: _Bar) -> Iterator[Note]:
        for drum, row in self._groove.drums.items():
            level = bar.levels.get("tops" if drum in _TOPS else "drums", 0.0)
            if drum in _LOW_DRUMS and bar.section.kind == "outro":
                level = 0.8
            held_breath = bar.section.kind == "build" and bar.last and drum in _LOW_DRUMS
            for step, velocity in read_rhythm(row[:12] if held_breath else row) if level else ():
                yield self._note(bar, step, 1, drum, 0, velocity * level, _PANS.get(drum, 0.0))

    def _transition(self, bar: _Bar) -> Iterator[Note]:
        """Marks the seams: a roll or a fill at the end of a section, a crash and a boom where the drop begins."""
        section, drums = bar.section, self._groove.drums
        if section.kind == "drop" and bar.first and bar.index and self._mood.big:
            yield self._note(bar, 0, 1, "crash", 0, 0.8, 0.0)
            yield self._note(bar, 0, 1, "boom", 0, 0.8, 0.0)
        if section.kind == "build" and bar.first and self._mood.big:
            steps = (section.end - section.start) * STEPS_PER_BAR
            yield self._note(bar, 0, steps, "riser", 0, 0.7, 0.0)
        if not drums or not bar.last or section.kind not in ("build", "drop", "verse"):
            return
        rolls = section.kind == "build"
        drum = "tom" if "taiko" in drums else "snare"
        for step in range(0 if rolls else 12, STEPS_PER_BAR, 1 if rolls or self._mood.big else 2):
            velocity = 0.25 + 0.5 * step / STEPS_PER_BAR if rolls else 0.3 + 0.06 * (step - 12)
            yield self._note(bar, step, 1, drum, 0, velocity * (0.9 if self._mood.big else 0.6), 0.15)

    def _note(
        self, bar: _Bar, step: float, steps: float, voice_name: str, pitch: int, velocity: float, pan: float
    ) -> Note:
        swung = step + (self._mood.swing if int(step) % 2 and step < STEPS_PER_BAR else 0.0)
        start_s = (bar.index * STEPS_PER_BAR + swung) * self._step_s
        human = float(self._rng.standard_normal()), float(self._rng.standard_normal())
        if voice_name not in _ON_GRID:
            start_s += min(1.5, max(-1.5, human[0])) * self._mood.loose_ms / 2000.0
            velocity *= 1.0 + 0.06 * min(2.0, max(-2.0, human[1]))
        duration_s = max(0.03, steps * self._step_s)
        return Note(max(0.0, start_s), duration_s, voice_name, pitch, min(1.0, velocity), pan)


_PANS: Final = {"hat": 0.22, "open": -0.2, "shaker": 0.45, "tamb": -0.45, "rim": -0.18, "tom": 0.2}


def _spread(index: int, count: int) -> float:
    return 0.0 if count < 2 else 0.6 * (2 * index / (count - 1) - 1) * (1 if index % 2 else -1)


def _held(row: str, longest: int) -> list[tuple[int, int, float]]:
    """Hits of a row as (step, length, velocity): each lasts to the next or `longest` steps."""
    hits = read_rhythm(row)
    ends = [step for step, _ in hits[1:]] + [len(row)]
    return [(step, min(longest, end - step), velocity) for (step, velocity), end in zip(hits, ends, strict=True)]
