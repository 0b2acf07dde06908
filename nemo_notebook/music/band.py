"""The players: melody, chords, pad, bass, arpeggio and drums, from bars to notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from nemo_notebook.music.drums import drum as drum_of
from nemo_notebook.music.harmony import Chord, bass_pitch, bass_tone, nearest, scale_pitch
from nemo_notebook.music.moods import Groove, Mood
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.score import STEPS_PER_BAR, Bar, Note, Pen, held, read_row, spread

_LONGEST: Final = 10  # steps that a tone is held at most
_MOVES: Final = (-2, -1, -1, 1, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Tone:
    """One tone of a motif: place and length in steps, height in scale places, velocity 0–1."""

    step: int
    length: int
    height: int
    velocity: float


def read_rhythm(row: str) -> list[tuple[int, float]]:
    """Hits of a row of two bars as (step, velocity 0–1)."""
    return [(step, int(mark) / 9) for step, mark in enumerate(row) if mark != "."]


def phrases(rhythms: tuple[str, ...], seed: int) -> tuple[tuple[Tone, ...], ...]:
    """Four phrases of two bars: motif, answer, motif with a lift, and a contrast that comes home."""
    rng = np.random.default_rng([abs(seed), 11])
    order = rng.permutation(len(rhythms))
    motif = _motif(rhythms[order[0]], rng)
    other = _motif(rhythms[order[1 % len(order)]], rng)
    answer = tuple(replace(t, height=t.height - 1) if i >= len(motif) - 2 else t for i, t in enumerate(motif))
    lifted = tuple(replace(t, height=t.height + 1) if i >= len(motif) // 2 else t for i, t in enumerate(motif))
    return motif, answer, lifted, (*other[:-1], replace(other[-1], height=0))


def _motif(row: str, rng: np.random.Generator) -> tuple[Tone, ...]:
    hits = read_rhythm(row)
    ends = [step for step, _ in hits[1:]] + [2 * STEPS_PER_BAR]
    height = int(rng.integers(0, 3))
    tones: list[Tone] = []
    for (step, velocity), end in zip(hits, ends, strict=True):
        tones.append(Tone(step, min(_LONGEST, end - step), height, velocity))
        move = int(rng.choice(_MOVES))
        height += -abs(move) if height > 3 else abs(move) if height < -2 else move
    return tuple(tones)


def sing(tone: Tone, chord: Chord, mood: Mood, key: int) -> int:
    """MIDI pitch of a tone over a chord: on a beat or when held a chord tone, else one of the scale."""
    pitch = scale_pitch(mood.register, tone.height, key, mood.scale)
    held = tone.step % 4 == 0 or tone.length >= 4
    return nearest(pitch, chord.tones) if held else pitch


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


_TOPS: Final = frozenset({"hat", "open", "shaker", "tamb", "tick", "ride", "pedal", "brush"})
_LOW: Final = ("kick", "rockkick", "boom", "taiko", "cajon")
_USUAL_FILLS: Final = ({"snare": "........3.4.5566"}, {"snare": "..........5.4566", "kick": "........7......."})
_TAIKO_FILL: Final = {"tom": "........34455667", "taiko": "........6...6.78"}
_CRASH_BARS: Final = 2  # crashes at cuts keep so far apart


class Drummer:
    """Plays bars on drums; silent, but for cuts, where the groove has none."""

    def __init__(self, recipe: Recipe, mood: Mood) -> None:
        self._mood = mood
        self._pen = Pen(recipe, mood, 7)
        self._grooves = pick_grooves(mood, recipe.seed)
        self._crash = -_CRASH_BARS

    def bar(self, bar: Bar) -> Iterator[Note]:
        """All notes of a bar."""
        fill, filled_from = self._fill(bar)
        for drum, row in self._groove(bar).drums.items():
            until = filled_from
            if bar.section.kind == "build" and bar.last and drum in _LOW:
                until = min(until, 12)  # the breath before the drop
            yield from self._play(bar, drum, row, 0, until)
        for drum, row in fill.items():
            yield from self._play(bar, drum, row, filled_from, STEPS_PER_BAR)
        yield from self._seam(bar)
        yield from self._accents(bar)

    def ending(self, bar: Bar) -> Iterator[Note]:
        """The last hit."""
        for drum in (drum for drum in _LOW if drum in self._groove(bar).drums):
            yield self._hit(bar, 0, drum, 0.9)
        if self._mood.big or "rockkick" in self._groove(bar).drums:
            yield self._hit(bar, 0, "crash", 0.6)
        yield from self._accents(bar)

    def _groove(self, bar: Bar) -> Groove:
        return self._grooves[1 if bar.full else 0]

    def _play(self, bar: Bar, drum: str, row: str, first: int, until: int) -> Iterator[Note]:
        level = bar.levels.get("tops" if drum in _TOPS else "drums", 0.0)
        if drum in _LOW and bar.section.kind == "outro":
            level = 0.8
        for step, velocity, _ in read_row(row) if level else ():
            if first <= step < until:
                yield self._hit(bar, step, drum, velocity * level)

    def _fill(self, bar: Bar) -> tuple[dict[str, str], int]:
        """The fill of a bar and the step from which it takes the groove's place; 16 where there is none."""
        if not self._groove(bar).drums or bar.section.kind not in ("drop", "verse"):
            return {}, STEPS_PER_BAR
        usual = (_TAIKO_FILL,) if "taiko" in self._groove(bar).drums else _USUAL_FILLS
        fills = self._mood.fills or usual
        fill = fills[bar.index // 4 % len(fills)]
        if bar.last:
            return fill, 8
        return (fill, 12) if bar.place % 4 == 3 else ({}, STEPS_PER_BAR)

    def _seam(self, bar: Bar) -> Iterator[Note]:
        """A riser and a roll lead to a drop; a crash and a boom open it."""
        if not self._mood.big:
            if bar.full and bar.place == 0 and bar.index and "rockkick" in self._groove(bar).drums:
                yield self._crashed(bar, 0, 0.8)
            return
        if bar.section.kind == "drop" and bar.place == 0 and bar.index:
            yield self._crashed(bar, 0, 0.8)
            yield self._hit(bar, 0, "boom", 0.8)
        if bar.section.kind != "build":
            return
        if bar.place == 0:
            steps = (bar.section.end - bar.section.start) * STEPS_PER_BAR
            yield self._pen.write(bar, 0, steps, "drums", "riser", 0, 0.7, 0.0)
        if bar.last and self._groove(bar).drums:
            drum = "tom" if "taiko" in self._groove(bar).drums else "snare"
            for step in (*range(0, 8, 2), *range(8, 12), *(s / 2 for s in range(24, 31))):
                yield self._hit(bar, step, drum, 0.22 + 0.5 * step / STEPS_PER_BAR)

    def _accents(self, bar: Bar) -> Iterator[Note]:
        """A low drum at every cut, and a crash where the last one has rung out."""
        drums = self._groove(bar).drums
        low = next((drum for drum in _LOW if drum in drums), "")
        for step in bar.cuts:
            if low:
                yield self._hit(bar, step, low, 0.95 if bar.levels.get("drums") else 0.6, straight=True)
            if drums and bar.levels.get("tops") and bar.index - self._crash >= _CRASH_BARS:
                yield self._crashed(bar, step, 0.6 if bar.full else 0.4)

    def _crashed(self, bar: Bar, step: float, velocity: float) -> Note:
        self._crash = bar.index
        return self._hit(bar, step, "crash", velocity, straight=True)

    def _hit(self, bar: Bar, step: float, drum: str, velocity: float, straight: bool = False) -> Note:
        return self._pen.write(bar, step, 1, "drums", drum, 0, velocity, drum_of(drum).pan, straight=straight)
