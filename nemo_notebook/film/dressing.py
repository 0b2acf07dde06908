"""What shots wear besides what they show: looks by source and transitions at cuts, kept through a new cut."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

from nemo_notebook.film.drafting import Draft, end_of, meta, on_frame, start_of
from nemo_notebook.outside import finite

LONGEST_SHARE: Final = 1 / 2  # of the shorter neighbour that a transition may take
SHORTEST_JOIN_MS: Final = 67
_LOOKS: Final = ("filter", "adjust", "fit")
_SAME_CUT_MS: Final = 40


@dataclass(frozen=True, slots=True)
class Dress:
    """What a cut wears.

    Attributes:
        looks: By the id of an upload: filter, adjustments and fit that all its shots share.
        volumes: By the id of an upload: the volume that all its shots share, where not all uploads share one.
        join: The transition that most cuts have, or None.
        joins: By the time of a cut in milliseconds: transitions where not most cuts have one.
    """

    looks: dict[str, dict[str, Any]] = field(default_factory=dict)
    volumes: dict[str, float] = field(default_factory=dict)
    join: dict[str, Any] | None = None
    joins: dict[int, dict[str, Any]] = field(default_factory=dict)


def dress_of(shots: Sequence[Draft]) -> Dress:
    """What shots in time order wear."""
    by_media: dict[str, list[Draft]] = {}
    for shot in shots:
        by_media.setdefault(str(meta(shot).get("media")), []).append(shot)
    looks = {media: own for media, of_it in by_media.items() if (own := _shared(of_it))}
    volumes = {media: levels.pop() for media, of_it in by_media.items() if len(levels := _levels(of_it)) == 1}
    volumes = volumes if len(set(volumes.values())) > 1 else {}
    joins = {start_of(shot): join for shot in shots[1:] if (join := _join_of(shot)) is not None}
    if joins and len(joins) * 2 >= len(shots) - 1:
        (kind, _), *_ = Counter(join["kind"] for join in joins.values()).most_common(1)
        longest = max((j for j in joins.values() if j["kind"] == kind), key=lambda j: float(finite(j.get("ms")) or 0))
        return Dress(looks, volumes, dict(longest))
    return Dress(looks, volumes, None, joins)


def put_on(shots: Sequence[Draft], dress: Dress) -> None:
    """Gives shots in time order what earlier shots wore, as far as it fits them."""
    for shot in shots:
        meta(shot).update(deepcopy(dress.looks.get(str(meta(shot).get("media")), {})))
        if "v" in shot:
            shot["v"] = dress.volumes.get(str(meta(shot).get("media")), shot["v"])
    for one, other in itertools.pairwise(shots):
        join = dress.join or next(
            (join for at, join in dress.joins.items() if abs(at - start_of(other)) <= _SAME_CUT_MS), None
        )
        if join is not None and abs(end_of(one) - start_of(other)) <= 1:
            wanted = finite(join.get("ms")) or SHORTEST_JOIN_MS
            meta(other)["transition"] = {**join, "ms": join_ms(wanted, one, other)}


def join_ms(wanted_ms: float, one: Draft, other: Draft, share: float = LONGEST_SHARE) -> int:
    """The length of a transition between two shots: at most a share of the shorter one."""
    return on_frame(max(SHORTEST_JOIN_MS, min(wanted_ms, min(one["d"], other["d"]) * share)))


def _shared(shots: Sequence[Draft]) -> dict[str, Any]:
    first = meta(shots[0])
    return {key: first[key] for key in _LOOKS if key in first and all(meta(s).get(key) == first[key] for s in shots)}


def _levels(shots: Sequence[Draft]) -> set[float]:
    return {level for shot in shots if (level := finite(shot.get("v"))) is not None and 0 <= level <= 1}


def _join_of(shot: Draft) -> dict[str, Any] | None:
    join = meta(shot).get("transition")
    return join if isinstance(join, dict) and isinstance(join.get("kind"), str) else None
