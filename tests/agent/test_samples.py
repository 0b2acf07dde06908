from __future__ import annotations

from collections.abc import Sequence

import facts
from cases import cases
from material import seen
from talk import Talk


@cases
def test_conversations__end_in_the_film_that_was_asked_for(
    uploads: str, turns: Sequence[str], must: Sequence[str]
) -> None:
    talk = Talk(uploads, *turns)
    now = seen(talk.draft)
    untrue = [each for each in must if not facts.holds(each, facts.Film(), now, talk.replies[-1])]
    assert not untrue, talk.replies
