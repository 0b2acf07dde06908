"""How well messages of people are understood: `python tests/people [--quiet] [FILE …]`; see README.md.

Without files both halves are played, and of the sealed one only figures are printed.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import material
from judge import GOOD, Verdict, judge

from nemo_notebook.agent.turn import respond
from nemo_notebook.film.edit import to_json, touched_by
from nemo_notebook.film.model import Situation, Version
from nemo_notebook.film.tracks import Json

HERE = Path(__file__).parent
OUTCOMES = ("right", "asked", "partly", "missed", "damage")


def play(conversation: Mapping[str, Any]) -> Iterator[Verdict]:
    """Say the messages of a conversation one after another."""
    media = material.MATERIAL[conversation["material"]]
    states: list[Json] = [material.begun(conversation["material"], conversation["start"])]
    versions: list[Version] = []
    later: list[Json] = []
    asked: tuple[str, ...] = ()
    for turn in conversation["turn"]:
        draft = states[-1]
        touched = touched_by(states[-2] if len(states) > 1 else {}, draft)
        situation = Situation(
            draft, media, tuple(states[:-1]), None, 7, tuple(later), asked, touched, recent=tuple(versions)
        )
        outcome = respond(turn["say"], situation)
        asked = (turn["say"], *outcome.choices) if outcome.asks else ()
        if outcome.draft != draft:
            made = [to_json(edit) for edit in outcome.made]
            if outcome.moves and not outcome.made and outcome.draft in states:
                at = max(n for n, state in enumerate(states) if state == outcome.draft)
                later = [*reversed(states[at + 1 :]), *later]
                del states[at + 1 :], versions[at:]
            else:
                states.append(outcome.draft)
                whole = outcome.draft if outcome.is_whole else None
                versions.append(Version("chat", turn["say"], outcome.reply, made, len(media), outcome.language, whole))
                later = []
        found, detail = judge(turn, material.seen(draft), material.seen(states[-1]), outcome.reply)
        yield Verdict(
            conversation["id"], conversation["language"], turn["kind"], turn["say"], outcome.reply, found, detail
        )


def table(found: Sequence[Verdict], key: str) -> None:
    """Print shares of outcomes by language or by kind."""
    groups: dict[str, Counter[str]] = defaultdict(Counter)
    for verdict in found:
        groups["all"][verdict.outcome] += 1
        groups[getattr(verdict, key)][verdict.outcome] += 1
    print(f"{key:12} {'n':>5} {'good':>7} " + " ".join(f"{name:>7}" for name in OUTCOMES))
    for group, counts in groups.items():
        n = counts.total()
        shares = [sum(counts[name] for name in GOOD), *(counts[name] for name in OUTCOMES)]
        print(f"{group:12} {n:5} " + " ".join(f"{share / n:7.1%}" for share in shares))
    print()


def main(names: Sequence[str], *, is_quiet: bool) -> None:
    for half in (Path(name) for name in names) if names else (HERE / "open", HERE / "sealed"):
        files = sorted(half.glob("*.toml")) if half.is_dir() else [half]
        found = [
            verdict
            for file in files
            for conversation in tomllib.loads(file.read_text(encoding="utf-8"))["conversation"]
            for verdict in play(conversation)
        ]
        print(f"== {half.name}")
        shown = () if is_quiet or "sealed" in half.parts else [v for v in found if v.outcome not in GOOD]
        for v in shown:
            print(f"[{v.outcome}] {v.kind} · {v.conversation}: {v.said!r}\n    {v.reply[:200]!r} ({v.detail[:200]})")
        for key in ("language", "kind"):
            table(found, key)


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name != "--quiet"], is_quiet="--quiet" in sys.argv)
