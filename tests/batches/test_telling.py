from __future__ import annotations

from pathlib import Path

import pytest

from nemo_notebook.batches.hints import OTHER_WORDS
from nemo_notebook.batches.ledger import DONE, FAILED, RUNNING, WAITING
from nemo_notebook.batches.rows import Film
from nemo_notebook.batches.telling import span, standing, summary


def film(state: str, **more: bool | str | int) -> Film:
    return Film(Path("a.mp3"), state, Path("films/a.mp4") if state == DONE else None, **more)  # type: ignore[arg-type]


GOOD, BAD, NOW, NEXT = film(DONE), film(FAILED, reason="bad", hint="Mend it."), film(RUNNING), film(WAITING)
KEPT, ANEW = film(DONE, was_there=True), film(DONE, is_anew=True)


def over(*films: Film) -> str:
    return summary(films, "films", is_running=False, left_s=None)


@pytest.mark.parametrize(
    ("films", "words"),
    [
        ([BAD], "0 of 1 film is in films · 1 failed."),
        ([GOOD], "1 of 1 film is in films."),
        ([BAD, BAD], "0 of 2 films are in films · 2 failed."),
        ([GOOD, BAD], "1 of 2 films is in films · 1 failed."),
        ([GOOD, GOOD], "2 of 2 films are in films."),
        ([GOOD, NEXT, NOW], "1 of 3 films is in films · 2 not made yet."),
        ([KEPT], "1 of 1 film is in films, as it was."),
        ([KEPT, KEPT], "2 of 2 films are in films, as they were."),
        ([ANEW, NEXT], "1 of 2 films is in films: 1 made anew · 1 not made yet."),
        ([GOOD, KEPT, KEPT, ANEW], "4 of 4 films are in films: 1 new, 2 as they were, 1 made anew."),
        ([GOOD, KEPT, BAD], "2 of 3 films are in films: 1 new, 1 as it was · 1 failed."),
    ],
)
def test_standing__counts_as_people_do(films: list[Film], words: str) -> None:
    assert standing(films, "films", is_running=False, left_s=None) == words


def test_summary__has_the_answer_to_the_first_film_that_was_made_now() -> None:
    said = 'Done: a 2 s video. I did not understand "neon colours".'
    words = over(film(DONE, reply="of before", was_there=True), film(DONE, reply=said), film(DONE, reply="other"))
    assert words.splitlines()[1] == f"The answer for a.mp3: {said}"
    assert "answer" not in over(GOOD, KEPT, film(DONE, reply="of before", was_there=True))
    assert len(over(film(DONE, reply="x" * 5000))) < 600
    assert "nmv_usr_abcdefgh" not in over(film(DONE, reply="Bearer nmv_usr_abcdefgh"))


def test_standing__while_it_runs() -> None:
    told = standing([GOOD, BAD, NOW, NOW, NEXT], "films", is_running=True, left_s=130.0)
    assert told == "1 of 5 films is in films · 1 failed · 2 being made · 1 waiting · about 2 min 10 s left."
    assert standing([NEXT], ".", is_running=True, left_s=None) == "0 of 1 film is in this folder · 1 waiting."
    assert "in a ✓ b." in standing([GOOD], "a\n✓ b", is_running=False, left_s=None)


@pytest.mark.parametrize(
    ("films", "step"),
    [
        ([GOOD, NEXT, BAD], "The same line again goes on where it stopped."),
        ([BAD], "Then the same line again tries it once more."),
        ([BAD, BAD], "Then the same line again tries them all once more."),
        ([GOOD, BAD], "Then the same line again tries the one that failed, and leaves the other as it is."),
        (
            [GOOD, KEPT, BAD, BAD],
            "Then the same line again tries those that failed, and leaves the others as they are.",
        ),
        (
            [GOOD, film(FAILED, reason="bad")],
            "The same line again tries the one that failed, and leaves the other as it is.",
        ),
    ],
)
def test_summary__ends_with_the_next_step(films: list[Film], step: str) -> None:
    assert over(*films).splitlines()[-1] == f"   → {step}"


def test_summary__after_a_prompt_that_was_not_understood_asks_for_another() -> None:
    lost = film(FAILED, reason="Nothing was made of it: I did not understand.", hint=OTHER_WORDS)
    assert over(lost, lost).splitlines()[-1] == f"   → {OTHER_WORDS}"
    assert "same line" not in over(lost, lost)


def test_summary__says_once_what_several_need() -> None:
    empty = [
        Film(Path(f"{name}.mp3"), FAILED, reason=f"{name}.mp3 is empty.", hint="Record it again.") for name in "ab"
    ]
    broken = Film(Path("c.mp3"), FAILED, reason="It is\n✓ broken.", hint="Save it again.")
    told = summary([empty[0], broken, empty[1]], "films", is_running=False, left_s=None, note="It costs nothing.")
    assert told.splitlines() == [
        "It costs nothing.",
        "0 of 3 films are in films · 3 failed.",
        "⚠️ a.mp3 is empty.",
        "⚠️ b.mp3 is empty.",
        "   → Record it again.",
        "⚠️ c.mp3: It is ✓ broken.",
        "   → Save it again.",
        "   → Then the same line again tries them all once more.",
    ]


def test_summary__says_a_shared_reason_once_and_no_more_than_can_be_read() -> None:
    same = [Film(Path(f"{n}.mp3"), FAILED, reason="The disk is full.", hint="Free some space.") for n in range(20)]
    assert over(*same).splitlines()[1:3] == [
        "⚠️ 0.mp3, 1.mp3, 2.mp3 and 17 more: The disk is full.",
        "   → Free some space.",
    ]
    own = [Film(Path(f"{n}.mp3"), FAILED, reason=f"{n}.mp3 is empty.", hint="Record it again.") for n in range(20)]
    told = over(*own, *same[:1]).splitlines()
    assert told[1:14] == [*(f"⚠️ {n}.mp3 is empty." for n in range(12)), "… and 8 more; `.frame` has them all"]
    assert told[14:17] == ["   → Record it again.", "⚠️ 0.mp3: The disk is full.", "   → Free some space."]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (99.4, "99 s"), (100, "1 min 40 s"), (5970, "1 h 40 min"), (90_000, "25 h 00 min")],
)
def test_span__is_told_as_people_do(seconds: float, words: str) -> None:
    assert span(seconds) == words
