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
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from nemo_notebook.agent.match import one_or_all
from nemo_notebook.agent.turn import respond
from nemo_notebook.film.draft import MUSIC, SHOTS, SPEECH, editable
from nemo_notebook.film.edit import Edit, to_json, touched_by
from nemo_notebook.film.edits.looks import SetLook, SetTransition, SetVisualizer
from nemo_notebook.film.edits.shots import Move
from nemo_notebook.film.edits.sounds import SetVolume
from nemo_notebook.film.edits.titles import AddTitle, SetTitle
from nemo_notebook.film.model import MediaItem, Situation, Version
from nemo_notebook.film.target import Target

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
        edits = [to_json(edit) for edit in seen_edits(situation)]
        if edits:
            situation = replace(situation, recent=(Version("chat", "", "", edits),))
        outcome = respond(turn["say"], situation)
        is_same = outcome.draft == drafts[turn["after"] or ""]
        why = "" if is_same else better().get(turn["say"], "")
        yield Played(turn["say"], is_same, why, (turn["reply"], outcome.reply))


def seen_edits(situation: Situation) -> Iterator[Edit]:
    """Edits of what differs from the draft before, without their values."""
    if not situation.earlier or not situation.draft:
        return
    film, before = editable(situation.draft), editable(situation.earlier[-1])
    touched = situation.touched or touched_by(situation.earlier[-1], situation.draft)
    parts = [
        part for part in film.segments(*SHOTS, *MUSIC, *SPEECH, "title", "visualizer") if part.get("id") in touched
    ]
    joins = [[shot.meta.get("transition") for shot in each.shots] for each in (before, film)]
    kinds = [join["kind"] for join in joins[1] if join]
    target = one_or_all([Target(id=str(part["id"])) for part in parts])
    roles = {part.role for part in parts}
    if kinds and joins[0] != joins[1]:
        yield SetTransition(kind=kinds[0])
    elif any(film.meta.get(key) != before.meta.get(key) for key in ("filter", "adjust")):
        yield SetLook(filter=film.meta.get("filter"))
    elif len(looks := {part.meta.get("filter") for part in parts if part.role in SHOTS} - {None}) == 1:
        yield SetLook(target=target, filter=looks.pop())
    elif roles == {"title"}:
        is_new = len(parts) == 1 and parts[0].get("id") not in {each.get("id") for each in before.segments("title")}
        yield AddTitle(text=parts[0].text) if is_new else SetTitle(target=target)
    elif roles == {"visualizer"}:
        yield SetVisualizer()
    elif roles and roles <= {*MUSIC, *SPEECH}:
        yield SetVolume(target=target)
    elif roles and roles <= {*SHOTS} and len(parts) < len(film.shots):
        yield Move(target=target)


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
