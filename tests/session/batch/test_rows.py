from __future__ import annotations

import math
import re
from pathlib import Path

from nemo_notebook.session.batch.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.session.batch.rows import COLUMNS, Film, frame, page, summary

HOSTILE = "<script>alert(1)</script>"
FILMS = (
    Film(Path("a.mp3"), DONE, Path("films/a.mp4"), duration_s=2.0, size_bytes=96_000, took_s=0.5, poster=b"\xff\xd8"),
    Film(Path("b.mp3"), RUNNING, stage="render", share=0.42, left_s=75.0),
    Film(Path("c.mp3"), RUNNING, stage="chat", share=0.3),
    Film(Path(f"{HOSTILE[:9]}.mp3"), FAILED, reason=f"No {HOSTILE} \x1b[31m", hint="Try <b>."),
    Film(Path("d.mp3"), WAITING),
)


def test_frame__has_a_row_a_film(tmp_path: Path) -> None:
    table = frame(FILMS)
    assert tuple(table.columns) == COLUMNS
    assert list(table.state) == ["done", "running", "running", "failed", "waiting"]
    assert table.output[0] == str(Path("films/a.mp4"))
    assert list(table.output[1:]) == [""] * 4
    assert table.duration_s[0] == 2.0
    assert table.left_s[1] == 75.0
    assert math.isnan(table.took_s[4])
    assert frame(()).empty
    assert tuple(frame(()).columns) == COLUMNS


def test_page__shows_states_and_nothing_of_markup() -> None:
    shown = page(FILMS, "some words\nmore", with_posters=False)
    for words in ("rendering 42%", "75 s", "● editing<", "· waiting", 'href="films/a.mp4"', "2.0 s, 96 kB"):
        assert words in shown
    assert "<script" not in shown
    assert "\x1b" not in shown
    assert "<b>" not in shown
    assert "data:image" not in shown
    assert "data:image/jpeg" in page(FILMS, "", with_posters=True)


def test_page__of_many_stays_small_and_shows_what_tells_most() -> None:
    many = [Film(Path(f"song-{number}.mp3"), WAITING) for number in range(5000)]
    many[4000] = Film(Path("bad.mp3"), FAILED, reason="bad")
    many[4500] = Film(Path("now.mp3"), RUNNING)
    many += [Film(Path(f"z{n}.mp3"), DONE, Path(f"z{n}.mp4"), poster=b"x" * 3000) for n in range(40)]
    shown = page(many, "words", with_posters=True)
    assert len(re.findall("<tr>", shown)) == 62
    assert "bad.mp3" in shown
    assert "now.mp3" in shown
    assert "and 4980 more" in shown
    assert shown.count("data:image") == 24
    assert len(shown) < 150_000
    assert len(page(many, "words", with_posters=False)) < 20_000


def test_summary__says_how_many_why_not_and_how_to_go_on() -> None:
    running = summary(FILMS, "films", is_running=True, left_s=130.0)
    assert running == "1 of 5 films is in films (96 kB) · 1 failed · 2 being made, about 2 min 10 s left."
    over = summary(FILMS, "films", is_running=False, left_s=None, note="It costs nothing.")
    assert over.splitlines() == [
        "It costs nothing.",
        "1 of 5 films is in films (96 kB) · 1 failed · 3 not made yet.",
        "⚠️ <script>a.mp3: No <script>alert(1)</script> ",
        "   → The same line again goes on where it stopped.",
    ]
    done = summary(FILMS[:1], "films", is_running=False, left_s=None)
    assert done == "1 of 1 film is in films (96 kB)."
    bad = [Film(Path(f"{number}.mp3"), FAILED, reason="bad") for number in range(20)]
    told = summary(bad, "films", is_running=False, left_s=None)
    assert told.startswith("0 of 20 films are in films · 20 failed.")
    assert "… and 8 more" in told
    assert told.endswith("tries those that failed, and leaves the others as they are.")
