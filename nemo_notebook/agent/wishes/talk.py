"""Talk, and wishes that cannot be met."""

from __future__ import annotations

from collections.abc import Iterable

from nemo_notebook.agent.match import Asked, Match
from nemo_notebook.agent.replies import reply
from nemo_notebook.film.edit import Edit


def thanks(m: Match) -> Iterable[Edit]:
    """Answer thanks and praise."""
    raise Asked(reply("thanks"), asks=False)


def hello(m: Match) -> Iterable[Edit]:
    """Answer a greeting."""
    raise Asked(reply("hello"), asks=False)


def help(m: Match) -> Iterable[Edit]:  # noqa: A001
    """Say what can be done."""
    raise Asked(reply("help"), asks=False)


def stay(m: Match) -> Iterable[Edit]:
    """Leave something as it is."""
    return []


stay_with = stay


def unable(m: Match) -> Iterable[Edit]:
    """Say what cannot be done, and what can instead."""
    raise Asked(reply(f"unable_{m.value('unable')}"), asks=False)
