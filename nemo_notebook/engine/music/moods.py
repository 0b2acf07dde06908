"""The moods as data: tempo, harmony, grooves and who plays what.

Chords are written in C major / A minor; the seed moves them to a key. Grooves are 16 steps a bar: a digit is a hit with
its velocity in ninths, a dot a rest. An arpeggio's digits are places in the chord instead. Melody rhythms run two bars.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Groove:
    """Rhythms of one bar; empty where a part is silent."""

    drums: dict[str, str]
    bass: str = ""
    chords: str = "9..............."
    arp: str = ""


@dataclass(frozen=True, slots=True)
class Mood:
    """What makes a mood.

    Attributes:
        label_en: Name in English.
        label_zh: Name in Chinese.
        bpm: Lowest and highest tempo.
        progressions: Chord names; one is chosen for a track, another for its middle.
        bars_per_chord: Bars that a chord lasts.
        tonic: The last chord.
        grooves: One is chosen.
        melodies: Rhythms of two bars for the lead.
        voices: Part (chords, pad, bass, lead, arp) to voice; a part that is missing is silent.
        register: MIDI pitch around which the lead sings.
        swing: Delay of every second step, in steps.
        loose_ms: Spread of human timing in milliseconds.
        reverb: Length in seconds and level of the room.
        duck: How far the kick pushes the other parts down, 0–1.
        dark_hz: Low-pass of the whole mix in hertz, or None.
        dust: Level of vinyl noise.
        big: Whether risers and booms mark the sections.
    """

    label_en: str
    label_zh: str
    bpm: tuple[float, float]
    progressions: tuple[str, ...]
    tonic: str
    grooves: tuple[Groove, ...]
    melodies: tuple[str, ...]
    voices: dict[str, str]
    bars_per_chord: int = 1
    register: int = 74
    swing: float = 0.0
    loose_ms: float = 4.0
    reverb: tuple[float, float] = (1.6, 0.2)
    duck: float = 0.0
    dark_hz: float | None = None
    dust: float = 0.0
    big: bool = False


_LOFI: Final = Mood(
    "Lo-fi",
    "低保真",
    (72, 88),
    ("Dm9 G9 Cmaj9 Am9", "Fmaj9 Em7 Dm9 Cmaj9", "Am9 Fmaj9 Cmaj9 Em7", "Fmaj9 G9 Em7 Am9"),
    "Cmaj9",
    (
        Groove(
            {"kick": "9......5..8.....", "rim": "....8.......8...", "hat": "6.3.5.3.6.3.5.34"},
            "8......5..7...4.",
            "8.....5....4....",
        ),
        Groove(
            {"kick": "9.....6...8..5..", "rim": "....8..2....8...", "hat": "6.4.5.3.6.4.5.3."},
            "8.....6...7.....",
            "7..5......6.....",
        ),
    ),
    ("..7.6..7........6.7..6..5.......", "7...6.7...6.........7..6.5......", "....7.6.7..............6.7.6...."),
    {"chords": "rhodes", "bass": "sub", "lead": "bell", "pad": "warm"},
    register=76,
    swing=0.28,
    loose_ms=9.0,
    reverb=(1.3, 0.16),
    duck=0.18,
    dark_hz=7500.0,
    dust=0.004,
)
_CHILL: Final = Mood(
    "Chill",
    "舒缓",
    (88, 104),
    ("Fmaj9 Am7 Cmaj9 G6", "Cmaj9 Em7 Am9 Fmaj9", "Am9 G6 Fmaj9 Cmaj9"),
    "Cmaj9",
    (
        Groove(
            {
                "kick": "9.........7.....",
                "clap": "....6.......6...",
                "hat": "4.5.4.5.4.5.4.53",
                "shaker": "3232323232323232",
            },
            "8.....5...7...5.",
            "7...............",
            "0..2..3..1..3..2",
        ),
        Groove(
            {
                "kick": "9.....6...8.....",
                "clap": "....6.......6..3",
                "hat": "..6...6...6...6.",
                "shaker": "3.4.3.4.3.4.3.4.",
            },
            "8.....6...7.....",
            "7..........4....",
            "0.2.3.2.1.3.2.3.",
        ),
    ),
    ("7.....6...7...........6.7.......", "..7..6..7...........7..6..5.....", "7..6..7.....6...7..............."),
    {"chords": "rhodes", "pad": "warm", "bass": "round", "lead": "flute", "arp": "pluck"},
    swing=0.1,
    loose_ms=6.0,
    reverb=(2.2, 0.26),
    duck=0.25,
    dark_hz=13000.0,
)
_UPBEAT: Final = Mood(
    "Upbeat",
    "轻快",
    (112, 128),
    ("C G Am F", "F C G Am", "F G Am C", "Am F C G"),
    "C",
    (
        Groove(
            {
                "kick": "9...8...9...8...",
                "clap": "....9.......9...",
                "hat": "5.3.5.3.5.3.5.3.",
                "open": "..6...6...6...6.",
                "shaker": "4343434343434343",
            },
            "8.6.8.6.8.6.8.6.",
            "8..7..6.8..7..6.",
            "0.2.3.2.4.3.2.3.",
        ),
        Groove(
            {
                "kick": "9...8...9...8..4",
                "clap": "....9.......9...",
                "hat": "..7...7...7...7.",
                "open": "..5...5...5...6.",
                "tamb": "..5.5...5.5...5.",
            },
            "8..7..8...8..7..",
            "8..8..7..7..6...",
            "0230230230230423",
        ),
    ),
    ("8..7..8...7.8...8..7..6.........", "8.7.8...7.8.....8.7.6...8.......", "8..8..7.8.......7..7..8...6....."),
    {"chords": "stab", "pad": "bright", "bass": "punch", "lead": "lead", "arp": "pluck"},
    register=77,
    loose_ms=3.0,
    reverb=(1.4, 0.18),
    duck=0.5,
    big=True,
)
_CINEMATIC: Final = Mood(
    "Cinematic",
    "史诗",
    (66, 92),
    ("Am F C G", "Am C G F", "Am Dm F G", "F G Am C"),
    "Am",
    (
        Groove(
            {"taiko": "9..5..7.8...5.66", "tom": "....5.5.....5.77", "boom": "9..............."},
            "9.......7.......",
            "9...............",
            "0.0.2.0.0.3.0.2.",
        ),
        Groove(
            {"taiko": "9.....6.8..6..6.", "tom": "...5...5..5..567", "boom": "9..............."},
            "9.....6.7.......",
            "9...............",
            "0020032002003020",
        ),
    ),
    ("8.......7...8...9...........7...", "8...........7...8.......9.......", "9.......8.......7...8..........."),
    {"chords": "strings", "pad": "choir", "bass": "low", "lead": "horn", "arp": "staccato"},
    register=69,
    loose_ms=7.0,
    reverb=(3.2, 0.4),
    big=True,
)
_SAD: Final = Mood(
    "Sad",
    "伤感",
    (60, 74),
    ("Am Em F C", "Am F C Em", "Dm Am F C", "F C Em Am"),
    "Am",
    (
        Groove({}, "7.......5.......", "7...............", "0.2.3.2.4.3.2.3."),
        Groove({}, "7.........5.....", "7.......4.......", "0...2.3...4.3.2."),
    ),
    ("....7.......6.......7...5.......", "7.......6...5.......7...........", "........7...6...7.......5......."),
    {"chords": "piano", "pad": "strings", "bass": "round", "lead": "piano", "arp": "piano"},
    register=74,
    loose_ms=11.0,
    reverb=(2.8, 0.32),
)
_AMBIENT: Final = Mood(
    "Ambient",
    "氛围",
    (60, 80),
    ("Fmaj9 Cmaj9", "Am9 Fmaj9 Cmaj9 G6", "Fmaj9 Am9 Dm9 Cmaj9"),
    "Cmaj9",
    (
        Groove({}, "6...............", "5...............", "0.....2.....3..."),
        Groove({}, "6...............", "5...............", "0..3....2....4.."),
    ),
    ("5...............4...............", "........5...................4...", "5...........................4..."),
    {"chords": "choir", "pad": "warm", "bass": "sub", "lead": "bell", "arp": "bell"},
    bars_per_chord=2,
    register=79,
    loose_ms=14.0,
    reverb=(4.0, 0.5),
)
_HOUSE: Final = Mood(
    "House",
    "浩室",
    (119, 127),
    ("Am9 Fmaj7 Cmaj7 Em7", "Dm9 Am7 Fmaj7 Em7", "Fmaj7 Em7 Am9 Dm9"),
    "Am9",
    (
        Groove(
            {
                "kick": "9...9...9...9...",
                "clap": "....8.......8...",
                "open": "..7...7...7...7.",
                "hat": "4.2.4.2.4.2.4.24",
                "shaker": "3243324332433243",
            },
            "..8...8...8..68.",
            "8..8...7..8.....",
        ),
        Groove(
            {
                "kick": "9...9...9...9...",
                "clap": "....8.......8..3",
                "open": "..7...7...7...7.",
                "rim": "...5..5...5..5..",
                "shaker": "4.344.344.344.34",
            },
            "..87..8...87..8.",
            "..8..8....8..7..",
        ),
    ),
    ("7..7...6..7.....7..6...7........", "..7..7..6.......7..7..6.........", "7...6..7..6...........7..6......"),
    {"chords": "stab", "pad": "warm", "bass": "punch", "lead": "bell", "arp": "pluck"},
    register=76,
    swing=0.08,
    loose_ms=2.5,
    reverb=(1.7, 0.2),
    duck=0.6,
    big=True,
)

MOODS: Final[dict[str, Mood]] = {
    "lofi": _LOFI,
    "chill": _CHILL,
    "upbeat": _UPBEAT,
    "cinematic": _CINEMATIC,
    "sad": _SAD,
    "ambient": _AMBIENT,
    "house": _HOUSE,
}
