from __future__ import annotations

from cases import cases
from talk import Talk as Conversation

from nemo_notebook.film.timeline import Timeline, read_sounds
from nemo_notebook.notebook.widgets.suggestions import suggest
from nemo_notebook.skills import all_skills, load

SKILL = load("from-music")


def test_suggest__begins_with_the_skills_example() -> None:
    for skill in all_skills():
        assert suggest(skill, None, "en")[0] == skill.example
        assert all("\u4e00" <= text[0] <= "\u9fff" for text in suggest(skill, Timeline(None), "zh-CN"))


@cases
def test_suggest__what_is_proposed_is_understood_until_the_film_is_whole(language: str, wish: str) -> None:
    talk = Conversation("song+clips", wish, language=language)
    for _ in range(6):
        found = suggest(SKILL, Timeline(talk.draft, language), language)
        assert 1 <= len(found) <= 4
        assert found[-1] in {"export it", "导出"}
        for proposed in found[:-1]:
            before = talk.draft
            outcome = talk.say(proposed)
            assert (outcome.made or outcome.moves) or talk.draft == before
            assert "did not understand" not in outcome.reply
            assert "没有听懂" not in outcome.reply


def test_suggest__cuts_on_the_beat_only_where_they_are_not() -> None:
    song = {"id": "s", "s": 0, "d": 4000, "m": {"media": "h"}}
    sounds = read_sounds([{"hash": "h", "beats_ms": [0, 500, 1000, 1500, 2000, 2500, 3000]}])

    def cut_at(*times_ms: int) -> Timeline:
        shots = [{"id": f"c{at}", "s": at, "d": 500} for at in (0, *times_ms)]
        return Timeline({"d": 4000, "t": [{"tt": 0, "sg": shots}, {"tt": 1, "sg": [song]}]}, "en", sounds)

    assert "cut on the beat" in suggest(SKILL, cut_at(700, 1800, 2500), "en")
    assert "cut on the beat" not in suggest(SKILL, cut_at(530, 1480, 2500), "en")


@cases
def test_suggest__what_is_done_is_not_proposed_again(wish: str, again: str) -> None:
    talk = Conversation("song+clips", "make a music video, cut on the beat")
    reply = f'How about "{again}" or "make the titles larger"?'
    assert again in suggest(SKILL, Timeline(None), "en", reply)
    talk.say(wish)
    cuts_ms = [shot["s"] for shot in talk.draft["t"][0]["sg"]]
    (song,) = (track["sg"][0] for track in talk.draft["t"] if track["tt"] == 1)
    sounds = read_sounds([{"hash": song["m"]["media"], "beats_ms": cuts_ms}])
    found = suggest(SKILL, Timeline(talk.draft, "en", sounds), "en", reply)
    assert again not in found
    assert "make the titles larger" in found


def test_suggest__music_where_there_is_none() -> None:
    talk = Conversation("clips", "make a video from my clips")
    assert suggest(SKILL, Timeline(talk.draft), "en")[0] == "add calm background music"


@cases
def test_suggest__what_a_reply_proposes_goes_first_if_it_is_for_the_editor(
    reply: str, proposed: tuple[str, ...]
) -> None:
    found = suggest(SKILL, Timeline(None), "en", reply)
    own = suggest(SKILL, Timeline(None), "en")
    assert found == (*proposed, *own)[:4]


@cases
def test_suggest__nothing_is_proposed_twice_in_other_words(reply: str, language: str, word: str) -> None:
    talk = Conversation("clips", "make a video from my clips", language=language)
    found = suggest(SKILL, Timeline(talk.draft, language), language, reply)
    assert len([text for text in found if word in text]) == 1
    assert found[0] in reply


def test_suggest__what_the_local_editor_asks_back_can_be_clicked() -> None:
    for language in ("en", "zh-CN"):
        talk = Conversation("song+clips", language=language)
        outcome = talk.say("make it nicer" if language == "en" else "弄好看一点")
        found = suggest(SKILL, Timeline(None), language, outcome.reply)
        assert any(text in outcome.reply for text in found[:2])
