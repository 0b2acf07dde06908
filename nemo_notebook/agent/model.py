"""What comes of a message: edits, or words."""

from __future__ import annotations

from dataclasses import dataclass

from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import Language


@dataclass(frozen=True, slots=True)
class Undo:
    """Steps back in the history; 0 for all."""

    steps: int = 1


@dataclass(frozen=True, slots=True)
class Redo:
    """Steps forward in the history; 0 for all."""

    steps: int = 1


@dataclass(frozen=True, slots=True)
class Rewind:
    """A film as if some edits had not been made.

    Attributes:
        draft: The film.
        edits: What was taken back.
    """

    draft: Json
    edits: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message.

    Attributes:
        draft: The draft afterwards; the very object of the situation where nothing changed.
        reply: What to say, never empty.
        language: Language of the reply.
        asks: Whether the reply is a question, which the next message may answer.
        made: The typed edits that were made.
        moves: Steps through the history, which come before the edits.
        is_whole: Whether the edits alone do not lead from the draft before to the one afterwards.
        choices: Messages that the next one may pick from, as "the second".
        is_unsure: Whether not all of the message was read without doubt.
    """

    draft: Json
    reply: str
    language: Language
    asks: bool = False
    made: tuple[Edit, ...] = ()
    moves: tuple[Undo | Redo, ...] = ()
    is_whole: bool = False
    choices: tuple[str, ...] = ()
    is_unsure: bool = False

    def unchanged(self, draft: Json) -> Outcome:
        """The same words with nothing done."""
        return Outcome(draft, self.reply, self.language)
