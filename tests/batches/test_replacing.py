from __future__ import annotations

from dataclasses import replace

import pytest

from nemo_notebook.batches.folder import FileMark
from nemo_notebook.batches.ledger import Entry, MadeFilm
from nemo_notebook.batches.order import remade

OLD = Entry("a.mp3", "mp4", source=FileMark("sum"), key="key", film=MadeFilm("film", 1), film_key="key")
ASKED = replace(OLD, key="another", is_anew=True)
FILE = replace(ASKED, source=FileMark("another"))


@pytest.mark.parametrize(
    ("entries", "old", "words"),
    [
        ([OLD, OLD], OLD, ""),
        ([ASKED], OLD, "1 of 1 film is made anew: the request has changed."),
        ([FILE, OLD, OLD], OLD, "1 of 3 films is made anew: the file has changed."),
        ([ASKED, OLD, ASKED], OLD, "2 of 3 films are made anew: the request has changed."),
        ([ASKED, FILE], OLD, "2 of 2 films are made anew: the file or the request has changed."),
        (
            [ASKED],
            replace(FILE, is_anew=False),
            "1 of 1 film is made anew: the file or the request has changed.",
        ),
    ],
)
def test_words__say_how_many_and_why(entries: list[Entry], old: Entry, words: str) -> None:
    assert remade(entries, {("a.mp3", "mp4"): old}) == words
