"""Whoever plays tones: one method for each part of the band."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nemo_notebook.music.harmony import bass_pitch, bass_tone
from nemo_notebook.music.melody import Tone, phrases, sing
from nemo_notebook.music.moods import Groove, Mood
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.score import STEPS_PER_BAR, Bar, Note, Pen, held, spread

_SHORT: Final = frozenset({"stab", "chug", "ukulele", "supersaw"})  # never held
_SLOW: Final = frozenset({"choir", "strings"})  # too soft for an accent; whoever plays the arpeggio strikes it
_MUTED_ROW: Final = "8.6.7.6.8.6.7.6."  # a guitar muted by the palm keeps the eighths going
_CALM_SHARE: Final = 0.7  # of short chords where little else plays
_FIFTHS: Final = frozenset({"power", "chug"})  # voices that sound a root and its fifth by themselves
_LONG_BASS: Final = frozenset({"eight", "upright"})
_LOWEST_FIFTH: Final = 40


class Band:
    """Plays bars: chords, pad, bass, arpeggio and melody."""

    def __init__(self, recipe: Recipe, mood: Mood, key: int) -> None:
        self._mood, self._key = mood, key
        self._pen = Pen(recipe, mood, 3)
        self._total_steps = recipe.beats * 4
        self._phrases = phrases(mood.melodies, recipe.seed)
        self._grooves = pick_grooves(mood, recipe.seed)

    def bar(self, bar: Bar) -> Iterator[Note]:
        """All notes of a bar."""
        yield from self._pad(bar)
        yield from self._drone(bar)
        yield from self._chords(bar)
        yield from self._bass(bar)
        yield from self._arp(bar)
        yield from self._lead(bar)
        yield from self._accents(bar)

    def ending(self, bar: Bar) -> Iterator[Note]:
        """The last chord, struck once and held to the end of the track."""
        steps = max(4.0, self._total_steps - bar.index * STEPS_PER_BAR)
        for part, pitches, velocity in (("pad", bar.pad_voicing, 0.6), ("chords", self._voicing(bar), 0.75)):
            voice = self._voice(part, True)
            for i, pitch in enumerate(pitches if voice else ()):
                pan = spread(i, len(pitches))
                yield self._pen.write(bar, i * 0.12, steps, part, voice, pitch, velocity, pan)
        yield self._pen.write(bar, 0, steps, "bass", self._voice("bass", True), bass_pitch(bar.chord), 0.8, 0.0)
        top = sing(Tone(0, STEPS_PER_BAR, 0, 0.7), bar.chord, self._mood, self._key)
        yield self._pen.write(bar, 0.5, min(steps, 12.0), "lead", self._voice("lead", False), top, 0.6, 0.1)
        yield from self._accents(bar)

    def _voice(self, part: str, full: bool) -> str:
        """Who plays a part; empty where nobody does."""
        usual = self._mood.voices.get(part, "")
        return self._mood.full_voices.get(part, usual) if full else usual

    def _voicing(self, bar: Bar) -> tuple[int, ...]:
        """The tones of the chord part: one low root where the voice makes a fifth of it."""
        if self._voice("chords", bar.full) in _FIFTHS:
            return (_LOWEST_FIFTH + (bar.chord.root - _LOWEST_FIFTH) % 12,)
        return bar.voicing

    def _groove(self, bar: Bar) -> Groove:
        return self._grooves[1 if bar.full else 0]

    def _pad(self, bar: Bar) -> Iterator[Note]:
        voice, level = self._voice("pad", bar.full), bar.levels.get("pad", 0.0)
        if not voice or not level or bar.place % self._mood.bars_per_chord:
            return
        steps = STEPS_PER_BAR * min(self._mood.bars_per_chord, bar.section.end - bar.index)
        for i, pitch in enumerate(bar.pad_voicing):
            yield self._pen.write(bar, 0, steps, "pad", voice, pitch, 0.6 * level, spread(i, len(bar.pad_voicing)))

    def _drone(self, bar: Bar) -> Iterator[Note]:
        """The key's own tone below everything, two bars at a time."""
        voice, level = self._voice("drone", bar.full), bar.levels.get("drone", 0.0)
        if voice and level and not bar.place % 2:
            steps = STEPS_PER_BAR * min(2, bar.section.end - bar.index)
            pitch = 33 + (self._key + 9 - 33) % 12
            yield self._pen.write(bar, 0, steps, "drone", voice, pitch, 0.7 * level, 0.0)

    def _chords(self, bar: Bar) -> Iterator[Note]:
        voice, level = self._voice("chords", bar.full), bar.levels.get("chords", 0.0)
        if not level:
            return
        calm = bar.section.kind in ("intro", "break")
        row = "8..............." if calm and voice not in _SHORT else self._groove(bar).chords
        row = _MUTED_ROW if voice == "chug" else row
        level *= _CALM_SHARE if calm and voice in _SHORT else 1.0
        longest = 3.0 if voice in _SHORT else float(STEPS_PER_BAR)
        if bar.place == 0 and row[:1] == ".":
            row = "7" + row[1:]  # a section begins on its first beat
        pitches = self._voicing(bar)
        for step, length, velocity, _ in held(row, longest):
            up = self._mood.strum > 0.1 and step % 4 in (2.0, 3.0)
            for i, pitch in enumerate(reversed(pitches) if up else pitches):
                late = step + i * self._mood.strum * (0.5 if up else 1.0)  # a hand never strikes all at once
                pan = 0.7 * spread(i, len(pitches))
                loud = velocity * level * (0.8 if up else 1.0)
                yield self._pen.write(bar, late, length, "chords", voice, pitch, loud, pan)

    def _bass(self, bar: Bar) -> Iterator[Note]:
        level = bar.levels.get("bass", 0.0)
        voice = self._voice("bass", bar.full)
        held_on = not self._groove(bar).drums  # without drums, the bass carries
        longest = float(STEPS_PER_BAR) if held_on else 10.0 if voice in _LONG_BASS else 6.0
        for step, length, velocity, mark in held(self._groove(bar).bass, longest) if level else ():
            leading = bar.last and step >= 12 and mark.isdigit()
            pitch = bass_tone(bar.chord, bar.after, "a" if leading and bar.after != bar.chord else mark)
            yield self._pen.write(bar, step, length * 0.92, "bass", voice, pitch, velocity * level, 0.0)

    def _arp(self, bar: Bar) -> Iterator[Note]:
        voice, level = self._voice("arp", bar.full), bar.levels.get("arp", 0.0)
        if not voice or not level:
            return
        row = self._groove(bar).arp
        tones = [*bar.voicing, *(p + 12 for p in bar.voicing)]
        for place, mark in enumerate(row):
            if mark != ".":
                step = place * STEPS_PER_BAR / len(row)
                accent = 0.62 if step % 4 == 0 else 0.45
                pan = 0.5 if place // 2 % 2 else -0.5
                pitch = tones[int(mark) % len(tones)] + (12 if tones[0] < 60 else 0)
                yield self._pen.write(bar, step, 2, "arp", voice, pitch, accent * level, pan)

    def _lead(self, bar: Bar) -> Iterator[Note]:
        level = bar.levels.get("lead", 0.0)
        phrase = self._phrases[bar.place // 2 % len(self._phrases)]
        if not level or (bar.section.kind in ("verse", "break") and bar.place // 2 % 2):
            return  # every other phrase rests
        half = bar.place % 2 * STEPS_PER_BAR
        doubled = bar.levels.get("double", 0.0) if bar.place >= 4 or bar.section.end - bar.section.start < 6 else 0.0
        players = (("lead", level, 0, 0.08), ("double", doubled, self._mood.double_shift, -0.25))
        for tone in phrase:
            if not half <= tone.step < half + STEPS_PER_BAR:
                continue
            pitch = sing(tone, bar.chord, self._mood, self._key)
            for part, loud, shift, pan in players:
                voice = self._voice(part, bar.full)
                if voice and loud:
                    step = tone.step - half
                    velocity = tone.velocity * loud
                    yield self._pen.write(bar, step, tone.length, part, voice, pitch + shift, velocity, pan)

    def _accents(self, bar: Bar) -> Iterator[Note]:
        """A chord and its root at every cut, so that it is heard even where nobody else plays."""
        for step in bar.cuts:
            steps = min(6.0, STEPS_PER_BAR - step)
            chords = self._voice("chords", bar.full)
            voice = self._voice("arp", bar.full) if chords in _SLOW else chords
            pitches = self._voicing(bar)
            for i, pitch in enumerate(pitches):
                pan = 0.7 * spread(i, len(pitches))
                yield self._pen.write(bar, step, steps, "chords", voice, pitch, 0.8, pan, straight=True)
            bass, root = self._voice("bass", bar.full), bass_pitch(bar.chord)
            yield self._pen.write(bar, step, steps, "bass", bass, root, 0.7, 0.0, straight=True)


def pick_grooves(mood: Mood, seed: int) -> tuple[Groove, Groove]:
    """The groove of most sections, and that of the full ones."""
    order = np.random.default_rng([abs(seed), 4]).permutation(len(mood.grooves))
    return mood.grooves[order[-1]], mood.grooves[order[0]]
