"""How the reader does on the held-out sentences: which frames it reads, by language and domain.

right   a frame that does such a wish, and no other
extra   that, and another one
wrong   only others
asked   none, or the question what is meant

The weights were trained on all sentences, these too: the figures are of the reader, and for comparison with earlier
ones. How the classifier does on sentences that it does not know is said by `python -m tests train`.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from importlib import resources

import corpus
from corpus import Sentence

from nemo_notebook.agent import reading

OUTCOMES = ("right", "extra", "wrong", "asked")
_ASKS = "talk.ask"
_ASIDE = {"talk.small", "talk.praised", "talk.noted"}  # remarks that go with anything


def outcome_of(sentence: Sentence, frames_of: dict[str, set[str]]) -> str:
    """What the reader makes of a sentence."""
    film = corpus.usual_film(sentence.language)
    clauses = reading.read(corpus.message_of(sentence), film.situation).clauses
    found = {f"{each.frame.domain}.{each.frame.name}" for each in clauses if each.is_read and each.frame}
    right = frames_of.get(sentence.kind, set())
    if not found - {_ASKS} and not (right and right <= {_ASKS}):
        return "asked"
    others = found - right - _ASIDE - {_ASKS}
    if found & right:
        return "extra" if others else "right"
    return "wrong"


def main() -> None:
    """Print a table of all domains."""
    kinds = tomllib.loads(resources.files(reading.__package__).joinpath("kinds.toml").read_text(encoding="utf-8"))
    frames_of = {kind: {*f"{row['frames']} {row.get('also', '')}".split()} for kind, row in kinds.items()}
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sentence in corpus.sentences():
        if sentence.is_held_out and sentence.kind in frames_of:
            outcome = outcome_of(sentence, frames_of)
            for domain in (sentence.kind.partition(".")[0], "all"):
                counts[sentence.language, domain][outcome] += 1
    print(f"{'':14}{'sentences':>9}" + "".join(f"{each:>8}" for each in OUTCOMES))
    for (language, domain), row in sorted(counts.items()):
        shares = "".join(f"{row[each] / row.total():8.1%}" for each in OUTCOMES)
        print(f"{language} {domain:11}{row.total():9}{shares}")


if __name__ == "__main__":
    main()
