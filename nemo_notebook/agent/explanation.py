"""How a message is read, for people who wonder, and for those who mend the reader."""

from __future__ import annotations

from typing import Any

from nemo_notebook.agent.reading import read
from nemo_notebook.agent.tokens import Token
from nemo_notebook.agent.turn import respond
from nemo_notebook.film.edit import to_json
from nemo_notebook.film.model import Situation


def explain(message: str, situation: Situation) -> dict[str, Any]:
    """Read a message without doing anything.

    Args:
        message: What may be said.
        situation: The film and what else the words may refer to.

    Returns:
        `clauses`: for each stretch of the message its `words`, the frame that it is `read_as` (empty for none), how
        `likely` that is (0–1), what its words stand for (`meanings`) and those that are `unread`; `edits`: what
        would be done, as plain values; `reply`: what would be answered; `is_unsure`: whether a language model would be
        asked.
    """
    outcome = respond(message, situation)
    clauses = [
        {
            "words": _words(clause.tokens),
            "read_as": f"{clause.domain}.{clause.frame.name}" if clause.frame and clause.is_read else "",
            "likely": round(clause.likeness, 2),
            "meanings": {token.text: [*token.concepts] for token in clause.tokens if not token.carried},
            "unread": _words(clause.unread),
        }
        for clause in read(message, situation).clauses
    ]
    edits = [to_json(edit) for edit in outcome.made]
    return {"clauses": clauses, "edits": edits, "reply": outcome.reply, "is_unsure": outcome.is_unsure}


def _words(tokens: tuple[Token, ...]) -> str:
    return " ".join(str(token.concepts.get("text") or token.text) for token in tokens if not token.carried)
