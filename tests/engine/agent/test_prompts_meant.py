"""What a wish is meant of: the song's name, what replaces what, bars as times, the picture; see `test_prompts`."""

from __future__ import annotations

import pytest

from tests.engine.test_prompts import MV, ROW, SAME, SC, C, known, title, untrue

NAMED = [title("Night Drive", 0, 3), "len(titles) == 1"]
FLASHES = "flash on every cut"
JOINED = "{s.m['transition']['kind'] for s in shots[1:]} == {'dissolve'}"
QUIET = "not music[0].m['fade_in_ms'] and not music[0].m['fade_out_ms']"
DRAWN = "make a video with just a visualizer, no clips"

SONG_NAME = [
    ("name-of", SC, [MV, "add a title with the name of the song"], [*NAMED, "'understand' not in reply"]),
    ("on-screen", SC, [MV, "put the song's name on screen"], [*NAMED, "'Done' not in reply"]),
    ("title-it", SC, [MV, "title it with the song title"], NAMED),
    ("name-and-artist", SC, [MV, "add a title with the name of the song and the artist"],
     ["titles[0].m['text'] == 'Night Drive\\nAna Diaz'"]),
    ("name-at-end", SC, [MV, "show the song title at the end for 4 seconds"], [title("Night Drive", 16, 20)]),
    ("colon", SC, [MV, "title: the song's name"], NAMED),
    ("wanted", SC, [MV, "I want the song title on the video"], NAMED),
    ("bigger", SC, [MV, "show the song's name", "make the song title bigger"],
     ["len(titles) == 1 and titles[0].m['size'] == 'large'"]),
    ("with-film", SC, ["make a music video with the name of the song as a title"], [*NAMED, "len(shots) > 4"]),
    ("zh-added", SC, [MV, "给视频加上歌名"], NAMED),
    ("zh-put", SC, [MV, "把歌名放上去"], NAMED),
]  # fmt: skip

INSTEAD = [
    ("instead-of", SC, [MV, FLASHES, "crossfades instead of the flashes"], [JOINED, QUIET]),
    ("instead", SC, [MV, FLASHES, "use crossfades instead"], [JOINED, QUIET]),
    ("swap-for", SC, [MV, FLASHES, "swap the flashes for fades"], [JOINED, QUIET]),
    ("replace-with", SC, [MV, FLASHES, "replace the flashes with dissolves"], [JOINED, QUIET]),
    ("change-to", SC, [MV, "add wipes", "change the wipes to crossfades"], [JOINED, QUIET]),
    ("rather-than", SC, [MV, FLASHES, "rather than flashes I want crossfades"], [JOINED, QUIET]),
    ("not-but", SC, [MV, FLASHES, "not flashes but crossfades"], [JOINED, QUIET]),
    ("no-then", SC, [MV, FLASHES, "no flashes, crossfades please"], [JOINED, QUIET]),
    ("rather-have", SC, [MV, FLASHES, "I'd rather have crossfades than flashes"], [JOINED, QUIET]),
    ("fades-instead", SC, [MV, FLASHES, "fades instead"], [JOINED, QUIET]),
    ("made-into", SC, [MV, FLASHES, "can you make the flashes crossfades"], [JOINED, QUIET]),
    ("zh-bare", SC, [MV, FLASHES, "闪光改成叠化"], [JOINED, QUIET]),
    ("zh-not", SC, [MV, FLASHES, "不要闪白，要叠化"], [JOINED, QUIET]),
    ("zh-changed", SC, [MV, FLASHES, "把闪光换成淡入淡出"], [JOINED, QUIET]),
    ("zh-instead", SC, [MV, FLASHES, "用叠化代替闪白"], [JOINED, QUIET]),
    ("fades-for-cuts", C, [ROW, "add crossfades", "replace the fades with cuts"],
     ["not any(s.m.get('transition') for s in shots)", "not draft['m'].get('fade_in_ms')"]),
    ("just-cuts", C, [ROW, "add crossfades", "just cuts"], ["not any(s.m.get('transition') for s in shots)"]),
    ("normal-cuts", C, [ROW, "add crossfades", "back to normal cuts"],
     ["not any(s.m.get('transition') for s in shots)"]),
    ("look", SC, [MV, "black and white", "sepia instead of black and white"], ["draft['m']['filter'] == 'sepia'"]),
    ("shape", SC, [MV, "make it vertical", "square instead of vertical"],
     ["draft['m']['width'] == draft['m']['height']"]),
    ("mood", C, [ROW, "add jazz music", "lofi instead of the jazz"], ["music[0].m['music']['mood'] == 'lofi'"]),
    ("mood-first", C, [ROW, "not jazz but rock"], ["music[0].m['music']['mood'] == 'rock'"]),
    ("drawing", SC, [MV, "add a waveform", "bars instead of the waveform"], ["visual[0].m['style'] == 'bars'"]),
    ("zh-look", SC, [MV, "黑白", "把黑白换成复古"], ["draft['m']['filter'] == 'vintage'"]),
    ("words", C, [ROW, 'add a title "Noon"', 'title "Night" instead of "Noon"'],
     ["[t.text for t in titles] == ['Night']"]),
    ("words-not", C, [ROW, 'add a title "Noon"', '"Night" not "Noon"'], ["[t.text for t in titles] == ['Night']"]),
    ("words-new", C, [ROW, 'title "Night" instead of "Noon"'], ["[t.text for t in titles] == ['Night']"]),
    ("zh-words", C, [ROW, "加标题“中午”", "是“晚上”，不是“中午”"], ["[t.text for t in titles] == ['晚上']"]),
    ("at-the-drop", SC, [MV, 'text "GO" on the first beat of the drop'], ["[t.text for t in titles] == ['GO']"]),
    ("music-asked", SC, [MV, "change the music"], [SAME, "'sound' in reply and '?' in reply"]),
    ("back-to-flashes", SC, [MV, "add crossfades", "flashes instead of the crossfades"],
     ["{s.m['transition']['kind'] for s in shots[1:]} == {'white'}"]),
]  # fmt: skip

BARS = [
    ("first-bar", SC, [MV, 'title "X" for the first bar'], [title("X", 0, 2)]),
    ("two-bars", SC, [MV, 'title "X" for the first two bars'], [title("X", 0, 4)]),
    ("beats", SC, [MV, 'title "X" for the first 8 beats'], [title("X", 0, 4)]),
    ("intro", SC, [MV, 'title "X" during the intro'], [title("X", 0, 8)]),
    ("last-bars", SC, [MV, 'title "X" for the last 2 bars'], [title("X", 16, 20)]),
    ("from-bar", SC, [MV, 'show "X" from bar 3 to bar 5'], [title("X", 4, 8)]),
    ("at-bar", SC, [MV, 'show "X" at bar 5 for one bar'], [title("X", 8, 10)]),
    ("ordinals", SC, [MV, 'title "X" from the first beat to the third bar'], [title("X", 0, 4)]),
    ("at-ordinal", SC, [MV, 'show "X" at the third bar for 1 second'], [title("X", 4, 5)]),
    ("unquoted", SC, [MV, "add a title Night Lights for the first 2 bars"], [title("Night Lights", 0, 4)]),
    ("before-film", SC, ['add a title "X" for the first bar'], [title("X", 0, 2)]),
    ("changed", SC, [MV, 'add a title "X"', "make it last two bars"], [title("X", 0, 4)]),
    ("no-beat", C, [ROW, 'title "X" for the first bar'], ["titles[0].start_s == 0"]),
    ("composed", C, [ROW, "add epic music at 120 bpm", 'title "X" for the first bar'],
     ["titles[0].start_s == 0 and 1.8 < titles[0].end_s < 2.2"]),
    ("next-bars", SC, [MV, 'title "X" for the first 2 bars, then "Y" for the next 2 bars'],
     [title("X", 0, 4), title("Y", 4, 8)]),
    ("in-bar", SC, [MV, 'show "X" in bar 3'], [title("X", 4, 6)]),
    ("zh-nth", SC, [MV, "第一小节显示“X”"], [title("X", 0, 2)]),
    ("zh-from", SC, [MV, "从第3小节到第5小节显示“X”"], ["titles[0].start_s == 4"]),
    ("zh-bars", SC, [MV, "前两小节显示标题“X”"], [title("X", 0, 4)]),
    ("zh-beats", SC, [MV, "前8拍显示“X”"], [title("X", 0, 4)]),
    ("zh-intro", SC, [MV, "前奏的时候显示标题“X”"], [title("X", 0, 8)]),
]  # fmt: skip

MOOD = [
    ("composed", C, [ROW, "add upbeat background music", "epic, at 90 bpm"],
     ["music[0].m['music']['mood'] == 'epic' and abs(music[0].m['music']['bpm'] - 90) < 3", "len(music) == 1"]),
    ("over-song", SC, [MV, "epic, at 90 bpm", "yes"],
     ["music[0].m['music']['mood'] == 'epic' and abs(music[0].m['music']['bpm'] - 90) < 3", "len(music) == 1"]),
    ("none-yet", C, [ROW, "epic, at 90 bpm"], ["music[0].m['music']['mood'] == 'epic'"]),
    ("zh", C, [ROW, "加轻快的音乐", "史诗感，90拍"], ["music[0].m['music']['mood'] == 'epic'"]),
    ("bpm-of-song", SC, [MV, "the BPM is 100"], ["music[0].m['role'] == 'song'"]),
]  # fmt: skip

BEHIND = [
    ("drawn", SC, [DRAWN, "now put the clips behind it, cut on the beat"],
     ["len(shots) > 4", "len(visual) == 1", "visual[0].end_s == 20", "len(music) == 1"]),
    ("drawn-alone", SC, ["make a visualizer video without clips"], ["not shots", "len(visual) == 1"]),
    ("drawn-only", SC, ["visualizer only, no clips"], ["not shots", "len(visual) == 1"]),
    ("background", SC, [DRAWN, "now add the clips in the background"], ["len(shots) > 4", "len(visual) == 1"]),
    ("under", SC, [DRAWN, "put my videos under the visualizer"], ["len(shots) > 4", "len(visual) == 1"]),
    ("as-background", SC, [DRAWN, "use the clips as background"], ["len(shots) > 4", "len(visual) == 1"]),
    ("zh-behind-it", SC, [DRAWN, "把素材放到可视化后面"], ["len(shots) > 4", "len(visual) == 1"]),
    ("drawn-style", SC, [DRAWN, "a neon ring", "put the clips behind it"],
     ["len(shots) > 4", "visual[0].m['style'] == 'circular' and visual[0].m['palette'] == 'neon'"]),
    ("drawn-added", SC, [DRAWN, "now add my clips"], ["len(shots) > 4", "len(visual) == 1"]),
    ("there-already", SC, ["make a video with a visualizer", "now put the clips behind it"],
     ["len(visual) == 1", "len(shots) > 4", "'understand' not in reply"]),
    ("zh", SC, [DRAWN, "把视频放在后面，卡点"], ["len(shots) > 4", "len(visual) == 1"]),
    ("anew", SC, [DRAWN, "make a music video of my clips without a visualizer"], ["len(shots) > 4", "not visual"]),
]  # fmt: skip

TITLED = [MV, 'add a title "Hello"']
BLACK_AND_WHITE = [
    ("bare", SC, [*TITLED, "black and white"], ["draft['m']['filter'] == 'bw'", "titles[0].m['color'] == '#ffffff'"]),
    ("it", SC, [*TITLED, "make it black and white"], ["draft['m']['filter'] == 'bw'"]),
    ("sepia", SC, [*TITLED, "sepia please"], ["draft['m']['filter'] == 'sepia'"]),
    ("zh", SC, [*TITLED, "黑白"], ["draft['m']['filter'] == 'bw'"]),
    ("title-stays-meant", SC, [*TITLED, "make it white with a black box"], ["'filter' not in draft['m']"]),
    ("colour", SC, [*TITLED, "make it yellow"], ["titles[0].m['color'] == '#ffd60a'", "'filter' not in draft['m']"]),
]  # fmt: skip

TABLE = [
    (f"{part}-{name}", *row)
    for part, rows in (("name", SONG_NAME), ("instead", INSTEAD), ("bars", BARS), ("mood", MOOD), ("behind", BEHIND),
                       ("bw", BLACK_AND_WHITE))
    for name, *row in rows
]  # fmt: skip


@pytest.mark.parametrize(("uploads", "turns", "expect"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_conversation__leads_to_the_timeline_that_was_meant(uploads, turns, expect):
    names = known(turns, uploads)
    assert not untrue(expect, names), names["reply"]
