"""Quiet moods: hardly a drum, much room."""

from __future__ import annotations

from typing import Final

from nemo_notebook.music.moods.mood import Groove, Mood

SAD: Final = Mood(
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
AMBIENT: Final = Mood(
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
ROMANTIC: Final = Mood(
    "Romantic",
    "浪漫",
    (60, 74),
    ("Cadd9 Am7 Fmaj7 G", "Fmaj7 G Em7 Am7", "Cadd9 Em7 Fmaj7 Gsus4", "Am7 Fmaj7 Cadd9 G"),
    "Cadd9",
    (
        Groove({}, "7.....6...f.", "6...........", "024354024354"),
        Groove({}, "7...........", "6.....5.....", "0243.5.42.43"),
    ),
    ("....7.....6.7.......6...5.......", "7.......6.7.....8.......6...5...", "7.....6.8...........7.6.5......."),
    {"chords": "piano", "pad": "strings", "bass": "round", "lead": "violin", "arp": "piano", "double": "strings"},
    register=76,
    double_shift=-12,
    loose_ms=10.0,
    reverb=(2.6, 0.3),
)
DARK: Final = Mood(
    "Dark",
    "暗黑",
    (72, 90),
    ("Am Am Bb Am", "Am F Bb Am", "Am Dm Bb Gm", "Am Bb Gm Am"),
    "Am",
    (
        Groove(
            {"boom": "9...............", "kick": "9..7............", "tick": "..2...2...2...2."},
            "8.5.8.5.8.5.8.56",
            "6...............",
            "0.......3.......",
        ),
        Groove(
            {
                "boom": "9...............",
                "kick": "9.........7.....",
                "rim": "............4...",
                "tick": "2.2.2.2.2.2.2.2.",
            },
            "85.585.585.585.5",
            "6.........5.....",
            "0.....2.....1...",
        ),
    ),
    ("7...........6...8...............", "........7.....6.8...............", "7.......8.......6..............."),
    {"chords": "choir", "pad": "warm", "bass": "growl", "lead": "cello", "arp": "toybox", "drone": "drone"},
    register=60,
    scale=(9, 10, 0, 4, 5),
    loose_ms=6.0,
    reverb=(4.2, 0.42),
    drive=0.5,
    dark_hz=8000.0,
    big=True,
)
