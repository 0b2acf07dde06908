"""Messages with the film before and after them, as an earlier reader made it: `tests/agent/recorded.json.gz`.

The file has `drafts` and `media` by number, and `turns`: what was said (`say`), in which film (`before`), with which
uploads, drafts before and behind it, and the film that came of it (`after`). `better.toml` beside it lists the messages
whose film is another one now, because it is nearer to what was said.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nemo_notebook.agent.turn import respond
from nemo_notebook.film.model import MediaItem, Situation

HERE = Path(__file__).parent.parent / "agent"


@dataclass(frozen=True)
class Played:
    """A recorded message and what came of it.

    Attributes:
        say: The message.
        is_same: Whether the film is the recorded one.
        why: Why another one is better; empty where it is not.
        reply: What was answered, then and now.
    """

    say: str
    is_same: bool
    why: str
    reply: tuple[str, str]


@cache
def better() -> dict[str, str]:
    """The messages that are read in a better way now, each with the reason."""
    rows = tomllib.loads((HERE / "better.toml").read_text(encoding="utf-8"))["message"]
    return {row["say"]: row["why"] for row in rows}


def play(recorded: dict[str, Any]) -> Iterator[Played]:
    """Say every message again, in the film in which it was said."""
    media = {key: _item(row) for key, row in recorded["media"].items()}
    drafts = {"": {}, **recorded["drafts"]}
    for turn in recorded["turns"]:
        situation = Situation(
            drafts[turn["before"] or ""],
            tuple(media[key] for key in turn["media"]),
            tuple(drafts[key] for key in turn["earlier"]),
            turn["language"],
            turn["seed"],
            tuple(drafts[key] for key in turn["later"]),
            (turn["asked"],) if turn["asked"] else (),
            tuple(turn["touched"]),
            turn["foreign"],
        )
        outcome = respond(turn["say"], situation)
        is_same = outcome.draft == drafts[turn["after"] or ""]
        why = "" if is_same else better().get(turn["say"], "")
        yield Played(turn["say"], is_same, why, (turn["reply"], outcome.reply))


def read() -> dict[str, Any]:
    """The recorded messages."""
    return json.loads(gzip.decompress((HERE / "recorded.json.gz").read_bytes()))


def _item(row: dict[str, Any]) -> MediaItem:
    return MediaItem(**{key: _frozen(value) for key, value in row.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


if __name__ == "__main__":
    found = list(play(read()))
    for each in found:
        if not each.is_same and not each.why:
            print(f"{each.say!r}\n    then: {each.reply[0]}\n    now:  {each.reply[1]}")
    same, good = sum(each.is_same for each in found), sum(each.is_same or bool(each.why) for each in found)
    print(f"{len(found)} messages: {same / len(found):.2%} as before, {good / len(found):.2%} with the better ones")
