"""What the README says one can say does something, in the kinds of films that people have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nemo_notebook.engine.agent import Situation, respond
from nemo_notebook.engine.agent.understand import Grammar
from tests.engine.test_prompts import MEDIA, SC, C, P, known

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
SECTION = README.split("## What you can say", 1)[1].split("\n## ", 1)[0]
ROWS = {
    row[0].strip(): re.findall(r"`([^`]+)`", row[1])
    for row in (line.strip("|").split("|") for line in SECTION.splitlines() if line.startswith("| "))
}
FILMS = {
    "song": (SC, ["make a music video", 'add a title "Hello"', "for TikTok"]),
    "composed": ((*C, *P), ["use my clips", "add upbeat background music", 'add a title "Hello"', "in landscape"]),
}
PROMPTS = [(row, prompt, film) for row, prompts in ROWS.items() for prompt in prompts for film in FILMS]
ALREADY = {"for TikTok": "song", "做一个卡点视频": "song", "YouTube": "composed"}  # the film that is so before
NO_PHOTOS = ("only clip2 and the photos", "slideshow, 3 seconds per photo")


def test_table__has_its_rows():
    assert {"films", "cuts", "clips", "music", "titles", "looks", "visualizers", "formats"} <= set(ROWS)
    assert len(PROMPTS) > 60


@pytest.mark.parametrize(("row", "prompt", "film"), PROMPTS, ids=[f"{p} ({film})" for _, p, film in PROMPTS])
def test_prompt__changes_the_film(row, prompt, film):
    uploads, turns = FILMS[film]
    if prompt in NO_PHOTOS and not set(P) & set(uploads):
        uploads = (*uploads, *P)
    names = known([*turns, prompt], uploads)
    if names["outcome"].asks:
        assert film == "song"
        assert 'the song "song"' in names["reply"], "asks only for what would be lost"
        names = known([*turns, prompt, "yes"], uploads)
    assert names["outcome"].edits or ALREADY.get(prompt) == film, f"{row}: {names['reply']}"
    assert names["music"], "the music stays"


def test_clip_and_photos__are_both_seen():
    for film in ([], ["use my clips"]):
        names = known([*film, "only clip2 and the photos"], (*C, *P))
        assert [shot.m["media"] for shot in names["shots"]] == ["clip2", "photo1", "photo2", "photo3"]


def test_mood_and_tempo__make_other_music():
    uploads, turns = FILMS["composed"]
    names = known([*turns, "epic, at 90 bpm"], uploads)
    (music,) = names["music"]
    assert music.m["music"]["mood"] == "epic"
    assert music.m["music"]["bpm"] == pytest.approx(90, abs=3)


@pytest.mark.parametrize("prompt", re.findall(r'(?:--prompt|session\.chat\()\s*["\'](.+?)["\'](?:\s|\))', README))
def test_prompt_of_a_command__is_understood(prompt):
    media = tuple(MEDIA[name] for name in SC)
    assert respond(prompt, Situation({}, media)).edits or isinstance(
        Grammar().read(prompt, Situation({}, media)), tuple
    )
