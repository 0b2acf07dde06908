from __future__ import annotations

from dataclasses import replace

import pytest

from nemo_notebook.batches.ledger import Entry
from nemo_notebook.batches.replacing import words_of

OLD = Entry("a.mp3", "key", "sum", film_sha256="film", film_key="key", ending="mp4")
ASKED = replace(OLD, key="another", is_anew=True)
FILE = replace(ASKED, sha256="another")


@pytest.mark.parametrize(
    ("entries", "old", "words"),
    [
        ([OLD, OLD], OLD, ""),
        ([ASKED], OLD, "1 of 1 film is made anew: what is asked for is another."),
        ([FILE, OLD, OLD], OLD, "1 of 3 films is made anew: the file is another."),
        ([ASKED, OLD, ASKED], OLD, "2 of 3 films are made anew: what is asked for is another."),
        ([ASKED, FILE], OLD, "2 of 2 films are made anew: what is asked for, or the file, is another."),
        (
            [ASKED],
            replace(FILE, is_anew=False),
            "1 of 1 film is made anew: what is asked for, or the file, is another.",
        ),
    ],
)
def test_words__say_how_many_and_why(entries: list[Entry], old: Entry, words: str) -> None:
    assert words_of(entries, {("a.mp3", "mp4"): old}) == words
