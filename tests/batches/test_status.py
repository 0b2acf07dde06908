"""How a batch is shown: rows, the text below them, the table."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from cases import cases

from nemo_notebook import errors
from nemo_notebook.batches.status import (
    FILM_COLUMNS,
    OTHER_WORDS,
    BatchFilm,
    duration_words,
    frame,
    headline,
    hint_of,
    html_table,
    short_name,
    summary,
)

FILMS = (
    BatchFilm(Path("a.mp3"), "done", Path("films/a.mp4"), duration_s=2.0, size_bytes=96_000, took_s=0.5),
    BatchFilm(Path("b.mp3"), "running", stage="render", share=0.42, left_s=75.0),
    BatchFilm(Path("c.mp3"), "running", stage="chat", share=0.3),
    BatchFilm(Path("bad.mp3"), "failed", reason="bad.mp3 is\n✓ d.mp3 \x1b[31m", hint="Try another."),
    BatchFilm(Path("d.mp3"), "waiting"),
)


def test_frame__has_a_row_a_film() -> None:
    table = frame(FILMS)
    assert tuple(table.columns) == FILM_COLUMNS
    assert list(table.state) == ["done", "running", "running", "failed", "waiting"]
    assert list(table.output) == ["films/a.mp4"] + [""] * 4
    assert table.duration_s[0] == 2.0
    assert table.left_s[1] == 75.0
    assert math.isnan(table.took_s[4])
    assert frame(()).empty
    assert tuple(frame(()).columns) == FILM_COLUMNS


def test_frame__tells_no_folder_of_the_machine_above_that_of_the_notebook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = BatchFilm(tmp_path / "songs" / "a.mp3", "done", tmp_path / "films" / "a.mp4")
    elsewhere = BatchFilm(tmp_path.parent / "b.mp3")
    table = frame([here, elsewhere])
    assert list(table.input) == ["songs/a.mp3", (tmp_path.parent / "b.mp3").as_posix()]
    assert table.output[0] == "films/a.mp4"
    assert here.output == tmp_path / "films" / "a.mp4", "what is worked with stays a whole path"


def test_words__are_one_line_a_film_whatever_is_in_them() -> None:
    assert [str(film) for film in FILMS] == [
        "✓ a.mp3 → a.mp4 (2.0 s, 96 kB)",
        "● b.mp3 · rendering 42%",
        "● c.mp3 · editing",
        "⚠️ bad.mp3 is ✓ d.mp3",
        "· d.mp3 · waiting",
    ]


def test_short__keeps_the_end_of_a_name() -> None:
    name = f"{'a very long title ' * 6}- part 07.flac"
    assert len(short_name(name)) == 48
    assert short_name(name).startswith("a very long title ")
    assert short_name(name).endswith("part 07.flac")
    assert short_name("a\n✓ b\u2028c.mp3") == "a ✓ b c.mp3"


def film(state: str, **more: bool | str | int) -> BatchFilm:
    return BatchFilm(Path("a.mp3"), state, Path("films/a.mp4") if state == "done" else None, **more)


GOOD, BAD, NOW, NEXT = film("done"), film("failed", reason="bad", hint="Mend it."), film("running"), film("waiting")
KEPT, ANEW = film("done", was_there=True), film("done", is_anew=True)
KINDS = {
    "good": GOOD,
    "bad": BAD,
    "now": NOW,
    "next": NEXT,
    "kept": KEPT,
    "anew": ANEW,
    "no hint": film("failed", reason="bad"),
}


def over(*films: BatchFilm, note: str = "") -> str:
    return summary(films, headline(films, "films", is_running=False, left_s=None), is_running=False, note=note)


@cases
def test_headline__counts_as_people_do(kinds: tuple[str, ...], words: str) -> None:
    assert headline([KINDS[kind] for kind in kinds], "films", is_running=False, left_s=None) == words


def test_summary__has_the_answer_to_the_first_film_that_was_made_now() -> None:
    said = 'Done: a 2 s video. I did not understand "neon colours".'
    words = over(film("done", reply="of before", was_there=True), film("done", reply=said), film("done", reply="other"))
    assert words.splitlines()[1] == f"The answer for a.mp3: {said}"
    assert "answer" not in over(GOOD, KEPT, film("done", reply="of before", was_there=True))
    assert len(over(film("done", reply="x" * 5000))) < 600
    assert "nmv_usr_abcdefgh" not in over(film("done", reply="Bearer nmv_usr_abcdefgh"))


def test_headline__while_it_runs() -> None:
    told = headline([GOOD, BAD, NOW, NOW, NEXT], "films", is_running=True, left_s=130.0)
    assert told == "1 of 5 films is in films · 1 failed · 2 being made · 1 waiting · about 2 min 10 s left."
    assert headline([NEXT], ".", is_running=True, left_s=None) == "0 of 1 film is in this folder · 1 waiting."
    assert "in a ✓ b." in headline([GOOD], "a\n✓ b", is_running=False, left_s=None)


@cases
def test_summary__ends_with_the_next_step(kinds: tuple[str, ...], step: str) -> None:
    assert over(*(KINDS[kind] for kind in kinds)).splitlines()[-1] == f"   → {step}"


def test_summary__after_a_prompt_that_was_not_understood_asks_for_another() -> None:
    lost = film("failed", reason="Nothing was made of it: I did not understand.", hint=OTHER_WORDS)
    assert over(lost, lost).splitlines()[-1] == f"   → {OTHER_WORDS}"
    assert "same line" not in over(lost, lost)


def test_summary__says_once_what_several_need() -> None:
    empty = [
        BatchFilm(Path(f"{name}.mp3"), "failed", reason=f"{name}.mp3 is empty.", hint="Record it again.")
        for name in "ab"
    ]
    broken = BatchFilm(Path("c.mp3"), "failed", reason="It is\n✓ broken.", hint="Save it again.")
    told = over(empty[0], broken, empty[1], note="It costs nothing.")
    assert told.splitlines() == [
        "It costs nothing.",
        "0 of 3 films are in films · 3 failed.",
        "⚠️ a.mp3 is empty.",
        "⚠️ b.mp3 is empty.",
        "   → Record it again.",
        "⚠️ c.mp3: It is ✓ broken.",
        "   → Save it again.",
        "   → Then run the same line again to retry what failed.",
    ]


def test_summary__says_a_shared_reason_once_and_no_more_than_can_be_read() -> None:
    same = [
        BatchFilm(Path(f"{n}.mp3"), "failed", reason="The disk is full.", hint="Free some space.") for n in range(20)
    ]
    assert over(*same).splitlines()[1:3] == [
        "⚠️ 0.mp3, 1.mp3, 2.mp3 and 17 more: The disk is full.",
        "   → Free some space.",
    ]
    own = [
        BatchFilm(Path(f"{n}.mp3"), "failed", reason=f"{n}.mp3 is empty.", hint="Record it again.") for n in range(20)
    ]
    told = over(*own, *same[:1]).splitlines()
    assert told[1:14] == [*(f"⚠️ {n}.mp3 is empty." for n in range(12)), "… and 8 more; `.frame` has them all"]
    assert told[14:17] == ["   → Record it again.", "⚠️ 0.mp3: The disk is full.", "   → Free some space."]


@cases
def test_span__is_told_as_people_do(seconds: float, words: str) -> None:
    assert duration_words(seconds) == words


def _kinds(kind: type[errors.NemoError]) -> list[type[errors.NemoError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _kinds(below))]


def test_hint__of_a_film_is_none_of_the_notebooks_own_session() -> None:
    session_only = ("%nemo status", "%nemo export", "%nemo chat", "export again", "%nemo jobs", "uploads have to be")
    of_other_work = (errors.Detached, errors.TapeError, errors.InvalidTimeline, errors.UsageError, errors.MissingExtra)
    for kind in _kinds(errors.NemoError):
        if not issubclass(kind, of_other_work):
            assert not any(words in hint_of(kind("It failed.")) for words in session_only), kind


@cases
def test_hint__is_what_the_error_says_unless_that_is_for_a_session(kind: str, hint: str | None, step: str) -> None:
    assert hint_of(getattr(errors, kind)("It failed.", hint=hint)) == step


HOSTILE = "<script>alert(1)</script>"
TABLE = (
    replace(FILMS[0], poster=b"\xff\xd8"),
    *FILMS[1:3],
    BatchFilm(Path(f"{HOSTILE[:9]}.mp3"), "failed", reason=f"No {HOSTILE} \x1b[31m", hint="Try <b>."),
    FILMS[4],
    BatchFilm(Path("e.mp3"), "done", Path("films/e.mp4"), was_there=True),
    BatchFilm(Path("f.mp3"), "done", Path("films/f.mp4"), is_anew=True),
)


def shown(films: tuple[BatchFilm, ...] | list[BatchFilm], *above: str, posters: int = 0) -> str:
    return html_table(films, above, "Go on.", is_running=True, most_posters=posters)


def words(text: str) -> str:
    """What a reader sees."""
    return " ".join(re.sub("<[^>]*>|&nbsp;", " ", text).split())


def test_page__shows_states_and_nothing_of_markup() -> None:
    text = shown(TABLE, "It costs nothing.", f"some {HOSTILE}")
    for told in ("● rendering 42% about 75 s left", "● editing", "· waiting", "✓ unchanged", "✓ made anew"):
        assert told in words(text)
    assert words(text).startswith("It costs nothing. some &lt;script&gt;")
    assert words(text).endswith("→ Go on.")
    assert 'href="films/a.mp4"' in text
    assert "✓ done a.mp4 (2.0 s, 96 kB)" in words(text)
    assert "→ Try &lt;b&gt;." in text
    assert 'value="0.420"' in text, "the share as a bar"
    for markup in ("<script", "\x1b", "<b>", "data:image"):
        assert markup not in text
    assert "data:image/jpeg" in shown(TABLE, posters=1)


def test_page__of_many_stays_small_and_shows_what_tells_most() -> None:
    many = [BatchFilm(Path(f"z{n}.mp3"), "done", Path(f"z{n}.mp4"), poster=b"x" * 3000) for n in range(1500)]
    many += [BatchFilm(Path(f"song-{number}.mp3"), "waiting") for number in range(1500)]
    many[700] = BatchFilm(Path("bad.mp3"), "failed", reason="bad")
    many[1500] = BatchFilm(Path("now.mp3"), "running")
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
    many[1500] = BatchFilm(Path("now.mp3"), "waiting")
    text = shown(many, posters=24)
    assert 35 < text.count("<tr>") < 45
    assert text.count("data:image") == 24
    assert len(text) < 150_000
    worst = [BatchFilm(Path(f"{n}.mp3"), "failed", reason="bad") for n in range(3000)]
    assert shown(worst).count("<tr>") < 50
