"""What people say in passing: corrections, remarks, half a sentence, in English and Chinese; see `test_prompts`."""

from __future__ import annotations

import pytest

from tests.engine.test_prompts import ASKS, MV, ONE, ROW, SAME, SC, C, P, S, known, look, title, untrue

C3 = (*C, "beach.mp4")
ZH_MV = "做一个音乐视频"
ZH_ROW = "用我的素材"
HELLO = [MV, 'add a title "Hello"']
XIA = [ZH_MV, "加标题“夏天”"]
MUSIC = [ROW, "add chill music"]
KNOWN = "'understand' not in reply and '没有听懂' not in reply"
ORDER = "[s.m['media'] for s in shots]"
FADED = ["draft['m']['fade_in_ms'] > 0 and draft['m']['fade_out_ms'] >= 1000", "music[0].m['fade_out_ms'] > 0"]

CORRECTIONS = [
    ("other-one", SC, [*HELLO, "no the other one"], [SAME, ASKS]),
    ("other-one-instead", SC, [MV, "black and white", "the other one instead"], [SAME, ASKS]),
    ("only-there", SC, [MV, "black and white", "only for the second clip"],
     ["not draft['m'].get('filter')", "{s.m.get('filter') for s in shots if s.m['media'] == 'clip2'} == {'bw'}",
      "not any(s.m.get('filter') for s in shots if s.m['media'] == 'clip1')"]),
    ("zh-only-there", C, [ZH_ROW, "黑白", "只给第二个视频"],
     ["not draft['m'].get('filter')", "[s.m.get('filter') for s in shots] == [None, 'bw']"]),
    ("only-between", SC, [MV, "add crossfades", "only between the first two"],
     ["[n for n, s in enumerate(shots) if s.m.get('transition')] == [1]"]),
    ("never-mind", SC, [MV, "never mind"], [SAME, KNOWN]),
    ("cancel", SC, [MV, "cancel"], [SAME, KNOWN]),
    ("zh-never-mind", SC, [ZH_MV, "算了"], [SAME, KNOWN]),
    ("also-at-end", SC, [*HELLO, "also at the end"], [title("Hello", 0, 3), title("Hello", 17, 20)]),
    ("then-fade", SC, [MV, 'first make it vertical, then add "Tonight" at the top, then fade out'],
     ["music[0].m['fade_out_ms'] >= 1000", "not titles[0].m.get('animate_out')"]),
    ("two-questions", SC, [MV, "ok now add the title and make it vertical"], [KNOWN, ASKS]),
]  # fmt: skip

TITLES = [
    ("longer", SC, [*HELLO, "show it longer"], ["titles[0].end_s > 4", "df.end_s.max() == 20"]),
    ("stay-longer", SC, [*HELLO, "make it stay longer"], ["titles[0].end_s > 4", "df.end_s.max() == 20"]),
    ("too-long", SC, [*HELLO, "the title is too long on screen"], ["titles[0].end_s < 3", "df.end_s.max() == 20"]),
    ("zh-longer", SC, [*XIA, "显示久一点"], ["titles[0].end_s > 4"]),
    ("colour-asked", SC, [*HELLO, "different color"], [SAME, ASKS, "'yellow' in reply"]),
    ("zh-colour-asked", SC, [*XIA, "换个颜色"], [SAME, ASKS, "'黄色' in reply"]),
    ("band-name", SC, [MV, "put my band name The Foxes at the end"], [title("The Foxes", 17, 20)]),
    ("credits", SC, [MV, "add credits at the end: Music by Ana Diaz"], [title("Music by Ana Diaz", 17, 20)]),
    ("closing-credits", SC, [MV, 'closing credits "Made by us"'], [title("Made by us", 17, 20)]),
    ("over-each", SC, [MV, 'put "Day 1" over the first clip and "Day 2" over the second'],
     ["[t.text for t in titles] == ['Day 1', 'Day 2']", "titles[1].start_s > titles[0].start_s"]),
]  # fmt: skip

SHOTS = [
    ("swap-them", C, [ROW, "swap them"], [f"{ORDER} == ['clip2', 'clip1']"]),
    ("in-half", C, [ROW, "cut the first clip in half"], ["len(shots) == 3", "df.end_s.max() == 14"]),
    ("like-10", C, [ROW, "make it shorter, like 10 seconds"], ["df.end_s.max() == 10"]),
    ("clip-too-long", C, [ROW, "the first clip is too long"], [SAME, ASKS, "'8 s' in reply"]),
    ("zh-clip-too-long", C, [ZH_ROW, "第一段太长了，剪短一点"], [SAME, ASKS, "'8 秒' in reply"]),
    ("hold-longer", C, [ROW, "hold the last shot longer"], [SAME, ASKS, "'clip2' in reply"]),
    ("middle", C3, [ROW, "remove the middle clip"], [f"{ORDER} == ['clip1', 'beach']"]),
    ("zh-middle", C3, [ZH_ROW, "去掉中间那段"], [f"{ORDER} == ['clip1', 'beach']"]),
    ("zh-photo-longer", P, [ZH_ROW, "第一张照片多停一会儿"], [SAME, ASKS, "'photo1' in reply"]),
    ("zh-photos-too-fast", P, [ZH_ROW, "照片太快了"], ["all(s.d > 3000 for s in shots)"]),
    ("photos-too-fast", P, [ROW, "the photos change too fast"], ["all(s.d > 3000 for s in shots)"]),
    ("boring-part", C, [ROW, "trim the boring part at the start"], [SAME, ASKS, "'seconds' in reply"]),
    ("more-of", SC, [MV, "more of clip2"], [SAME, "'only clip2' in reply"]),
    ("slow-at-drop", SC, [MV, "slow motion at the drop"], ["0 < sum(bool(s.m.get('speed')) for s in shots) < 4"]),
    ("zh-speed-asked", SC, [ZH_MV, "变速"], [SAME, ASKS]),
    ("zh-length-of-film", C3, ["做一个30秒的旅行短片，加标题“大理之旅”"], ["df.end_s.max() == 30", "titles"]),
    ("zh-vlog", C3, ["帮我把这些视频剪成一个旅行vlog，配上轻松的音乐"], ["len(shots) == 3", "music", KNOWN]),
    ("zh-other-cut", SC, [ZH_MV, "另一个版本"], ["outcome.edits", "len(shots) > 5"]),
    ("two-films", SC, [MV, "split it into two videos"], [SAME, "'one video' in reply"]),
]  # fmt: skip

SOUND = [
    ("with-film", C, [*MUSIC, "end the music with the video"], [KNOWN]),
    ("skip-intro", SC, [MV, "skip the intro of the song"], ["music[0].m['in_ms'] == 8000"]),
    ("zh-skip-intro", SC, [ZH_MV, "去掉前奏"], ["music[0].m['in_ms'] == 8000"]),
    ("song-for-beats", SC, [MV, "replace the song with chill beats"], ["music[0].m['music']['mood'] == 'chill'"]),
    ("unheard", SC, [MV, "can't hear the clips"], ["shots[1].v == 1"]),
    ("fade-both", SC, [MV, "fade in and out"], FADED),
    ("zh-fade-both", SC, [ZH_MV, "淡入淡出"], FADED),
    ("fade-music-both", SC, [MV, "fade the music in and out"], ["music[0].m['fade_in_ms'] == 2000"]),
    ("composed-length", (), ["compose a lofi track, 45 seconds"], ["music[0].end_s == 45", "'already' not in reply"]),
    ("zh-vocals", SC, [ZH_MV, "人声去掉"], [SAME, "'分离' in reply"]),
    ("effect", SC, [MV, "add rain sounds"], [SAME, "'sound' in reply"]),
    ("drum-solo", SC, [MV, "add a drum solo"], [SAME, "'music' in reply"]),
    ("photos-song", (*P, "song.mp3"), ["照片配歌，做成视频"], ["music", KNOWN]),
]  # fmt: skip

DRAWN = [
    ("other-style", S, [MV, "different visualizer"], ["visual[0].m['style'] != 'bars'"]),
    ("zh-other-style", SC, [ZH_MV, "加频谱", "换个样式"], ["visual[0].m['style'] != 'bars'"]),
    ("cover-is-not-yours", S, ["just the song with a visualizer please"], ["'your colours' not in reply"]),
    ("smaller", SC, [MV, "add a visualizer", "smaller"], [SAME, "'fixed' in reply"]),
]  # fmt: skip

ANSWERS = [
    ("bpm", SC, [MV, "whats the bpm"], [SAME, "'120' in reply"]),
    ("filters", SC, [MV, "what filters do you have"], [SAME, "'sepia' in reply and 'noir' in reply"]),
    ("transitions", SC, [MV, "what transitions are there"], [SAME, "'wipe' in reply"]),
    ("visualizers", SC, [MV, "which visualizers are there?"], [SAME, "'ring' in reply"]),
    ("formats", SC, [MV, "what formats can you export?"], [SAME, "'gif' in reply"]),
    ("chorus", SC, [MV, "when does the chorus start"], [SAME, "'0:08' in reply"]),
    ("zh-filters", SC, [ZH_MV, "有哪些滤镜？"], [SAME, "'复古' in reply"]),
    ("zh-transitions", SC, [ZH_MV, "有什么转场"], [SAME, "'擦除' in reply"]),
    ("zh-chorus", SC, [ZH_MV, "副歌在哪里"], [SAME, "'0:08' in reply"]),
    ("shaky", SC, [ZH_MV, "画面抖动"], [SAME, "'防抖' in reply"]),
    ("border", SC, [MV, "put a border around it"], [SAME, "'cannot' in reply"]),
    ("countdown", SC, [MV, "add a countdown"], [SAME, "'cannot' in reply"]),
    ("energy", SC, [MV, "add some energy"], [SAME, ASKS]),
    ("one-clip-title", ONE, ["add a title"], [SAME, ASKS]),
]  # fmt: skip

MORE = [
    ("beat", C, ["add a beat"], ["music"]),
    ("beach-first", C3, ["use the beach clip first"], [f"{ORDER}[0] == 'beach' and len(shots) == 3"]),
    ("beach-last", C3, ["put the beach at the end"], [f"{ORDER}[-1] == 'beach' and len(shots) == 3"]),
    ("same-length", C3, [ROW, "make all clips the same length"], ["{s.d for s in shots} == {6000}"]),
    ("zh-same-length", C3, [ZH_ROW, "每段一样长"], ["{s.d for s in shots} == {6000}"]),
    ("title-on-clip", C, [ROW, 'put "Day 1" on the first clip'], [title("Day 1", 0, 8)]),
    ("own-names", C3, [ROW, "label each clip with its name"], [SAME, "not titles", ASKS]),
    ("all-but", C3, [ROW, "speed up everything but the last clip"],
     ["[s.m.get('speed', 1) for s in shots] == [1.5, 1.5, 1]"]),
    ("to-half", C, [ROW, "cut it down to half"], ["df.end_s.max() == 7"]),
    ("off-each", C, [ROW, "trim 1 sec off each clip"], ["[s.d for s in shots] == [7000, 5000]"]),
    ("start-of-second", C, [ROW, "trim the start of the second clip by 2 seconds"],
     ["[s.d for s in shots] == [8000, 4000]", "shots[1].m['in_ms'] == 2000"]),
    ("music-only-over", C, [*MUSIC, "only over the first clip"], ["(music[0].start_s, music[0].end_s) == (0, 8)"]),
    ("bass", C, [*MUSIC, "more bass"], [SAME, "'instruments' in reply"]),
    ("drums", C, [*MUSIC, "without drums"], [SAME, "'instruments' in reply"]),
    ("each-photo", P, [ROW, "5 seconds each"], ["[s.d for s in shots] == [5000] * 3"]),
    ("by-name", P, [ROW, "the photos should be in order of name"], [KNOWN]),
    ("captions-in-turn", P, [ROW, 'add captions: "Mom", "Dad", "Me"'],
     [title("Mom", 0, 3), title("Dad", 3, 6), title("Me", 6, 9)]),
    ("cut-off", SC, [MV, "make it vertical", "the people are cut off at the sides"],
     ["draft['m'].get('fit') == 'blur' or all(s.m.get('fit') == 'blur' for s in shots)"]),
    ("frames", SC, [MV, "60 fps"], [SAME, "'30' in reply"]),
    ("hd", SC, [MV, "make it hd"], ["draft['m']['height'] == 1080"]),
    ("dull", SC, [MV, "the colors are dull"], ["draft['m']['adjust']['saturation'] > 0"]),
    ("recut", SC, [MV, "redo the cut"], ["outcome.edits and len(shots) > 5"]),
    ("bare-no", SC, [MV, "no"], [SAME, "'like to change' in reply"]),
    ("zh-bare-no", SC, [ZH_MV, "不行"], [SAME, "'改' in reply"]),
    ("listed-mood", C3, ['montage of our hike, upbeat, title "Sierra 2025"'], ["music", "titles"]),
    ("what-changed", SC, [MV, 'add a title "Hi"', "what did you change?"], [SAME, "'Hi' in reply"]),
    ("zh-what-changed", SC, [ZH_MV, "加标题“你好”", "你改了什么"], [SAME, "'你好' in reply"]),
]  # fmt: skip

STILL_MORE = [
    ("one-pace", SC, [MV, "start slow then get faster"], [SAME, "'one pace' in reply"]),
    ("no-cuts-there", SC, [MV, "no cuts in the first 4 bars"], [SAME, "'one pace' in reply"]),
    ("lower", SC, [*HELLO, "put it lower"], [look(position="bottom")]),
    ("higher", SC, [*HELLO, "a bit higher"], [look(position="top")]),
    ("down-and-up", SC, [*HELLO, "move it to the bottom", "move it up"], [look(position="center")]),
    ("zh-higher", SC, [*XIA, "往上一点"], [look(position="top")]),
    ("both-yellow", SC, [*HELLO, 'add "B" at 10 seconds', "make both yellow"],
     ["[t.m['color'] for t in titles] == ['#ffd60a', '#ffd60a']"]),
    ("two-labelled", C, [ROW, "title at the start: Class 4B, title at the end: Thank you"],
     [title("Class 4B", 0, 3), title("Thank you", 11, 14)]),
    ("zh-two-labelled", C, [ZH_ROW, "开头标题：四班，结尾标题：谢谢"], [title("四班", 0, 3), title("谢谢", 11, 14)]),
    ("inline-times", C, [ROW, "subtitles: 0:00 Hello everyone 0:04 today we cook"],
     [title("Hello everyone", 0, 4), "[t.text for t in titles] == ['Hello everyone', 'today we cook']"]),
    ("name-tag", C, [ROW, "name tag for Ms. Lopez, teacher"],
     ["titles[0].m['text'] == 'Ms. Lopez\\nteacher'", look(position="lower-third")]),
    ("audio-for-music", C, [ROW, "remove the audio and add music"],
     ["shots[1].v == 0", "music", "'no music' not in reply"]),
    ("backwards", C, [ROW, "reverse the second clip"], [SAME, "'backwards' in reply"]),
    ("to-white", C, [ROW, "fade to white at the end"], [SAME, "'black' in reply"]),
    ("from-black", C, [ROW, "start from black"], ["draft['m']['fade_in_ms'] > 0"]),
    ("black-screen", C, [ROW, "black screen for 2 seconds at the end"], ["draft['m']['fade_out_ms'] == 2000"]),
    ("intro-asked", C, [ROW, "add an intro"], [SAME, ASKS]),
    ("intro-answered", C, [ROW, "add an intro", "Our Trip"], [title("Our Trip", 0, 3)]),
    ("thanks-at-end", C, [ROW, "add a thank you at the end"], [title("thank you", 11, 14)]),
    ("greeting", C, [ROW, "happy birthday Anna at the beginning"], [title("happy birthday Anna", 0, 3)]),
    ("greeting-music", C, [ROW, "add happy birthday music"], ["not titles", "music[0].m['music']['mood'] == 'happy'"]),
    ("photo-bars", (*P, "song.mp3"), [MV, "show each photo for 2 bars"], ["{s.d for s in shots} == {4000}"]),
    ("both-songs", ("song.mp3", "other.mp3", *C), [MV, "use both songs"], ["len(music) == 2 and shots"]),
]  # fmt: skip

CHINESE = [
    ("thanks", C, [ZH_ROW, "结尾加个谢谢观看"], [title("谢谢观看", 11, 14)]),
    ("on-each", C, [ZH_ROW, "给第一段视频加标题“早上”，第二段加“晚上”"], [title("早上", 0, 8), title("晚上", 8, 14)]),
    ("soft-music", C, [ZH_ROW, "背景音乐要轻柔一点的，别太吵"], ["music[0].m['music']['mood'] == 'chill'"]),
    ("sound-for-music", C, [ZH_ROW, "把声音去掉，配上音乐"], ["shots[1].v == 0", "music", KNOWN]),
    ("dies-away", C, [ZH_ROW, "加轻快的背景音乐", "最后两秒音乐渐渐消失"], ["music[0].m['fade_out_ms'] == 2000"]),
    ("only-there", C, [ZH_ROW, "加轻快的背景音乐", "只在第一段放音乐"],
     ["(music[0].start_s, music[0].end_s) == (0, 8)", "music[0].m['music']['mood'] == 'upbeat'"]),
    ("second-first", C, [ZH_ROW, "先放第二个"], [f"{ORDER} == ['clip2', 'clip1']"]),
    ("blurred", C, [ZH_ROW, "改成9:16，上下模糊"],
     ["draft['m'].get('fit') == 'blur' or shots[0].m.get('fit') == 'blur'"]),
    ("automatic", C, [ZH_ROW, "自动生成字幕"], [SAME, "'不能' in reply"]),
    ("step-back", C, [ZH_ROW, "加标题“你好”", "上一步"], ["not titles", "len(shots) == 2"]),
    ("title-from", C, [ZH_ROW, "加标题“你好”", "从第2秒开始"], [title("你好", 2, 5), "len(shots) == 2"]),
    ("place-asked", C, [ZH_ROW, "加标题“你好”", "换个位置"], [SAME, ASKS, "'底部' in reply"]),
    ("drawn-dark", S, [ZH_MV, "颜色太暗了"], [SAME, "'配色' in reply"]),
    ("wants-length", S, [ZH_MV, "要15秒的"], ["df.end_s.max() == 15"]),
    ("music-drawn", S, ["做个音乐可视化"], ["music[0].m['role'] == 'song'", "visual"]),
    ("slow-joins", P, ["做一个婚礼相册，浪漫的音乐，慢一点的转场"],
     ["{s.d for s in shots} == {3000}", "shots[1].m['transition']['ms'] == 1000"]),
    ("photo-beats", (*P, "song.mp3"), ["照片做卡点视频", "每张照片两拍"], ["{s.d for s in shots} == {1000}"]),
    ("chorus-faster", SC, [ZH_MV, "副歌的时候剪快一点"], [SAME, "'一种节奏' in reply"]),
    ("name-for-bars", SC, [ZH_MV, "歌名放在片头两小节"], [title("Night Drive", 0, 4)]),
    ("more-of", SC, [ZH_MV, "多用clip2"], [SAME, "'只用clip2' in reply"]),
]  # fmt: skip

ANSWERED = [
    ("title", C, [*MUSIC, "add a title", "Our Trip"],
     [title("Our Trip", 0, 3), "music[0].m['music']['mood'] == 'chill'"]),
    ("title-end", SC, [MV, "add a title at the end", "thank you all"], [title("thank you all", 17, 20)]),
    ("title-quoted", SC, [MV, "add a title", '"Night"'], [title("Night", 0, 3)]),
    ("zh-title", SC, [ZH_MV, "加标题", "夏天的风"], [title("夏天的风", 0, 3)]),
    ("zh-caption", SC, [ZH_MV, "加字幕", "我们的旅行"], ["[t.text for t in titles] == ['我们的旅行']"]),
    ("other-wish", SC, [MV, "add a title", "make it vertical"], ["not titles", "draft['m']['width'] == 1080"]),
    ("other-look", SC, [MV, "add a title", "black and white"], ["not titles", "draft['m']['filter'] == 'bw'"]),
    ("no-more", SC, [MV, "add a title", "never mind"], ["not titles", SAME]),
    ("question", SC, [MV, "add a title", "how long is it?"], ["not titles", SAME]),
    ("once", SC, [MV, "add a title", "Hello World", "asdf qwer"], ["[t.text for t in titles] == ['Hello World']"]),
    ("length", SC, [MV, "make it shorter", "10 seconds"], ["df.end_s.max() == 10"]),
    ("amount", SC, [MV, "set the volume", "40%"], ["music[0].v == 0.4"]),
    ("not-asked", C, [*MUSIC, "Our Trip"], ["music[0].m['music']['mood'] == 'chill'"]),
]  # fmt: skip

FIRST_TEN = ["df.end_s.max() == 10", "music[0].m['role'] == 'song'", "len(music) == 1", "music[0].m['in_ms'] == 0"]
LOUD = [ROW, "add chill music", "set the music to 50%"]
SOFTER, LOUDER = ["0.3 < music[0].v < 0.5"], ["0.5 < music[0].v < 0.75"]
NAME_AT = ["[t.text for t in titles] == ['Night Drive']"]

IN_PASSING = [
    ("zh-first-of-music", SC, [ZH_MV, "只用前10秒的音乐"], FIRST_TEN),
    ("zh-first-of-music-made", SC, ["只用前10秒的音乐"], [*FIRST_TEN, "len(shots) > 2"]),
    ("zh-music-first", SC, [ZH_MV, "只用音乐的前10秒"], FIRST_TEN),
    ("zh-only-first", SC, [ZH_MV, "只要歌的前10秒"], FIRST_TEN),
    ("first-of-song", SC, [MV, "only use the first 10 seconds of the song"], FIRST_TEN),
    ("zh-a-bit-loud", C, [*LOUD, "音乐有点大声，调小一点"], SOFTER),
    ("zh-too-loud", C, [*LOUD, "音乐太大声了，小一点"], SOFTER),
    ("zh-loud-alone", C, [*LOUD, "音乐有点大声"], SOFTER),
    ("a-bit-loud", C, [*LOUD, "the music is a bit loud, turn it down"], SOFTER),
    ("too-loud", C, [*LOUD, "the music is too loud, turn it down"], SOFTER),
    ("loud-alone", C, [*LOUD, "the music is a bit loud"], SOFTER),
    ("quite-loud", C, [*LOUD, "the music is quite loud, lower it please"], SOFTER),
    ("loud-to-level", C, [*LOUD, "the music is too loud, set it to 20%"],
     ["music[0].v == 0.2", "reply.count('Set the music') == 1"]),
    ("zh-too-soft", C, [*LOUD, "音乐太小声了，调大一点"], LOUDER),
    ("zh-a-bit-soft", C, [*LOUD, "音乐有点小声，调大一点"], LOUDER),
    ("too-soft", C, [*LOUD, "the music is too quiet, turn it up"], LOUDER),
    ("colour-told", SC, [MV, 'add a title "Hi" in yellow'], ["'yellow' in reply and '#' not in reply"]),
    ("zh-colour-told", SC, [ZH_MV, "加黄色标题“你好”"], ["'黄色' in reply and '#' not in reply"]),
    ("code-told", SC, [*HELLO, "make it #ff8800"], ["'#ff8800' in reply"]),
    ("drawn-of-code", SC, [MV, "add bars", "make the bars #123456"], ["'in #123456, drawn' in reply"]),
    ("drawn-told", SC, [MV, "add red bars"], ["'red' in reply and '#' not in reply"]),
    ("drawn-of-two", SC, [MV, "add red and blue bars"], ["'red and blue' in reply and '#' not in reply"]),
    ("zh-drawn-told", SC, [ZH_MV, "加波形", "把波形改成黄色"], ["'黄色' in reply and '#' not in reply"]),
    ("zh-film-told", SC, [ZH_MV], ["'Ana Diaz《Night Drive》的 20 秒音乐视频' in reply"]),
    ("zh-drawn-film-told", S, [ZH_MV], ["'Ana Diaz《Night Drive》的 20 秒视频' in reply"]),
    ("bare-tempo", C, [*MUSIC, "happy at 140"],
     ["music[0].m['music']['mood'] == 'happy'", "music[0].m['music']['bpm'] == 140"]),
    ("name-at-top", SC, [MV, "the name of the song at the top"], [*NAME_AT, look(position="top")]),
    ("zh-name-at-top", SC, [ZH_MV, "歌名在上面"], [*NAME_AT, look(position="top")]),
]  # fmt: skip

TABLE = [
    (f"{part}-{name}", *row)
    for part, rows in (("corrected", CORRECTIONS), ("title", TITLES), ("shot", SHOTS), ("sound", SOUND),
                       ("drawn", DRAWN), ("answer", ANSWERS), ("answered", ANSWERED), ("more", MORE),
                       ("still", STILL_MORE), ("zh", CHINESE), ("passing", IN_PASSING))
    for name, *row in rows
]  # fmt: skip


@pytest.mark.parametrize(("uploads", "turns", "expect"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_conversation__leads_to_the_timeline_that_was_meant(uploads, turns, expect):
    names = known(turns, uploads)
    assert not untrue(expect, names), names["reply"]


def test_look_of_title__is_kept_to_the_title():
    names = known([*HELLO, "typewriter", "yellow, at the top"], SC)
    assert eval(look(animate_in="type", position="top", color="#ffd60a"), dict(names))
