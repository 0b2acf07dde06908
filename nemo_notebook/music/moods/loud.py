"""Moods with force: orchestra and band."""

from __future__ import annotations

from typing import Final

from nemo_notebook.music.moods.mood import Groove, Mood

CINEMATIC: Final = Mood(
    "Cinematic",
    "电影感",
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
EPIC: Final = Mood(
    "Epic",
    "史诗",
    (92, 112),
    ("Am F C G", "Am F Dm E", "Dm Bb F C", "Am G F E"),
    "Am",
    (
        Groove(
            {
                "taiko": "9.569.569.569666",
                "tom": "..7...7...7..777",
                "boom": "9.......7.......",
                "snare": "............4.45",
            },
            "8.8.8.8.8.8.8.8.",
            "9.....8.....7...",
            "0020032002003020",
        ),
        Groove(
            {
                "taiko": "9..69..69.9.9.96",
                "tom": "...6...6....7.77",
                "boom": "9...............",
                "crash": "4...............",
            },
            "8..88..88.8.8.8.",
            "9..8..8...8.....",
            "0203020402030204",
        ),
    ),
    ("9.......7...8...9...........8...", "9...8...9.......8.......7.......", "8.....7.9...........8...7......."),
    {"chords": "brass", "pad": "choir", "bass": "low", "lead": "horn", "arp": "staccato", "double": "choir"},
    full_voices={"pad": "bigchoir"},
    fills=({"taiko": "........7.778888", "tom": "........6666.777", "snare": "........34567899"},),
    register=72,
    double_shift=0,
    loose_ms=5.0,
    reverb=(2.8, 0.34),
    drive=0.8,
    big=True,
)
ROCK: Final = Mood(
    "Rock",
    "摇滚",
    (118, 142),
    ("Am F C G", "Am C G F", "Am G F G", "C G Am F"),
    "Am",
    (
        Groove(
            {"rockkick": "9.....7.9.8.....", "rocksnare": "....9.......9...", "hat": "8.6.8.6.8.6.8.6."},
            "8.7.8.7.8.7.8.7.",
            "8.6.7.6.8.6.7.6.",
        ),
        Groove(
            {"rockkick": "9.......8.9...6.", "rocksnare": "....9.......9...", "open": "7...6...7...6..."},
            "8.8.8.8.8.8.8.8.",
            "9.....8.....8...",
        ),
        Groove(
            {"rockkick": "9..7....9.7.....", "rocksnare": "....9..3....9...", "open": "7.5.6.5.7.5.6.5."},
            "8.8.8.8.8.8.8.o.",
            "9..8..8...8.8...",
        ),
    ),
    ("8...7...8.7.....8...9...7.......", "8.8.7.......8...7.8.9...........", "....8.9.8...7...8.......7.6....."),
    {"chords": "chug", "bass": "pick", "lead": "solo"},
    full_voices={"chords": "power"},
    fills=(
        {"rocksnare": "........6.667788", "rockkick": "........8...8...", "tom": "............66.7"},
        {"tom": "........77.788.8", "rocksnare": "........5...5...", "rockkick": "........8...8..."},
    ),
    register=72,
    strum=0.0,
    loose_ms=5.0,
    reverb=(0.9, 0.1),
    drive=0.9,
)
