"""What the agent proposes to say it understands when it is said, in the film that it was proposed for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from nemo_notebook.engine.agent import Situation, respond
from nemo_notebook.engine.agent.reading.context import Decline
from nemo_notebook.engine.agent.reading.unable import unable_told
from nemo_notebook.engine.agent.understand import Grammar
from nemo_notebook.engine.agent.words.wording import clauses_of
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets.chat.suggestions import suggest
from nemo_notebook.skills import load
from tests.engine.test_agent_talk import IMPOSSIBLE, VAGUE
from tests.engine.test_prompts import MEDIA, ONE, PS, SC, C, P, S
from tests.support.talk import kept

UPLOADS = {"song and clips": SC, "clips": C, "clip": ONE, "song": S, "photos": P, "photos and song": PS, "nothing": ()}
FILMS = {
    "none": (), "film": ("make a music video", 'add a title "Hi"'), "composed": ("add lo-fi music",),
    "zh": ("做一个视频",),
}  # fmt: skip
ASKING = [
    *VAGUE, *IMPOSSIBLE, "hello", "你好", "help", "帮助", "how do I add a title?", "how do I add transitions?",
    "how can I change the look?", "how do I export a gif?", "how can I make the music quieter?", "how to add music?",
    "how do I cut to the beat?", "how to trim it?", "how to slow it down?", "how do I make it vertical?",
    "how do I add a visualizer?", "how to undo?", "怎么加标题", "怎么加转场", "怎么加滤镜", "怎么导出动图",
    "怎么调音量", "怎么配乐", "怎么卡点", "怎么剪短", "怎么变速", "怎么改竖屏", "怎么加可视化", "怎么撤销",
    "make it longer", "speed ramp the clips", "freeze the last frame", "remove the clip", "epic", "sad", "romantic",
    "lo-fi vibes",
    "the volume", "another song", "换一首歌", "cut faster in the chorus", "cut on the beat",
    "speed up the song", "start it at the drop",
]  # fmt: skip
_EXAMPLE = re.compile(r"(?:e\.g\.|[Ff]or example:) (?!\")((?:[^.?!\"]|\"[^\"]*\"|\.(?=\w))+)|例如[：:]([^。！？）]+)")
_OR = re.compile(r", or |，或")


def proposed(reply: str) -> Iterator[str]:
    """What a reply proposes: what the chat would show to click, and the examples that it gives."""
    own = suggest(load("from-music"), Timeline(None), "en")
    yield from (text for text in suggest(load("from-music"), Timeline(None), "en", reply) if text not in own)
    for found in _EXAMPLE.finditer(reply):
        yield from (text.strip(" ,，.。") for text in _OR.split(found[1] or found[2]))


@cache
def filmed(uploads: str, film: str) -> Situation:
    """The situation after the turns of a film."""
    situation = Situation({}, tuple(MEDIA[name] for name in UPLOADS[uploads]), seed=7)
    for turn in FILMS[film]:
        outcome = respond(turn, situation)
        earlier, draft = kept(list(situation.earlier), dict(situation.draft), outcome)
        situation = replace(situation, draft=draft, earlier=tuple(earlier))
    return situation


def answered(uploads: str, film: str, asked: str) -> tuple[Situation, str]:
    """The situation after one more turn, in the language of its answer, and the answer."""
    before = filmed(uploads, film)
    outcome = respond(asked, before)
    earlier, draft = kept(list(before.earlier), dict(before.draft), outcome)
    return replace(before, draft=draft, earlier=tuple(earlier), language=outcome.language), outcome.reply


@pytest.mark.parametrize(("uploads", "film"), [pair for pair in product(UPLOADS, FILMS) if pair[0] != "nothing"])
def test_proposals__are_understood_when_they_are_said(uploads, film):
    deaf, heard = [], set()
    for asked in ASKING:
        situation, reply = answered(uploads, film, asked)
        for text in set(proposed(reply)) - heard:
            reading = Grammar().read(text, situation)
            sorry = "reverse the order" in text or "顺序倒过来" in text  # where there is nothing to order
            if not isinstance(reading, tuple) or (all(isinstance(edit, Decline) for edit in reading) and not sorry):
                deaf.append((asked, text, respond(text, situation).reply))
            heard.add(text)
    assert not deaf
    assert len(heard) > 15


@pytest.mark.parametrize(("uploads", "film"), [pair for pair in product(UPLOADS, FILMS) if pair[0] != "nothing"])
@pytest.mark.parametrize("asked", ["hello", "make it better", "你好", "优化一下"])
def test_proposals_for_this_film__change_it(uploads, film, asked):
    situation, reply = answered(uploads, film, asked)
    texts = list(proposed(reply))
    assert texts
    for text in texts:
        assert respond(text, situation).edits, text


@pytest.mark.parametrize("uploads", [name for name in UPLOADS if name != "nothing"])
def test_hint_after_a_new_film__can_be_followed(uploads):
    situation, reply = answered(uploads, "none", "make a video")
    texts = list(proposed(reply))
    assert texts
    for text in texts:
        assert respond(text, situation).edits, text


def test_nothing_uploaded__is_told_what_to_upload_whatever_is_said():
    for asked in ("make a video", "hello", "cut on the beat", "black and white", "做一个视频", "加标题“你好”"):
        _, reply = answered("nothing", "none", asked)
        assert "upload" in reply.lower() or "上传" in reply, asked


def test_other_song__is_proposed_by_its_file():
    media = (MEDIA["song.mp3"], MEDIA["clip1.mp4"])
    second = media[0].__class__(
        "two", "demo_take-2.mp3", "audio", 20_000, title="Second Song", beats_ms=media[0].beats_ms
    )
    film = respond("make a music video", Situation({}, (second, *media)))
    assert '"use demo_take-2.mp3 instead"' in film.reply
    assert respond("use demo_take-2.mp3 instead", Situation(film.draft, (second, *media))).edits


def test_what_is_unable__is_told_with_something_that_is_not():
    told = {
        text: unable_told(clauses_of(text)[0], "en") for text in ("play it backwards", "rotate it", "add a sticker")
    }
    assert all(answer and " can " in answer for answer in told.values())
