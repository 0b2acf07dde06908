"""Titles, looks, transitions, formats and visualizers: what people say, what becomes of the draft."""

from __future__ import annotations

import itertools

import pytest
from talk import CITY, SEA, Talk

from nemo_notebook.engine.agent import MediaItem, Situation, respond
from nemo_notebook.engine.agent.picks import Pick, When
from nemo_notebook.engine.agent.reading.unquoted import marked
from nemo_notebook.engine.agent.translation import apply_wish
from nemo_notebook.engine.agent.wishes import (
    AddTitle,
    Adjust,
    ChangeTitle,
    FadePicture,
    Look,
    SetFilter,
    SetTransition,
    Which,
)
from nemo_notebook.engine.agent.words.wording import clauses_of
from nemo_notebook.film.colors import triple_of
from nemo_notebook.film.edits.looks import SetLook
from nemo_notebook.film.edits.parts import Remove

FILM = "make a music video"


def shots(talk: Talk) -> list[dict]:
    return sorted((*talk.role("clip"), *talk.role("image")), key=lambda shot: shot["s"])


WORDS = [
    ("add a title Urban Dreams at the start", "Urban Dreams"),
    ("add a title urban dreams in big yellow letters", "urban dreams"),
    ("add the title Made for You for 3 seconds", "Made for You"),
    ("title: My Trip", "My Trip"),
    ("Title = Blue Monday", "Blue Monday"),
    ("a title called Red Moon", "Red Moon"),
    ("caption saying hello world at 5s", "hello world"),
    ("add a text overlay that says Thank You for watching", "Thank You for watching"),
    ("add the words Keep Going at the end", "Keep Going"),
    ("write Happy Birthday in the middle", "Happy Birthday"),
    ("put hello world on the screen", "hello world"),
    ("title it Midnight City", "Midnight City"),
    ("I want the title to be Midnight City", "Midnight City"),
    ("add a title 🎉 Party Time 🎉 for two seconds", "🎉 Party Time 🎉"),
    ("lower third: Ana Diaz, Producer", "Ana Diaz\nProducer"),
    ("lower third with name Ana Diaz and role Producer", "Ana Diaz\nProducer"),
    ("加标题 城市之梦", "城市之梦"),
    ("加标题城市之梦，3秒", "城市之梦"),
    ("加个标题叫夏天", "夏天"),
    ("标题：夏天的风", "夏天的风"),
    ("在开头写上夏天的风三秒", "夏天的风"),
    ("请在视频第2秒添加文字 生日快乐 持续3秒", "生日快乐"),
    ("给视频加个字幕：今天天气真好，放在底部", "今天天气真好"),
    ("人名条：王小明，导演", "王小明\n导演"),
]


@pytest.mark.parametrize(("message", "text"), WORDS)
def test_words_without_quotation_marks__are_found(message, text):
    assert next(marked(clause).quotes for clause in clauses_of(message)) == (text,)


@pytest.mark.parametrize(
    "message",
    [
        "make the title red",
        "change the title to bold yellow",
        "move the title to the bottom",
        "add a title",
        "add a title at the end for 2 seconds",
        "the title is too small",
        "make the title bigger and blue",
        "把标题改成红色",
        "标题改成大一点",
        "把标题放到底部",
        "加一个红色的标题",
        "write my thesis",
        "add the song title at the top",
        "put the clips on the screen",
    ],
)
def test_words_of_looks_and_times__are_no_title(message):
    assert all(marked(clause).quotes == () for clause in clauses_of(message))


TIMES = [
    ('show "A" from second 3 to 6', 3, 6),
    ('add "A" at 5 for 3', 5, 8),
    ('add "A" from 3s to 6', 3, 6),
    ('add "A" at the 5 second mark for 2 seconds', 5, 7),
    ('add "A" 2 seconds before the end', 18, 20),
    ('add "A" from 0:15 onwards', 15, 20),
    ('show "A" until 5s', 0, 5),
    ('add "A" for the entire video', 0, 20),
    ('add "A" starting at 4s and ending at 9s', 4, 9),
    ('add "A" in the last three seconds', 17, 20),
    ('add "A" for half a second', 0, 0.5),
    ("第3到6秒显示“A”", 3, 6),
    ("最后两秒显示“A”", 18, 20),
    ("从第5秒到结尾显示“A”", 5, 20),
    ("自始至终显示“A”", 0, 20),
]


@pytest.mark.parametrize(("message", "start_s", "end_s"), TIMES)
def test_title__time_in_any_words__is_kept(message, start_s, end_s):
    talk = Talk("song+clips", FILM, message)
    assert (talk.title.start_ms / 1000, talk.title.end_ms / 1000) == (start_s, end_s)


@pytest.mark.parametrize("message", ['add "A" at 30s', 'add "A" from 9 to 12 seconds', 'add "A" for a minute'])
def test_title__beyond_the_end__is_moved_inside_and_leaves_the_length(message):
    talk = Talk("clip", "use my clip", message)
    assert 0 <= talk.title.start_ms < talk.title.end_ms <= 8000
    assert talk.end_s == 8


LOOKS = [
    ('add "A" in the lower third', {"position": "lower-third", "style": "box"}),
    ('add "A" with a background box', {"style": "box", "position": "center"}),
    ('add "A" outlined in gold', {"style": "outline", "color": "#ffd700"}),
    ('add white "A" on a black box', {"style": "box", "color": "#ffffff"}),
    ('add "A" in #abc', {"color": "#aabbcc"}),
    ('add "A" with a typewriter effect', {"animate_in": "type", "animate_out": None}),
    ('add "A" sliding in and fading out', {"animate_in": "slide", "animate_out": "fade"}),
    ('add "A" bouncing in', {"animate_in": "pop", "animate_out": None}),
    ('add "A" without any animation', {"animate_in": "none", "animate_out": "none"}),
    ("在下三分之一加“A”", {"position": "lower-third"}),
    ("加“A”，黑底白字", {"style": "box", "color": "#ffffff"}),
    ("加“A”，描边，弹出", {"style": "outline", "animate_in": "pop"}),
    ("加“A”，打字机效果，居中", {"animate_in": "type", "position": "center"}),
    ("加小号的金色标题“A”在上方", {"size": "small", "color": "#ffd700", "position": "top"}),
]


@pytest.mark.parametrize(("message", "look"), LOOKS)
def test_title__look_in_words__is_written(message, look):
    own = Talk("song+clips", FILM, message).title.raw["m"]
    assert {key: own.get(key) for key in look} == look


CHANGES = [
    ("make it red", {"color": "#ff3b30"}),
    ("yellow", {"color": "#ffd60a"}),
    ("change color to purple", {"color": "#af52de"}),
    ("bigger", {"size": "large"}),
    ("make it smaller please", {"size": "small"}),
    ("put a box behind it", {"style": "box"}),
    ("make it fade in", {"animate_in": "fade"}),
    ("put it in the lower third", {"position": "lower-third"}),
    ('rename it to "B"', {"text": "B"}),
    ("change it to Summer Nights", {"text": "Summer Nights"}),
    ("change A Word to Goodbye", {"text": "Goodbye"}),
    ("移到底部", {"position": "bottom"}),
    ("改成金色", {"color": "#ffd700"}),
    ("大一点", {"size": "large"}),
    ("把标题改成夏天的风", {"text": "夏天的风"}),
]


@pytest.mark.parametrize(("message", "look"), CHANGES)
def test_title__followed_up__is_the_one_that_changes(message, look):
    talk = Talk("song+clips", FILM, 'add a title "A Word"', message)
    assert {key: talk.title.raw["m"].get(key) for key in look} == look
    assert (talk.title.start_ms, talk.title.end_ms) == (0, 3000)


@pytest.mark.parametrize(
    ("message", "start_s", "end_s"),
    [
        ("show it 2 seconds later", 2, 5),
        ("delay it by 1 second", 1, 4),
        ("make it last 5 seconds", 0, 5),
        ("make the title 2 seconds longer", 0, 5),
        ("shorten it by 1 second", 0, 2),
        ("move the title to 0:05", 5, 8),
        ("start it at 4s and end at 9s", 4, 9),
        ("keep it until the end", 0, 20),
        ("晚2秒出现", 2, 5),
        ("延长2秒", 0, 5),
        ("把标题移到5秒", 5, 8),
    ],
)
def test_title__moved_in_time__keeps_its_look_and_tells_both_times(message, start_s, end_s):
    talk = Talk("song+clips", FILM, 'add a title "A"', message)
    assert (talk.title.start_ms / 1000, talk.title.end_ms / 1000) == (start_s, end_s)
    assert "0:00–0:03" in talk.replies[-1]


def test_titles__of_one_sentence__each_have_their_own_time_and_look():
    talk = Talk("song+clips", FILM, 'add "A" at 2s in red, "B" at 5s and "C" at the end for 2 seconds')
    assert [(t.text, t.start_ms, t.raw["m"]["color"]) for t in sorted(talk.kind("text"), key=lambda t: t.start_ms)] == [
        ("A", 2000, "#ff3b30"),
        ("B", 5000, "#ffffff"),
        ("C", 18_000, "#ffffff"),
    ]


def test_captions__that_follow_closely__end_where_the_next_one_starts():
    talk = Talk("song+clips", FILM, 'add captions "one" at 1s, "two" at 3s and "three" at 5s')
    assert sorted((t.start_ms, t.end_ms) for t in talk.kind("text")) == [(1000, 3000), (3000, 5000), (5000, 8000)]


def test_title_and_other_wishes__in_one_clause__are_all_met():
    talk = Talk("song+clips", 'make a 15 second vertical video with a title "Hi" and crossfades')
    assert talk.end_s == 15
    assert talk.size == (1080, 1920)
    assert (talk.title.start_ms, talk.title.end_ms) == (0, 3000)
    assert all(shot["m"]["transition"]["kind"] == "dissolve" for shot in shots(talk)[1:])


def test_title__one_of_several__is_meant_by_number_words_or_all():
    turns = ('add "One" at 2s', 'add the title "Two" at 6s', 'add the title "Three" at 10s')
    for message, colors in (
        ("make the second title blue", ["#ffffff", "#2f80ff", "#ffffff"]),
        ("make the last title blue", ["#ffffff", "#ffffff", "#2f80ff"]),
        ("make all titles blue", ["#2f80ff"] * 3),
        ('make the title "One" blue', ["#2f80ff", "#ffffff", "#ffffff"]),
        ("把第一个标题改成蓝色", ["#2f80ff", "#ffffff", "#ffffff"]),
    ):
        talk = Talk("song+clips", FILM, *turns, message)
        titles = sorted(talk.kind("text"), key=lambda t: t.start_ms)
        assert [t.raw["m"]["color"] for t in titles] == colors, message


def test_title__as_large_as_titles_get__is_said():
    talk = Talk("song+clips", FILM, 'add a title "A"', "bigger", "bigger")
    assert talk.title.raw["m"]["size"] == "large"
    assert "already" in talk.replies[-1]


SEEN = [
    ("make it black and white", {"filter": "bw"}),
    ("in greyscale please", {"filter": "bw"}),
    ("b&w", {"filter": "bw"}),
    ("sepia", {"filter": "sepia"}),
    ("give it a retro look", {"filter": "vintage"}),
    ("80s vhs look", {"filter": "vintage"}),
    ("teal and orange", {"filter": "cinematic"}),
    ("film look", {"filter": "cinematic"}),
    ("film noir", {"filter": "noir"}),
    ("make colors pop", {"filter": "vivid"}),
    ("dreamy soft glow", {"filter": "dreamy"}),
    ("washed out colours", {"filter": "faded"}),
    ("make it warmer", {"filter": "warm"}),
    ("colder tones", {"filter": "cool"}),
    ("黑白", {"filter": "bw"}),
    ("复古风", {"filter": "vintage"}),
    ("电影感", {"filter": "cinematic"}),
    ("暖色调", {"filter": "warm"}),
    ("做成Vintage风格", {"filter": "vintage"}),
    ("make it brighter", {"adjust": {"brightness": 0.2}}),
    ("slightly darker", {"adjust": {"brightness": -0.1}}),
    ("it's too dark", {"adjust": {"brightness": 0.2}}),
    ("it looks quite dark", {"adjust": {"brightness": 0.2}}),
    ("the picture is a bit dark, make it brighter", {"adjust": {"brightness": 0.2}}),
    ("it's too dark, make it brighter", {"adjust": {"brightness": 0.2}}),
    ("画面有点暗，调亮一点", {"adjust": {"brightness": 0.2}}),
    ("+30% contrast", {"adjust": {"contrast": 0.3}}),
    ("less saturated", {"adjust": {"saturation": -0.2}}),
    ("set saturation to -40%", {"adjust": {"saturation": -0.4}}),
    ("亮一点", {"adjust": {"brightness": 0.2}}),
    ("降低对比度", {"adjust": {"contrast": -0.2}}),
    ("crop to fill", {"fit": "crop"}),
    ("no black bars", {"fit": "crop"}),
    ("use blurred bars", {"fit": "blur"}),
    ("letterbox it", {"fit": "pad"}),
    ("show the whole picture", {"fit": "pad"}),
    ("裁剪填满", {"fit": "crop"}),
    ("模糊背景", {"fit": "blur"}),
    ("加黑边", {"fit": "pad"}),
    ("fade in from black", {"fade_in_ms": 1000, "fade_out_ms": 800}),
    ("fade to black over the last 2 seconds", {"fade_in_ms": None, "fade_out_ms": 2000}),
    ("画面淡入淡出", {"fade_in_ms": 1000, "fade_out_ms": 1000}),
]


@pytest.mark.parametrize(("message", "own"), SEEN)
def test_look_of_the_film__in_words__is_written_once(message, own):
    talk = Talk("song+clips", FILM)
    before = talk.draft["t"]
    talk.say(message)
    assert {key: talk.draft["m"].get(key) for key in own} == own
    assert talk.draft["t"] == before


@pytest.mark.parametrize(
    "message", ["no filter", "original colours", "remove it", "back to colour", "去掉滤镜", "恢复原色"]
)
def test_filter__taken_away__leaves_the_pictures_own_colours(message):
    talk = Talk("song+clips", FILM, "make it sepia", "make clip1 brighter", message)
    assert not any(key in part for key in ("filter",) for part in (talk.draft["m"], *(s["m"] for s in shots(talk))))


def test_filter__taken_from_one_clip__stays_on_the_others():
    talk = Talk("clips", "use my clips", "make it black and white", "original colours for city")
    assert "filter" not in talk.draft["m"]
    assert [shot["m"].get("filter") for shot in shots(talk)] == [None, "bw"]


def test_looks__of_single_clips__are_theirs_only():
    talk = Talk("clips", "use my clips", "make city darker and sea brighter", "put the last shot in sepia")
    first, last = shots(talk)
    assert first["m"]["adjust"]["brightness"] < 0 < last["m"]["adjust"]["brightness"]
    assert [first["m"].get("filter"), last["m"].get("filter")] == [None, "sepia"]


@pytest.mark.parametrize(
    "message", ["add cinematic music", "加电影感音乐", "add dreamy background music", "add vintage jazz music"]
)
def test_words_of_moods__with_music__are_no_filter(message):
    talk = Talk("clips", message)
    assert "filter" not in talk.draft["m"]
    assert talk.role("bgm")


def test_adjust__again__adds_up_and_stops_at_the_end():
    talk = Talk("clip", "use my clip", "brighter", "brighter")
    assert talk.draft["m"]["adjust"] == {"brightness": 0.4}
    for _ in range(4):
        talk.say("much brighter")
    assert talk.draft["m"]["adjust"] == {"brightness": 1.0}
    assert talk.say("brighter").edits == ()


JOINS = [
    ("add crossfades", "dissolve"),
    ("add transitions between the clips", "dissolve"),
    ("smooth transitions please", "dissolve"),
    ("cross-dissolve", "dissolve"),
    ("flash on every cut", "white"),
    ("white flashes between the shots", "white"),
    ("dip to black between clips", "black"),
    ("slide transitions", "slide"),
    ("push transition", "push"),
    ("wipes between the clips", "wipe"),
    ("zoom transition", "zoom"),
    ("circle wipe", "circle"),
    ("加转场", "dissolve"),
    ("叠化", "dissolve"),
    ("闪白转场", "white"),
    ("擦除转场", "wipe"),
]


@pytest.mark.parametrize(("message", "kind"), JOINS)
def test_transition__at_every_cut__is_short_and_leaves_the_cuts(message, kind):
    talk = Talk("song+clips", FILM)
    cuts = [(shot["s"], shot["d"]) for shot in shots(talk)]
    talk.say(message)
    laid = shots(talk)
    assert [(shot["s"], shot["d"]) for shot in laid] == cuts
    assert "transition" not in laid[0]["m"]
    for one, other in itertools.pairwise(laid):
        assert other["m"]["transition"]["kind"] == kind
        assert 0 < other["m"]["transition"]["ms"] <= min(500, min(one["d"], other["d"]) / 3 + 17)


@pytest.mark.parametrize(
    ("message", "length_ms"),
    [
        ("dissolve of half a second", 500),
        ("add a 1 second crossfade", 1000),
        ("300 ms push", 300),
        ("quick crossfade", 200),
        ("加1秒叠化", 1000),
    ],
)
def test_transition__length_in_words__is_kept(message, length_ms):
    talk = Talk("clips", "use my clips", message)
    assert shots(talk)[1]["m"]["transition"]["ms"] == length_ms


def test_transition__at_one_cut__is_there_only():
    for message in ("slide transition between photo2 and photo3", "slide at the second cut", "slide transition at 6s"):
        talk = Talk("photos", "make a slideshow", message)
        found = [shot["m"].get("transition", {}).get("kind") for shot in shots(talk)]
        assert found == [None, None, "slide"], message


def test_transition__followed_up__is_longer_or_gone():
    talk = Talk("clips", "use my clips", "add crossfades", "make them longer")
    assert shots(talk)[1]["m"]["transition"] == {"kind": "dissolve", "ms": 1000}
    talk.say("remove them")
    assert "transition" not in shots(talk)[1]["m"]
    assert talk.say("hard cuts").edits == ()


def test_transition__with_a_single_shot__is_refused_plainly():
    talk = Talk("clip", "use my clip")
    outcome = talk.say("add a crossfade")
    assert outcome.draft is talk.draft
    assert "cuts" in outcome.reply


def test_fade_of_the_video__takes_the_music_with_it_but_to_black_does_not():
    talk = Talk("song+clips", FILM, "fade out the video over 3 seconds")
    assert talk.draft["m"]["fade_out_ms"] == talk.role("song")[0]["m"]["fade_out_ms"] == 3000
    talk = Talk("song+clips", FILM, "fade to black at the end")
    assert talk.draft["m"]["fade_out_ms"] > 0
    assert not talk.role("song")[0]["m"]["fade_out_ms"]


PLATFORMS = [
    ("for YouTube", (1920, 1080)),
    ("as a YouTube Short", (1080, 1920)),
    ("for TikTok", (1080, 1920)),
    ("as an Instagram post", (1080, 1350)),
    ("as a square Instagram post", (1080, 1080)),
    ("as a reel", (1080, 1920)),
    ("for LinkedIn", (1080, 1080)),
    ("for Twitter", (1920, 1080)),
    ("for Pinterest", (1080, 1620)),
    ("发抖音", (1080, 1920)),
    ("发小红书", (1080, 1440)),
    ("发视频号", (1080, 1920)),
    ("发B站", (1920, 1080)),
    ("4:3", (1440, 1080)),
    ("21:9", (2520, 1080)),
    ("1280x720", (1280, 720)),
    ("4K", (2160, 2880)),
]


@pytest.mark.parametrize(("message", "size"), PLATFORMS)
def test_canvas__platform_or_shape__has_its_size(message, size):
    assert (
        Talk("song+clips", FILM, "make it 3:4", f"make it {message}" if message[0].isdigit() else message).size == size
    )


def test_spotify_canvas__is_a_short_vertical_loop_of_the_strongest_part():
    drops = MediaItem(
        "s", "s.mp3", "audio", 20_000, has_audio=True, beats_ms=tuple(range(0, 20_000, 500)), drops_ms=(6000,)
    )
    draft = respond("make a spotify canvas", Situation({}, (drops, CITY, SEA))).draft
    assert (draft["m"]["width"], draft["m"]["height"]) == (1080, 1920)
    assert draft["d"] == 8000
    assert draft["m"]["loop_ms"] == 700
    (song,) = [s for track in draft["t"] for s in track["sg"] if s["m"]["role"] == "song"]
    assert song["m"]["in_ms"] == 6000
    first = min((s for t in draft["t"] for s in t["sg"] if s["m"]["role"] == "clip"), key=lambda s: s["s"])
    assert first["m"]["in_ms"] >= 700


@pytest.mark.parametrize(
    ("message", "length"), [("5 second spotify canvas", 5000), ("spotify canvas from 0:02, 4 seconds", 4000)]
)
def test_spotify_canvas__length_and_place__are_as_asked(message, length):
    talk = Talk("clips", "use my clips", message)
    assert talk.draft["d"] == length
    assert "loop" in talk.replies[-1]


DRAWN = [
    ("add a ring visualizer", {"style": "circular"}),
    ("add an oscilloscope", {"style": "line"}),
    ("add a spectrum", {"style": "spectrum"}),
    ("sound waves please", {"style": "waveform"}),
    ("圆形频谱", {"style": "circular"}),
    ("加波形", {"style": "waveform"}),
    ("add bars in ocean colours", {"style": "bars", "palette": "ocean"}),
    ("gold bars", {"palette": "gold"}),
    ("霓虹色的可视化", {"palette": "neon"}),
    ("add a visualizer in #ff0000", {"colors": ["#b80000", "#ff0000", "#ffa3a3"]}),
    ("bars from pink to blue", {"colors": ["#ff6fae", "#9778d6", "#2f80ff"]}),
    ("add a visualizer at the bottom", {"style": "bars", "palette": "aurora"}),
]


@pytest.mark.parametrize(("message", "own"), DRAWN)
def test_visualizer__style_and_colours__are_as_asked(message, own):
    (drawn,) = Talk("song+clips", FILM, message).role("visualizer")
    assert {key: drawn["m"].get(key) for key in own} == own


def test_visualizer__followed_up__changes_goes_and_takes_the_backdrop_along():
    talk = Talk("song", "make a video", "make it circular", "use fire colours")
    assert talk.role("visualizer")[0]["m"]["style"] == "circular"
    assert talk.role("visualizer")[0]["m"]["palette"] == talk.role("backdrop")[0]["m"]["palette"] == "fire"
    talk.say("remove it")
    assert not talk.role("visualizer")


def test_visualizer__cover_colours__need_a_cover():
    talk = Talk("song+clips", FILM, "add a visualizer")
    outcome = talk.say("use the cover art's colours")
    assert outcome.draft is talk.draft
    assert "cover" in outcome.reply


@pytest.mark.parametrize("color", ["#ff0000", "#000000", "#ffffff", "#2f80ff", "#808080"])
def test_triple__of_one_colour__runs_from_dark_to_light(color):
    low, middle, high = (sum(int(part[at : at + 2], 16) for at in (1, 3, 5)) for part in triple_of((color,)))
    assert low <= middle <= high
    assert low < high


def test_edits__made_without_words__do_the_same():
    """What a language model would hand over: plain fields."""
    draft = respond("use my clips", Situation({}, (CITY, SEA))).draft
    situation = Situation(draft, (CITY, SEA))
    edits = (
        AddTitle("Hi", When(start_ms=1000, length_ms=2000), Look(color="#ff0000", style="box")),
        ChangeTitle(which=Which(number=1), look=Look(size="larger"), later_ms=500),
        SetFilter("bw", (Pick(number=2),)),
        Adjust((("contrast", 0.3),)),
        SetLook(fit="blur"),
        SetTransition("wipe", 400),
        FadePicture(500, 1000),
    )
    told = []
    for edit in edits:
        draft, sentence, _ = apply_wish(draft, edit, situation)
        told.append(sentence)
    assert all(told)
    own = draft["m"]
    assert (own["adjust"], own["fit"], own["fade_in_ms"], own["fade_out_ms"]) == ({"contrast": 0.3}, "blur", 500, 1000)
    after, *_ = apply_wish(draft, Remove(target=Which("hi").target), situation)
    assert not any(s["m"]["role"] == "title" for track in after["t"] for s in track["sg"])
