"""How well messages of people are understood: the conversations beside this file, held against what came of them."""

from __future__ import annotations

import collections
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import facts
import material
from nemo_notebook.agent.turn import respond
from nemo_notebook.film.edit import to_json, touched_by
from nemo_notebook.film.model import Situation, Version


@dataclass
class Verdict:
    conversation: str
    language: str
    say: str
    kind: str
    outcome: str
    reply: str
    detail: str


GOOD = ("right", "asked", "partly")


def judge(turn: dict[str, Any], was: facts.Film, now: facts.Film, reply: str, language: str) -> tuple[str, str]:
    """right | asked (a question, a refusal, an answer where one is as good) | partly (the rest is named) | missed
    (nothing was changed) | damage (something else was changed, or a wish was dropped without a word)."""
    must = list(turn.get("must", []))
    wishes = turn.get("wishes") or [{"must": must, "about": []}] if (must or turn.get("wishes")) else []
    other = facts.changed(was, now, turn.get("changes", []))
    instead = turn.get("instead", [])
    says = [word for word in turn.get("says", [])]
    is_said = not says or any(word in reply.lower() for word in says)
    untrue = [[e for e in wish["must"] if not facts.holds(e, was, now, reply)] for wish in wishes]
    is_same = now == was
    if other:
        return "damage", f"changed too: {', '.join(sorted(other))}"
    if wishes and not any(untrue) and (must_said := is_said or is_same or not says):
        return "right", ""
    if is_same:
        asks = "?" in reply or "？" in reply
        if ("refuse" in instead or "answer" in instead) and is_said:
            return "asked", ""
        if "ask" in instead and (asks or is_said and says):
            return "asked", ""
        return "missed", "; ".join(e for each in untrue for e in each) or f"says none of {says}"
    if not wishes:
        return "damage", "changed something"
    dropped = [wish for wish, each in zip(wishes, untrue) if each]
    named = all(any(word.lower() in reply.lower() for word in wish["about"]) and len(wishes) > 1 for wish in dropped)
    if len(dropped) < len(wishes) and named:
        return "partly", ""
    return "damage", "; ".join(e for each in untrue for e in each)


def play(conversation: dict[str, Any]) -> list[Verdict]:
    media = material.MATERIAL[conversation["material"]]
    draft = material.begun(conversation["material"], conversation["start"])
    states: list[Any] = [draft]
    versions: list[Version] = []
    later: list[Any] = []
    asked: tuple[str, ...] = ()
    found = []
    for turn in conversation["turn"]:
        was = material.seen(draft)
        before = states[-2] if len(states) > 1 else {}
        situation = Situation(
            draft,
            media,
            tuple(states[:-1]),
            None,
            7,
            tuple(later),
            asked,
            touched_by(before, draft),
            recent=tuple(versions),
        )
        try:
            outcome = respond(turn["say"], situation)
        except Exception as error:  # noqa: BLE001
            import traceback

            traceback.print_exc()
            found.append(
                Verdict(
                    conversation["id"],
                    conversation["language"],
                    turn["say"],
                    turn["kind"],
                    "damage",
                    repr(error),
                    "crashed",
                )
            )
            continue
        asked = (turn["say"], *outcome.choices) if outcome.asks else ()
        if outcome.draft != draft:
            if outcome.moves and not outcome.made and outcome.draft in states:
                at = max(n for n, state in enumerate(states) if state == outcome.draft)
                later = [*reversed(states[at + 1 :]), *later]
                del states[at + 1 :]
                del versions[at:]
            else:
                states.append(outcome.draft)
                versions.append(
                    Version(
                        "chat",
                        turn["say"],
                        outcome.reply,
                        [to_json(edit) for edit in outcome.made],
                        len(media),
                        outcome.language,
                        outcome.draft if outcome.is_whole else None,
                    )
                )
                later = []
            draft = outcome.draft
        now = material.seen(draft)
        verdict, detail = judge(turn, was, now, outcome.reply, conversation["language"])
        found.append(
            Verdict(
                conversation["id"], conversation["language"], turn["say"], turn["kind"], verdict, outcome.reply, detail
            )
        )
    return found


def table(found: list[Verdict]) -> None:
    for key in ("language", "kind"):
        groups = collections.defaultdict(collections.Counter)
        for verdict in found:
            groups[getattr(verdict, key)][verdict.outcome] += 1
            groups["all"][verdict.outcome] += 1
        print(f"{key:12} {'n':>4} {'good':>6} {'right':>6} {'asked':>6} {'partly':>6} {'missed':>6} {'damage':>6}")
        for group, counts in groups.items():
            n = sum(counts.values())
            good = sum(counts[name] for name in GOOD)
            print(
                f"{group:12} {n:4} {good / n:6.1%} "
                + " ".join(f"{counts[x] / n:6.1%}" for x in ("right", "asked", "partly", "missed", "damage"))
            )
        print()


if __name__ == "__main__":
    quiet = "--quiet" in sys.argv
    found = []
    for name in sys.argv[1:]:
        if not name.startswith("--"):
            for conversation in tomllib.loads(Path(name).read_text(encoding="utf-8"))["conversation"]:
                found += play(conversation)
    if not quiet:
        for v in found:
            if v.outcome not in ("right", "asked"):
                print(
                    f"[{v.outcome}] {v.kind} · {v.conversation}: {v.say!r}\n      -> {v.reply[:200]!r}  ({v.detail[:200]})"
                )
    table(found)
