"""What holds for any words and any draft."""

from __future__ import annotations

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from nemo_notebook.engine.agent import MediaItem, Situation, respond
from nemo_notebook.film.draft import read_segments

WORDS = st.sampled_from(
    "make add a an the music video title song clip photos 'x' \"Hello\" “你好” for first last 3 seconds 35% at 0:05 "
    "to 0:08 "
    "remove fade in out trim cut every 2 beats faster undo export 1080p vertical 9:16 louder by half red bottom "
    "visualizer change it and , . 加 标题 音乐 去掉 前 2秒 竖屏 音量 一半 卡点 淡出 撤销 做 视频 用 把 ， 。".split()
)
MESSAGES = st.text(max_size=60) | st.lists(WORDS, max_size=14).map(" ".join)
NUMBERS = st.integers(-(10**6), 10**9) | st.floats(allow_nan=True, allow_infinity=True)
KEYS = st.sampled_from(["t", "tt", "sg", "m", "s", "d", "v", "id", "role", "text", "music", "x"])
JUNK = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["t", "tt", "sg", "m", "s", "d", "v", "id", "role", "text", "music", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
DRAFTS = st.dictionaries(st.sampled_from(["t", "d", "m", "tracks", "other"]), JUNK, max_size=4)
BEATS = tuple(range(200, 12_000, 480))
MEDIA = (
    MediaItem("s", "a.mp3", "audio", 12_000, has_audio=True, beats_ms=BEATS, tempo=125.0),
    MediaItem("v", "b.mp4", "video", 4_000, 640, 360, has_audio=True),
    MediaItem("i", "c.jpg", "image", 0, 640, 360),
)
UPLOADS = st.lists(st.sampled_from(MEDIA), unique=True, max_size=3).map(tuple)


@given(message=MESSAGES, draft=DRAFTS, media=UPLOADS, earlier=st.lists(DRAFTS, max_size=2).map(tuple))
@settings(max_examples=250, deadline=None)
def test_respond__any_words_on_any_draft__answers_and_leaves_its_arguments_alone(message, draft, media, earlier):
    before = copy.deepcopy(draft)
    outcome = respond(message, Situation(draft, media, earlier))
    assert outcome.reply.strip()
    assert repr(draft) == repr(before)
    if outcome.draft is not draft:
        read_segments(outcome.draft)


@given(turns=st.lists(MESSAGES, max_size=5), media=UPLOADS, seed=st.integers(0, 2**40))
@settings(max_examples=150, deadline=None)
def test_respond__any_conversation__keeps_segments_on_frames_and_inside(turns, media, seed):
    draft = respond("make a music video", Situation({}, media, seed=seed)).draft
    earlier: list = []
    for turn in turns:
        outcome = respond(turn, Situation(draft, media, tuple(earlier), None, seed))
        if outcome.draft is not draft:
            earlier.append(draft)
        draft = outcome.draft
    segments = read_segments(draft)
    ids = [segment.id for segment in segments]
    assert len(ids) == len(set(ids))
    for segment in segments:
        for at in (segment.start_ms, segment.end_ms):
            assert at == round(round(at * 30 / 1000) * 1000 / 30)
        assert segment.duration_ms > 0
        assert segment.volume is None or 0 <= segment.volume <= 4
    shots = [s for s in segments if s.raw["m"]["role"] in ("clip", "image", "backdrop")]
    assert [s.start_ms for s in shots] == [0, *(s.end_ms for s in shots[:-1])][: len(shots)]
    json.dumps(draft, allow_nan=False)


@given(turns=st.lists(MESSAGES, min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_edits__foreign_keys__are_kept(turns):
    draft = dict(respond("make a music video", Situation({}, MEDIA)).draft)
    draft["zz"] = {"kept": [1, 2]}
    whole = {"id": "e", "s": 0, "d": draft["d"], "q": 5}  # what lies in a stretch that is cut out goes with it
    draft["t"] = [*draft["t"], {"id": "fx", "tt": 42, "zz": 3, "sg": [whole]}]
    for turn in turns:
        draft = respond(turn, Situation(draft, MEDIA)).draft
    assert draft["zz"] == {"kept": [1, 2]}
    (effects,) = [track for track in draft["t"] if track.get("tt") == 42]
    assert effects["zz"] == 3
    assert effects["sg"][0]["q"] == 5


@given(
    seconds=st.integers(0, 12),
    level=st.floats(0, 1),
    sections=st.sampled_from([(), ((0, 0.5),), ((0, 0.2), (8_000, 0.9), (17_000, 0.3))]),
    message=st.sampled_from(
        ["make a music video with the chorus", "make a 6 second reel with the drop", "add music that suits my video",
         "use the last 5 seconds of the song", "用副歌做一个视频", "make a music video, fast cuts"]
    ),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_respond__analyses_that_are_shorter_than_the_media__still_make_a_film(seconds, level, sections, message):
    song = MediaItem(
        "s", "song.mp3", "audio", 20_000, 0, 0, True, tuple(range(0, 20_000, 500)), (), 120.0, (level,) * seconds,
        sections=sections, drops_ms=(25_000,),
    )  # fmt: skip
    clip = MediaItem("c", "clip.mp4", "video", 9_000, 640, 360, motion=(level,) * (seconds // 3), brightness=())
    outcome = respond(message, Situation({}, (song, clip)))
    assert outcome.reply.strip()
    for segment in read_segments(outcome.draft):
        assert segment.duration_ms > 0
