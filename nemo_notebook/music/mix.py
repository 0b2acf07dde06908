"""From a recipe to samples: compose, mix, balance, fade, and master."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from nemo_notebook.music import dsp
from nemo_notebook.music.compose import compose
from nemo_notebook.music.drums import DRUMS, drum, hit
from nemo_notebook.music.dsp import RATE, Samples, decay, hertz, noise
from nemo_notebook.music.instruments import VOICES
from nemo_notebook.music.mastering import balance, master
from nemo_notebook.music.moods import MOODS, Mood
from nemo_notebook.music.recipe import Recipe
from nemo_notebook.music.score import Note, Score

BLOCK: Final = 1 << 18  # 5.5 s
_CACHE_BYTES: Final = 24 << 20
_DUCK_BEATS: Final = 0.5
_ECHO_BEATS: Final = 0.75
_KICKS: Final = frozenset({"kick", "rockkick"})
_ROOM_LOW_HZ: Final = 220.0  # below this the room only muddies


class _Bus:
    """Adds sounds at any place of the current block, and carries what rings past its end into the next."""

    def __init__(self, rows: int) -> None:
        self._samples = np.zeros((rows, BLOCK), np.float32)

    def add(self, at: int, sound: Samples) -> None:
        """Adds rows of samples from `at` on, counted from the start of the block."""
        end = at + sound.shape[-1]
        if end > self._samples.shape[1]:
            self._samples = np.pad(self._samples, ((0, 0), (0, end - self._samples.shape[1])))
        self._samples[:, at:end] += sound

    def take(self) -> Samples:
        """The finished block; the bus moves on."""
        done, rest = self._samples[:, :BLOCK], self._samples[:, BLOCK:]
        self._samples = np.pad(rest, ((0, 0), (0, max(0, BLOCK - rest.shape[1]))))
        return done


class _Convolver:
    """Overlap-add convolution of blocks with fixed responses, one for each row of the output."""

    def __init__(self, responses: Samples) -> None:
        length = responses.shape[1]
        self._size = 1 << (BLOCK + length - 2).bit_length()
        self._responses = np.fft.rfft(responses, self._size)
        self._bus = _Bus(responses.shape[0])

    def __call__(self, block: Samples) -> Samples:
        spectrum = np.fft.rfft(np.atleast_2d(block), self._size)
        self._bus.add(0, np.fft.irfft(dsp.times(spectrum, self._responses), self._size).astype(np.float32))
        return self._bus.take()


class _Sounds:
    """Sounds of notes, kept while there is room: most notes come again."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int, int], Samples] = {}
        self._bytes = 0

    def of(self, note: Note) -> Samples:
        if note.voice in DRUMS:
            return hit(note.voice, round(note.duration_s, 2) if note.voice == "riser" else 0.0)
        key = (note.voice, note.pitch, round(note.duration_s * 100))
        sound = self._kept.get(key)
        if sound is None:
            sound = VOICES[note.voice].play(hertz(note.pitch), key[2] / 100)
            self._kept[key] = sound
            self._bytes += sound.nbytes
            while self._bytes > _CACHE_BYTES:
                self._bytes -= self._kept.pop(next(iter(self._kept))).nbytes
        return sound


def blocks(score: Score, mood: Mood, seed: int) -> Iterator[Samples]:
    """The mix of a score as blocks of (2, `BLOCK`) samples, without end: silence follows its last note.

    Args:
        score: What is played.
        mood: Sets room, ducking, darkness and dust.
        seed: Chooses the room's noise.
    """
    mixer = _Mixer(score, mood)
    room = _Convolver(_room(mood, seed))
    dark = _Convolver(np.stack([_low_pass(mood.dark_hz)] * 2)) if mood.dark_hz else None
    dust = _dust(seed) * mood.dust if mood.dust else np.float32(0.0)
    while True:
        dry, send = mixer.next()
        out = dry + mood.reverb[1] * room(send)
        if mood.drive:
            out = dsp.tanh(np.float32(mood.drive) * out) / np.float32(mood.drive)
        yield (dark(out) if dark else out) + dust


class _Mixer:
    """Places the notes on three buses: what the kick ducks, what it does not, and what goes to the room."""

    def __init__(self, score: Score, mood: Mood) -> None:
        self._notes = iter(score.notes)
        self._next = next(self._notes, None)
        self._mood = mood
        self._tempo = score.tempo
        self._kicks = np.array([n.start_s * RATE for n in score.notes if n.voice in _KICKS])
        self._ducked, self._free, self._send = _Bus(2), _Bus(2), _Bus(1)
        self._sounds = _Sounds()
        self._start = 0

    def next(self) -> tuple[Samples, Samples]:
        """The dry block (2, BLOCK) and the block for the room (1, BLOCK)."""
        while self._next is not None and self._next.start_s * RATE < self._start + BLOCK:
            self._place(self._next)
            self._next = next(self._notes, None)
        dry = self._free.take() + self._ducked.take() * self._duck()
        self._start += BLOCK
        return dry, self._send.take()

    def _place(self, note: Note) -> None:
        at = max(0, round(note.start_s * RATE) - self._start)
        sound = self._sounds.of(note)
        if note.voice in DRUMS:
            part = drum(note.voice)
            level = np.float32(part.gain * note.velocity**1.4)
            self._free.add(at, _panned(sound * level, note.pan))
            self._send.add(at, sound * (level * np.float32(part.room)))
            return
        voice = VOICES[note.voice]
        bus = self._ducked if voice.duck >= 0.5 else self._free
        gains: tuple[tuple[int, float, float], ...] = ((0, 1.0, note.pan),)
        if voice.echo:
            echo = round(_ECHO_BEATS * self._beat_s(note.start_s) * RATE)
            gains += ((echo, voice.echo, 0.7), (2 * echo, voice.echo * 0.5, -0.7))
        for late, share, pan in gains:
            heard = _panned(sound * np.float32(voice.gain * share * note.velocity**1.2), pan)
            bus.add(at + late, heard)
            if voice.room:
                self._send.add(at + late, heard.mean(axis=0) * np.float32(voice.room))

    def _beat_s(self, time_s: float) -> float:
        """Length of a beat at a time, in seconds."""
        return 60.0 / self._tempo.bpm_at(self._tempo.beat_at(time_s * 1000.0))

    def _duck(self) -> Samples:
        """Gain for each sample of the block: down at every kick, and back within half a beat."""
        gain = np.ones(BLOCK, np.float32)
        width = round(_DUCK_BEATS * self._beat_s(self._start / RATE) * RATE)
        if not self._mood.duck or not self._kicks.size:
            return gain
        curve = 1.0 - self._mood.duck * np.cos(np.linspace(0, np.pi / 2, width)) ** 1.5
        curve[:96] = np.linspace(1.0, curve[96], 96)  # 2 ms down: no click
        for kick in self._kicks[(self._kicks > self._start - width) & (self._kicks < self._start + BLOCK)]:
            first = round(float(kick)) - self._start
            low, high = max(0, first), min(BLOCK, first + width)
            gain[low:high] = np.minimum(gain[low:high], curve[low - first : high - first])
        return gain


def _panned(sound: Samples, pan: float) -> Samples:
    """Left and right rows at constant power; a sound that is wide already is only leant to one side."""
    angle = (pan + 1) * np.pi / 4
    sides = np.array([[np.cos(angle)], [np.sin(angle)]], np.float32) * np.float32(2**0.5)
    return np.atleast_2d(sound) * sides


def _room(mood: Mood, seed: int) -> Samples:
    """A room's response, two rows: noise whose highs die before its lows, after 18 ms of nothing."""
    n = round(mood.reverb[0] * RATE)
    rows = []
    for side in (0, 1):
        bands = ((_ROOM_LOW_HZ, 1200, 1.0), (1200, 4000, 0.7), (4000, 10_000, 0.4))
        tail = sum(
            noise(n, 100 + 7 * side + i + seed % 5, low, high) * decay(n, mood.reverb[0] * long / 6.9)
            for i, (low, high, long) in enumerate(bands)
        )
        rows.append(np.pad(tail / np.sqrt(np.sum(np.square(tail))), (round(0.018 * RATE), 0)))
    return np.stack(rows).astype(np.float32)


def _low_pass(cut_hz: float) -> Samples:
    """The response of a second-order Butterworth low-pass (bilinear), 1024 samples, as a single row."""
    k = np.tan(np.pi * cut_hz / RATE)
    scale = 1 / (1 + 2**0.5 * k + k * k)
    b0, a1, a2 = k * k * scale, 2 * (k * k - 1) * scale, (1 - 2**0.5 * k + k * k) * scale
    y1 = y2 = 0.0
    out = np.zeros(1024, np.float32)
    for i, x in enumerate((b0, 2 * b0, b0, *[0.0] * 1021)):
        y1, y2 = x - a1 * y1 - a2 * y2, y1
        out[i] = y1
    return out


def _dust(seed: int) -> Samples:
    """A block of vinyl: hiss and some crackles, two rows, at about 1.0."""
    rng = np.random.default_rng([abs(seed), 5])
    hiss = np.stack([noise(BLOCK, 60 + side, 800, 7000) for side in (0, 1)]) * np.float32(0.25)
    for at in rng.integers(0, BLOCK - 400, 60):
        hiss[:, at : at + 400] += noise(400, int(at), 1500, 6000) * decay(400, 0.0008) * rng.uniform(1, 9)
    return hiss.astype(np.float32)


def synthesize(recipe: Recipe) -> Samples:
    """The sound of a recipe.

    Returns:
        float32 samples of shape (n, 2) at 48 kHz with n = length_ms · 48, at −14 LUFS with true peaks below −1 dBTP; it
        begins and ends in silence, without a click. Equal recipes give equal samples.
    """
    sound = np.empty((recipe.length_ms * RATE // 1000, 2), np.float32)
    mix = blocks(compose(recipe), MOODS[recipe.mood], recipe.seed)
    for first in range(0, sound.shape[0], BLOCK):
        part = sound[first : first + BLOCK]
        part[:] = next(mix)[:, : part.shape[0]].T
    balance(sound, MOODS[recipe.mood].dark_hz)
    _fade(sound, recipe)
    master(sound)
    return sound


def _fade(sound: Samples, recipe: Recipe) -> None:
    """A millisecond in; out over the last bar, at most 2.5 s and a third of the whole."""
    rise = RATE // 1000
    sound[:rise] *= np.linspace(0, 1, rise, dtype=np.float32)[:, None]
    fall = round(min(2.5, 3.5 * recipe.beat_s, recipe.length_ms / 3000) * RATE)
    sound[-fall:] *= (dsp.cos(np.linspace(0, np.pi / 2, fall, dtype=np.float32)) ** 2)[:, None]
