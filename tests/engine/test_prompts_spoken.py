"""What people type as they speak: stretches, corrections, remarks, Chinese of both scripts; see `test_prompts`."""

from __future__ import annotations

import pytest

from tests.engine.test_prompts import ASKS, MV, ONE, ROW, SAME, SC, C, P, known, look, size, title

ONE_ROW = "use my clip"
ZH_MV = "做一个音乐视频"


def seen(*spans: tuple[str, float, float]) -> str:
    """That just these stretches of clips are seen, one after another."""
    return f"[(s.m['media'], s.m.get('in_ms', 0) / 1000, s.d / 1000) for s in shots] == {list(spans)!r}"


STRETCHES = [
    ("seconds-to", ONE, [ONE_ROW, "keep only seconds 2 to 5"], [seen(("clip1", 2, 3))]),
    ("seconds-dash", ONE, ["keep only seconds 2-5"], [seen(("clip1", 2, 3))]),
    ("between", ONE, [ONE_ROW, "keep only between 2 and 5 seconds"], [seen(("clip1", 2, 3))]),
    ("outside", ONE, [ONE_ROW, "cut out everything before 2s and after 5s"], [seen(("clip1", 2, 3))]),
    ("middle", ONE, [ONE_ROW, "keep the middle 4 seconds"], [seen(("clip1", 2, 4))]),
    ("zh-kept", ONE, [ONE_ROW, "把2秒到5秒之间的留下，其他不要"], [seen(("clip1", 2, 3))]),
    ("zh-middle", ONE, [ONE_ROW, "删掉中间的两秒"], [seen(("clip1", 0, 3), ("clip1", 5, 3))]),
    ("zh-both-ends", ONE, [ONE_ROW, "掐头去尾各一秒"], [seen(("clip1", 1, 6))]),
    ("trim-from-to", ONE, [ONE_ROW, "trim from 2s to 6s"], [seen(("clip1", 2, 4))]),
    ("trim-to-range", ONE, [ONE_ROW, "trim it to 2-6 seconds"], [seen(("clip1", 2, 4))]),
    ("cut-to-range", ONE, [ONE_ROW, "cut it to 0:02-0:06"], [seen(("clip1", 2, 4))]),
    ("zh-cut-from-to", ONE, [ONE_ROW, "从第2秒剪到第6秒"], [seen(("clip1", 2, 4))]),
    ("trim-away", ONE, [ONE_ROW, "trim away the part from 2 to 4 seconds"], [seen(("clip1", 0, 2), ("clip1", 4, 4))]),
    ("trim-out", ONE, [ONE_ROW, "trim out 0:02 to 0:04"], [seen(("clip1", 0, 2), ("clip1", 4, 4))]),
    ("trim-to-first", C, [ROW, "trim the video to the first 5 seconds"], [seen(("clip1", 0, 5))]),
    ("zh-to-first", ONE, [ONE_ROW, "剪到前3秒"], [seen(("clip1", 0, 3))]),
    ("both-ends", ONE, [ONE_ROW, "trim 1 second from both ends"], [seen(("clip1", 1, 6))]),
    ("zh-back", ONE, [ONE_ROW, "后面三秒剪了"], [seen(("clip1", 0, 5))]),
    ("zh-from", ONE, [ONE_ROW, "从第三秒开始"], [seen(("clip1", 3, 5))]),
    ("off-the-end", C, [ROW, "chop off the end, 2 seconds"], ["df.end_s.max() == 12"]),
    ("rid-of", C, [ROW, "get rid of the first 3 secs"], ["df.end_s.max() == 11"]),
    ("from-in", C, [ROW, "start from 2 seconds in"], ["df.end_s.max() == 12"]),
    ("made-to-end", C, [ROW, "make it end at 9 seconds"], ["df.end_s.max() == 9"]),
    ("zh-enough", C, [ROW, "太长了，10秒就够了"], ["df.end_s.max() == 10"]),
    ("clip-share", C, [ROW, "use only the first half of clip1"], [seen(("clip1", 0, 4), ("clip2", 0, 6))]),
    ("clip-last", C, [ROW, "keep only the last half of clip2"], [seen(("clip1", 0, 8), ("clip2", 3, 3))]),
    ("clip-taken", C, ["take the first 3 seconds of clip1 and the last 2 of clip2"],
     [seen(("clip1", 0, 3), ("clip2", 4, 2))]),
    ("clip-only", SC, ["use the first 3 seconds of clip1"], [seen(("clip1", 0, 3))]),
    ("clip-bare", C, [ROW, "from clip1 take seconds 1 to 3, and from clip2 2 to 5"],
     [seen(("clip1", 1, 2), ("clip2", 2, 3))]),
    ("clip-seconds", C, [ROW, "trim clip1 to seconds 2-6"], [seen(("clip1", 2, 4), ("clip2", 0, 6))]),
    ("clip-each", C, ["make a video with the first 4 seconds of each clip"], [seen(("clip1", 0, 4), ("clip2", 0, 4))]),
    ("zh-clip-parts", C, [ROW, "clip1只要前3秒，clip2只要后2秒"], [seen(("clip1", 0, 3), ("clip2", 4, 2))]),
    ("zh-each-part", C, [ROW, "每段都剪成三秒"], [seen(("clip1", 0, 3), ("clip2", 0, 3))]),
    ("zh-second-part", C, [ROW, "第二段放慢一倍"], ["shots[0].d == 8000 and shots[1].m['speed'] == 0.5"]),
    ("three-times", C, [ROW, "play clip1 three times"], ["[s.m['media'] for s in shots].count('clip1') == 3"]),
    ("zh-places", C, [ROW, "两个视频换一下位置"], ["[s.m['media'] for s in shots] == ['clip2', 'clip1']"]),
    ("zh-back-order", C, [ROW, "倒过来排"], ["[s.m['media'] for s in shots] == ['clip2', 'clip1']"]),
]  # fmt: skip

REMARKS = [
    ("too-long", C, [ROW, "the first clip is too long, make it 4 seconds"], ["[s.d for s in shots] == [4000, 6000]"]),
    ("zh-too-long", C, [ROW, "第一个片段太长了，剪成4秒"], ["[s.d for s in shots] == [4000, 6000]"]),
    ("too-dark", C, [ROW, "clip2 is too dark, make it brighter"],
     ["'adjust' not in draft['m']", "shots[1].m['adjust'] == {'brightness': 0.2}"]),
    ("too-slow", C, [ROW, "clip2 is too slow, speed it up"],
     ["'speed' not in shots[0].m and shots[1].m['speed'] == 1.5"]),
    ("boring", C, [ROW, "clip1 is boring, remove it"], ["[s.m['media'] for s in shots] == ['clip2']"]),
    ("zh-not-wanted", C, [ROW, "clip1不要了，加点轻松的音乐"], ["[s.m['media'] for s in shots] == ['clip2']", "music"]),
    ("zh-vague", SC, [ZH_MV, "感觉不太对"], [SAME, ASKS]),
]  # fmt: skip

TITLES = [
    ("colon-comma", SC, [MV, "add text: 天亮了，快一点"], [title("天亮了，快一点", 0, 3)]),
    ("colon-wish", SC, [MV, "标题：春天来了，放在底部"], [title("春天来了", 0, 3), look(position="bottom")]),
    ("colon-time", SC, [MV, "title: Hello, World, for 4 seconds"], [title("Hello, World", 0, 4)]),
    ("colon-sentences", SC, [MV, "add text: I love you. Forever."], [title("I love you. Forever", 0, 3)]),
    ("colon-sentence-wish", SC, [MV, "title: My Trip. Vertical please."], [title("My Trip", 0, 3), size(1080, 1920)]),
    ("emoji-behind", SC, [MV, 'add a title "Hi" with 🎉 for 3s'], [title("Hi 🎉", 0, 3)]),
    ("big-told", SC, [MV, 'add a big yellow title "Wow"'], [look(size="large", color="#ffd60a"), "'large' in reply"]),
    ("corner", SC, [MV, 'add a title "Hi"', "put it in the lower left corner"],
     [look(position="bottom"), "'centred' in reply"]),
    ("zh-corner", SC, [MV, "加标题“你好”", "挪到右下角"], [look(position="bottom"), "'居中' in reply"]),
    ("left-only", SC, [MV, 'add a title "Hi"', "put it on the left"], [SAME, "'centred' in reply"]),
    ("middle-of-list", SC, [MV, 'add "One" at the start, "Two" in the middle and "Three" at the end'],
     [title("Two", 8.5, 11.5)]),
    ("no-blue", SC, [MV, 'add a title "Hi"', "no, blue"], [look(color="#2f80ff")]),
    ("actually-for", SC, [MV, 'add a title "Hi"', "actually for 6 seconds"], [title("Hi", 0, 6)]),
    ("meant", SC, [MV, 'add a title "Helo"', 'I meant "Hello"'], ["[t.text for t in titles] == ['Hello']"]),
    ("typo", SC, [MV, 'add a title "Helo"', "fix the typo: it's Hello"], ["[t.text for t in titles] == ['Hello']"]),
    ("zh-meant", SC, [MV, "加标题“你好”", "不对，是“您好”"], ["[t.text for t in titles] == ['您好']"]),
    ("zh-other-colour", SC, [MV, "加标题“你好”", "换成黄色"], [look(color="#ffd60a")]),
    ("zh-no-more", SC, [MV, "加标题“你好”", "不要了"], ["not titles", "len(shots) > 3"]),
    ("zh-one-line", SC, [MV, "结尾加一句 谢谢大家，下次见"], [title("谢谢大家，下次见", 17, 20)]),
    ("too-small", SC, [MV, 'add a title "Hi"', "the title is too small"], [look(size="large")]),
    ("too-big", SC, [MV, 'add a title "Hi"', "the title is too big and I can't read it"],
     [look(size="small"), "len(titles) == 1"]),
    ("off-at", SC, [MV, 'put "Part" on screen at 2 seconds and take it off at 6'], [title("Part", 2, 6)]),
    ("hidden-after", SC, [MV, 'add a title "Hi"', "hide the text after 2 seconds"], [title("Hi", 0, 2)]),
    ("subtitle-saying", SC, [MV, "subtitle at the bottom saying we are home from 8 to 12"],
     [title("we are home", 8, 12)]),
    ("zh-until-last", SC, [MV, "加标题“你好”", "标题显示到最后"], [title("你好", 0, 20), "len(titles) == 1"]),
    ("undo-the-title", SC, [MV, 'add a title "A"', "make it square", "undo the title"],
     ["not titles", size(1080, 1080)]),
]  # fmt: skip

PICTURE = [
    ("fade-between", C, [ROW, "add a fade between the two clips"],
     ["shots[1].m['transition']['kind'] == 'dissolve'", "'fade_in_ms' not in draft['m']"]),
    ("zh-fade-between", C, [ROW, "片段之间加个淡入淡出"],
     ["shots[1].m['transition']['kind'] == 'dissolve'", "'fade_in_ms' not in draft['m']"]),
    ("slower-join", C, [ROW, "wipe from clip1 to clip2", "make it slower"],
     ["shots[1].m['transition'] == {'kind': 'wipe', 'ms': 1000}", "df.end_s.max() == 14"]),
    ("zh-slower-join", C, [ROW, "加擦除转场", "慢一点"],
     ["shots[1].m['transition']['ms'] == 1000", "df.end_s.max() == 14"]),
    ("zh-join-length", C, [ROW, "加擦除转场", "0.3秒就行"],
     ["shots[1].m['transition']['ms'] == 300", "df.end_s.max() == 14"]),
    ("no-such-join", C, [ROW, "add a glitch transition"], ["'no such transition' in reply"]),
    ("other-join", C, [ROW, "add crossfade", "no i want a wipe"], ["shots[1].m['transition']['kind'] == 'wipe'"]),
    ("look-each", C, [ROW, "sepia for clip1, black and white for clip2"],
     ["[s.m['filter'] for s in shots] == ['sepia', 'bw']"]),
    ("zh-saturation-down", C, [ROW, "饱和度低一点，对比度高一点"],
     ["draft['m']['adjust'] == {'saturation': -0.2, 'contrast': 0.2}"]),
    ("zh-other-unchanged", C, [ROW, "给clip2加黑白滤镜，clip1不变"],
     ["[s.m.get('filter') for s in shots] == [None, 'bw']"]),
    ("zh-other-speed", C, [ROW, "clip1放慢到0.5倍，clip2不变"], ["[s.m.get('speed') for s in shots] == [0.5, None]"]),
    ("other-kept", C, [ROW, "clip1 at half speed, keep clip2 the same"],
     ["[s.m.get('speed') for s in shots] == [0.5, None]"]),
    ("zh-light-down", C, [ROW, "亮度降一点"], ["draft['m']['adjust'] == {'brightness': -0.2}"]),
    ("zh-photos-joined", P, ["三张照片做个视频，每张2秒，叠化转场，黑白"],
     ["df.end_s.max() == 6", "shots[1].m['transition']['kind'] == 'dissolve'"]),
    ("zh-each", C, ["先用clip2，再用clip1，每个3秒"], [seen(("clip2", 0, 3), ("clip1", 0, 3))]),
    ("zh-720", C, [ROW, "尺寸改成720p"], [size(1280, 720)]),
    ("zh-both-black", SC, [MV, "视频开头黑屏渐入，结尾渐黑"],
     ["draft['m']['fade_in_ms'] == 1000 == draft['m']['fade_out_ms']"]),
]  # fmt: skip

CHINESE = [
    ("zh-length-then-shape", SC, ["用song.mp3和两个视频剪一个卡点视频，15秒，竖屏"],
     ["df.end_s.max() == 15", size(1080, 1920)]),
    ("zh-slides-music", P, ["用照片做个幻灯片，每张四秒，要温馨的音乐"], ["music", "df.end_s.max() == 12"]),
    ("zh-tenths-fade", C, [ROW, "来一段欢快的背景音乐，音量三成，最后两秒淡出"],
     ["music[0].v == 0.3", "music[0].m['fade_out_ms'] == 2000"]),
    ("zh-own-off", C, [ROW, "原声关掉，加点轻音乐"], ["shots[1].v == 0", "music"]),
    ("zh-both-levels", C, [ROW, "加背景音乐", "背景音乐大声点，原声小一点"],
     ["music[0].v > 0.35", "0 < shots[1].v < 1", "music[0].m.get('duck', 1) == 1"]),
    ("zh-back-again", SC, [MV, "改成方形", "还是改回来吧"], [size(1920, 1080)]),
    ("zh-step-back", SC, [MV, "改成方形", "上一步撤回"], [size(1920, 1080)]),
    ("liked-before", SC, [MV, "make it square", "I liked it better before"], [size(1920, 1080)]),
    ("trad-film", SC, ["做一個音樂影片"], ["len(shots) > 3", "music[0].m['role'] == 'song'"]),
    ("trad-title", SC, [MV, "加個標題：我們的旅行"], [title("我們的旅行", 0, 3)]),
    ("trad-music", C, [ROW, "加輕快的背景音樂，音量30%"], ["music[0].v == 0.3", "shots[1].v == 1"]),
    ("trad-trim", C, [ROW, "去掉前兩秒"], ["df.end_s.max() == 12"]),
    ("trad-undo", C, [ROW, "刪掉第二個影片", "撤銷"], ["len(shots) == 2"]),
]  # fmt: skip

MORE = [
    ("at-least-cuts", SC, ["make a music video with at least 20 cuts"], ["len(shots) == 21"]),
    ("only-cuts", SC, [MV, "only 5 cuts"], ["len(shots) == 6", "df.end_s.max() == 20"]),
    ("fewer-shots", SC, [MV, "fewer than 8 shots please"], ["len(shots) == 7"]),
    ("zh-shots", SC, [ZH_MV, "剪成10个镜头"], ["len(shots) == 10"]),
    ("cuts-then-faster", SC, [MV, "only 5 cuts", "faster cuts"], ["len(shots) > 6"]),
    ("last-shots-go", SC, [MV, "remove the last 2 shots"], ["len(shots) == 10"]),
    ("titles-in-turn", SC, [MV, 'add titles "Intro" for 2 seconds then "Verse" for 3 seconds'],
     [title("Intro", 0, 2), title("Verse", 2, 5)]),
    ("titles-in-clauses", SC, [MV, 'add title "A" for 2 seconds, then add title "B" for 3 seconds'],
     [title("A", 0, 2), title("B", 2, 5)]),
    ("zh-titles-in-turn", SC, [ZH_MV, "先显示“甲”2秒，然后显示“乙”3秒"], [title("甲", 0, 2), title("乙", 2, 5)]),
    ("titles-at-once", SC, [MV, 'add a title "X" at the top for 3 seconds and "Y" at the bottom for 3 seconds'],
     [title("X", 0, 3), title("Y", 0, 3)]),
    ("dreamy-keeps-song", SC, [MV, "give it something dreamy"],
     ["music[0].m['role'] == 'song'", "draft['m']['filter'] == 'dreamy'"]),
    ("rest-in-color", C, [ROW, "first 5 seconds black and white, the rest in color"],
     ["[s.m.get('filter') for s in shots] == ['bw', None, None]"]),
    ("zh-rest-in-color", C, [ROW, "前5秒黑白，后面彩色"], ["[s.m.get('filter') for s in shots] == ['bw', None, None]"]),
    ("quoted-times", SC, ['create a lyric video feel: show "I run" at 0:03 for 2 seconds'],
     ["df.end_s.max() == 20", title("I run", 3, 5)]),
    ("teaser-like", SC, ["I'd like a 12-second teaser with the best part of the song"],
     ["df.end_s.max() == 12", "len(music) == 1"]),
    ("slides-length", P, ["turn my photos into a 12 second slideshow with soft music"],
     ["df.end_s.max() == 12", "len(shots) == 3", "len(music) == 1"]),
    ("zh-slides-length", P, ["用这些照片做一个12秒的幻灯片，配柔和的音乐"],
     ["df.end_s.max() == 12", "len(shots) == 3"]),
    ("slides-long", P, ["slideshow, 60 seconds"], ["df.end_s.max() == 60", "len(shots) == 9"]),
    ("color-after-comma", ("song.mp3",), ["just the song with a nice circular visualizer, purple"],
     ["visual[0].m['style'] == 'circular'", "visual[0].m['colors']"]),
    ("level-of-music", SC, [MV, "set music to 60 percent"], ["music[0].v == 0.6", "'already' not in reply"]),
    ("zh-title-then-bars", SC, ["把我的歌做成竖屏音乐视频，标题“霓虹雨”显示4秒，底部加频谱"],
     ["visual", "titles[0].m['position'] == 'center'"]),
    ("cafe-music", C, ["some background music please, quiet, like a cafe"],
     ["len(music) == 1", "df.end_s.max() == 14"]),
    ("off-both-ends", SC, [MV, "trim 1.5 seconds off the beginning and 2 off the end"], ["df.end_s.max() == 16.5"]),
    ("equal-parts", ONE, [ONE_ROW, "split it into 4 equal parts"], [seen(*(("clip1", at, 2) for at in (0, 2, 4, 6)))]),
    ("zh-equal-parts", ONE, [ONE_ROW, "平均分成四段"], ["len(shots) == 4"]),
    ("parts-of-clip", C, [ROW, "split clip1 into 2 parts"], [seen(("clip1", 0, 4), ("clip1", 4, 4), ("clip2", 0, 6))]),
    ("join-them", C, ["just join them"], [seen(("clip1", 0, 8), ("clip2", 0, 6))]),
    ("zh-fits-pace", C, ["配乐要跟画面节奏一致"], ["len(music) == 1", "df.end_s.max() == 14"]),
    ("own-sound-kept", SC, [MV, "keep the audio of clip2 and lower the music"],
     ["all(s.v == 1 for s in shots if s.m['media'] == 'clip2')", "music[0].v < 1"]),
    ("zh-own-sound-kept", SC, [ZH_MV, "保留clip2的原声，音乐压低"],
     ["all(s.v == 1 for s in shots if s.m['media'] == 'clip2')", "music[0].v < 1"]),
    ("zh-backwards", ONE, [ONE_ROW, "倒着放"], [SAME, "'不能倒放' in reply"]),
    ("zh-piano-instead", SC, [ZH_MV, "换一首安静的钢琴曲"], ["music[0].m['role'] == 'bgm'"]),
    ("thanks-twice", SC, [MV, "perfect! thank you"], [SAME, "'welcome' in reply"]),
    ("zh-thanks", SC, [ZH_MV, "谢谢，完美！"], [SAME, "'不客气' in reply"]),
    ("wants-export", SC, [MV, "I'd like to export this"], [SAME, "'export' in reply"]),
    ("zh-wants-export", SC, [ZH_MV, "我想导出"], [SAME, "'导出' in reply and '没有听懂' not in reply"]),
]  # fmt: skip

TABLE = [*MORE, *STRETCHES, *REMARKS, *TITLES, *PICTURE, *CHINESE]


@pytest.mark.parametrize(("uploads", "turns", "expect"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_conversation__leads_to_the_timeline_that_was_meant(uploads, turns, expect):
    names = known(turns, uploads)
    failed = [expression for expression in expect if not eval(expression, dict(names))]
    assert not failed, names["reply"]
