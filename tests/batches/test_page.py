from __future__ import annotations

import re
from pathlib import Path

from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.page import page
from nemo_notebook.batches.rows import Film

HOSTILE = "<script>alert(1)</script>"
FILMS = (
    Film(Path("a.mp3"), DONE, Path("films/a.mp4"), duration_s=2.0, size_bytes=96_000, took_s=0.5, poster=b"\xff\xd8"),
    Film(Path("b.mp3"), RUNNING, stage="render", share=0.42, left_s=75.0),
    Film(Path("c.mp3"), RUNNING, stage="chat", share=0.3),
    Film(Path(f"{HOSTILE[:9]}.mp3"), FAILED, reason=f"No {HOSTILE} \x1b[31m", hint="Try <b>."),
    Film(Path("d.mp3"), WAITING),
    Film(Path("e.mp3"), DONE, Path("films/e.mp4"), was_there=True),
    Film(Path("f.mp3"), DONE, Path("films/f.mp4"), is_anew=True),
)


def shown(films: tuple[Film, ...] | list[Film], *above: str, posters: int = 0) -> str:
    return page(films, above, "Go on.", is_running=True, most_posters=posters)


def words(text: str) -> str:
    """What a reader sees."""
    return " ".join(re.sub("<[^>]*>|&nbsp;", " ", text).split())


def test_page__shows_states_and_nothing_of_markup() -> None:
    text = shown(FILMS, "It costs nothing.", f"some {HOSTILE}")
    for told in ("● rendering 42% about 75 s left", "● editing", "· waiting", "✓ as it was", "✓ made anew"):
        assert told in words(text)
    assert words(text).startswith("It costs nothing. some &lt;script&gt;")
    assert words(text).endswith("→ Go on.")
    assert 'href="films/a.mp4"' in text
    assert "✓ done a.mp4 (2.0 s, 96 kB)" in words(text)
    assert "→ Try &lt;b&gt;." in text
    assert "width:42.0%" in text, "the share as a bar"
    for markup in ("<script", "\x1b", "<b>", "data:image"):
        assert markup not in text
    assert "data:image/jpeg" in shown(FILMS, posters=1)


def test_page__of_many_stays_small_and_shows_what_tells_most() -> None:
    many = [Film(Path(f"z{n}.mp3"), DONE, Path(f"z{n}.mp4"), poster=b"x" * 3000) for n in range(1500)]
    many += [Film(Path(f"song-{number}.mp3"), WAITING) for number in range(1500)]
    many[700] = Film(Path("bad.mp3"), FAILED, reason="bad")
    many[1500] = Film(Path("now.mp3"), RUNNING)
    text = shown(many, posters=24)
    told = words(text)
    assert text.count("<tr>") < 25
    names = "z0.mp3 z2.mp3 bad.mp3 z1497.mp3 now.mp3 song-1.mp3 song-3.mp3 song-1497.mp3 song-1499.mp3"
    for name in names.split():
        assert name in told
    left_out = [sum(int(count) for count in re.findall(r"\d+", gap)) for gap in re.findall(r"⋯ ([\d a-z·]+)<", text)]
    rows = len(re.findall(r"\.mp3</bdi>", text))
    assert len(left_out) == 3
    assert sum(left_out) + rows == 3000, "each is shown or counted"
    assert "⋯ 697 done" in told
    assert len(text) < 60_000
    many[1500] = Film(Path("now.mp3"), WAITING)
    text = shown(many, posters=24)
    assert 35 < text.count("<tr>") < 45
    assert text.count("data:image") == 24
    assert len(text) < 150_000
    worst = [Film(Path(f"{n}.mp3"), FAILED, reason="bad") for n in range(3000)]
    assert shown(worst).count("<tr>") < 50
