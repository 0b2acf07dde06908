"""What a message takes away of the user's material: only what it plainly says, else one question comes first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from talk import CITY, PHOTOS, SEA, SONG, Talk

from nemo_notebook.engine.agent import MediaItem
from nemo_notebook.film.drafting import editable

SONG_OF_MINE = replace(SONG, filename="harbour.mp3", content="music")
VOICE = MediaItem("v1", "narration.wav", "audio", 6_000, has_audio=True, content="speech")
NO_WISHES = """
something elegant
push it to 9s
the music is a bit much
no more of that please
hmm, I'm not sure about the title
can we lose the shakiness in the second shot?
kill the harshness a bit
it drags in the middle
I want it to feel like a Wong Kar-wai film
make it pop
get rid of the boring feeling
another vibe altogether
the second shot bothers me
cut me some slack, it's my first film
do your magic
the song starts too early
音乐有点吵
换个感觉
第二个镜头不太好看
再高级一点
"""
WISHES = {
    "delete the title": "title",
    "no title please": "title",
    "take the titles out": "title",
    "remove the music": "song",
    "replace the music with something calm": "song",
    "swap the song for a jazzy track": "song",
    "换一首安静的钢琴曲": "song",
    "delete the voice-over": "speech",
    "remove the second shot": "cut",
    "drop the last clip": "cut",
    "recut the film to the music": "cut",
    "make a new cut with faster pacing": "cut",
    "cut it again on every second beat": "cut",
    "make a 15 second video of my clips": "cut",
    "take the titles off": "title",
    "start over": "title",
    "删掉标题": "title",
    "去掉第二个镜头": "cut",
    "把音乐换成轻快的": "song",
    "重新剪一遍": "cut",
    "重新剪辑，节奏快一点": "cut",
}


def edited() -> Talk:
    """A film whose order and looks were changed by hand."""
    talk = Talk("nothing")
    talk.media = (CITY, SEA, PHOTOS[0], VOICE, SONG_OF_MINE)
    for turn in (
        "make a music video",
        'add a title "Lights" for 3 seconds',
        "swap the first and the second shot",
        "make the third shot black and white",
    ):
        talk.say(turn)
    return talk


def own(talk: Talk) -> dict[str, list]:
    """What is the user's in a film: by kind, in order."""
    film = editable(talk.draft)
    kinds = {kind: [s.meta.get("media") or s.meta.get("text") for s in film.segments(kind)]
             for kind in ("song", "speech", "title")}  # fmt: skip
    return kinds | {"cut": [(s.meta.get("media"), s.meta.get("in_ms"), s["d"]) for s in film.shots]}


@pytest.mark.parametrize("text", NO_WISHES.strip().splitlines())
def test_what_is_no_plain_wish__takes_nothing_away(text):
    talk = edited()
    before = own(talk)
    talk.say(text)
    assert own(talk) == before


@pytest.mark.parametrize(("text", "kind"), WISHES.items())
def test_plain_wish__is_done_at_once(text, kind):
    talk = edited()
    before = own(talk)
    assert not talk.say(text).asks
    assert own(talk)[kind] != before[kind]


def test_shot_and_title__go_together():
    talk = edited()
    before = own(talk)
    assert not talk.say("remove the last shot and the title").asks
    assert own(talk)["title"] == []
    assert own(talk)["cut"] == before["cut"][:-1]


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("I want it to feel like a Wong Kar-wai film", "present cut (12 shots)"),
        ("faster cuts and add a lovely sparkle on top", "present cut (12 shots)"),
        ("make a video that my gran would adore", "present cut (12 shots)"),
        ("快剪，像王家卫那样", "12 个镜头"),
    ],
)
def test_new_cut_with_words_that_were_not_read__is_asked_for_and_done_after_a_yes(text, lost):
    talk = edited()
    before = own(talk)
    outcome = talk.say(text)
    assert outcome.asks
    assert lost in outcome.reply
    assert own(talk) == before
    talk.say("yes")
    assert own(talk)["cut"] != before["cut"]


@pytest.mark.parametrize(
    "text",
    [
        "faster cuts",
        "now make the cuts faster and the music fade out at the end",
        "cut on every downbeat and make it black and white",
        "recut please",
        "剪快一点，再加转场",
    ],
)
def test_new_cut_that_is_read_whole__is_made_at_once(text):
    talk = edited()
    before = own(talk)
    assert not talk.say(text).asks
    assert own(talk)["cut"] != before["cut"]
