"""Films that a tape only notes, where it is played: the film itself if it lies here, else a preview that says so."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.client.fragments import read_fragments
from nemo_notebook.files import size_words
from nemo_notebook.session.language.words import say
from nemo_notebook.tapes.deck import Deck
from nemo_notebook.tapes.format import Exchange, Medium, Tape

_WHOLE: Final = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview that was saved in the place of a film.

    Attributes:
        words: What there is to say of it, a sentence or two.
        width: Pixels across; 0 where that cannot be read.
        height: Pixels down, likewise.
    """

    words: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class NotedFilm:
    """A film that is only noted on a tape.

    Attributes:
        deck: The tape.
        film: What is noted of it.
        preview: What is kept in its place; None where nothing is.
        fetched: How it was fetched.
    """

    deck: Deck
    film: Medium
    preview: Medium | None
    fetched: Exchange

    def is_at(self, path: Path) -> bool:
        """Whether a file is the film, or what the tape has in its place. Reads the file: call it in a thread."""
        return _is(self.film, path) or _is(self.preview, path)

    def pass_over(self) -> None:
        """Go on behind the answer with the film, which nobody needs: the time of the tape goes on, too."""
        found = self.deck.find(self.fetched.request)
        if isinstance(found, Exchange):
            self.deck.end(found)

    def shown_at(self, path: Path, *, chinese: bool) -> Shown | None:
        """What is to be told of a file, if it is the preview. Reads the file: call it in a thread."""
        if self.preview is None or not _is(self.preview, path):
            return None
        try:
            found = read_fragments(path)
            width, height = found.width, found.height
        except (errors.ProtocolError, OSError):
            width = height = 0
        facts = [*([f"{width}×{height}"] if width else []), size_words(self.preview.size_bytes)]
        film = size_words(self.film.size_bytes)
        return Shown(say("preview kept", chinese=chinese, facts=", ".join(facts), film=film), width, height)


def noted_film(deck: Deck | None, render_id: str, url: str) -> NotedFilm | None:
    """The film of an export, if it is played from a tape that only notes it.

    Args:
        deck: The tape of the session.
        render_id: What the export is called.
        url: Where the film lies, as the session knows it.
    """
    if deck is None or deck.tape is None or deck.is_going_on:
        return None
    paths = {url, f"/api/render/proxy/{render_id}/download"}
    for exchange in reversed(deck.tape.exchanges):
        film = _film(deck.tape, exchange) if exchange.request.path in paths else None
        if film is not None:
            preview = deck.tape.media[film.preview] if film.preview else None
            return NotedFilm(deck, film, preview, exchange) if film.data is None else None
    return None


def _film(tape: Tape, exchange: Exchange) -> Medium | None:
    """The file that came with an answer, if it came whole."""
    answer = exchange.answer
    if answer.media is None or answer.status != _WHOLE or answer.was_cut:
        return None
    return tape.media[answer.media.sha256]


def _is(medium: Medium | None, path: Path) -> bool:
    try:
        if medium is None or not path.is_file() or path.stat().st_size != medium.size_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == medium.sha256
    except OSError:
        return False
