"""What comes of a message: edits, or words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from nemo_notebook.film.draft import Json
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.model import Language, Situation


@dataclass(frozen=True, slots=True)
class Question:
    """Something has to be known first."""

    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """It cannot be done, or was not understood; says what can be."""

    text: str


@dataclass(frozen=True, slots=True)
class Remark:
    """An answer that needs no change: a greeting, a fact about the draft."""

    text: str


Wish = Any
"""What the grammar reads: a dataclass of `wishes.py`, or a `Decline`."""

Reading = tuple[Wish, ...] | Question | Refusal | Remark


class Understanding(Protocol):
    """Reads messages. The built-in one is a grammar; a language model could stand in its place."""

    def read(self, message: str, situation: Situation) -> Reading:
        """What the message asks for; `situation.spoken` is the language of the answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message.

    Attributes:
        draft: The draft afterwards; the very object of the situation where nothing changed.
        reply: What to say, never empty.
        edits: What was asked for that changed the draft, in order.
        made: The typed edits that did it; applied to the draft before they give the draft afterwards.
        language: Language of the reply.
        asks: Whether the reply is a question, which the next message may answer.
    """

    draft: Json
    reply: str
    edits: tuple[Wish, ...]
    language: Language
    asks: bool = False
    made: tuple[Edit, ...] = ()
