"""Wishes about which part of shots, or of the film, is seen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from nemo_notebook.agent.match import SHARES, Asked, Edits, Match, one_or_all, read_as, reply
from nemo_notebook.agent.wishes.nouns import each_of, parts_of, within
from nemo_notebook.film.edit import Edit
from nemo_notebook.film.edits.lengths import CutTime, SetLength
from nemo_notebook.film.edits.music import PlaceMusic
from nemo_notebook.film.edits.parts import Remove, Trim
from nemo_notebook.film.target import Target

_SURE: Final = 0.6  # how likely a kind has to be that says how words are meant


def trim(m: Match) -> Edits:
    """Cut time off shots, or out of the film where none are named."""
    if m.has("it") and m.has("at") and any(edit.tag == "add_title" for edit in m.made[-1:]):
        return read_as("titles.remove", m)
    if m.has("keep", "only") and not m.has("remove") and m.has("time"):
        return keep_part(m)
    shots, time_s, edge = m.shots(focus=m.has("it", "one")), m.value("time"), m.edge()
    if (found := _off_ends(m, shots)) is not None:
        return found
    if m.has("range"):
        if shots and m.has("file") and not m.has("remove"):
            return _stretch_of(m, shots)
        if not shots:
            _be_known(m)
        start_s, end_s = m.value("range")
        inside = [p for t in shots for p in m.parts(t) if p.start_ms >= start_s * 1000 and p.end_ms <= end_s * 1000]
        if inside and len(m.film.shots) > len(inside) and m.has("between") and m.has("remove"):
            return [Remove(target=tuple(Target(id=str(part["id"])) for part in inside))]
        is_kept = m.like("shots.keep_part", "films.keep_time") > _SURE
        return [CutTime(**within(m, shots), keep=is_kept or (not shots and _is_only_trim(m)))]
    if not shots:
        return _of_film(m, keep=bool(edge) and m.has("to") and _is_only_trim(m))
    if edge and not m.has("to"):
        return [_off(t, edge, time_s) for t in shots]
    if m.has("off", "by", "less") or m.has_pair("time", "from"):
        return [Trim(target=t, by_s=-time_s) for t in shots]
    return [Trim(target=t, duration_s=time_s) for t in shots]


def cut_half(m: Match) -> Edits:
    """Take a half out of the film, or keep only that."""
    is_late = m.edge() == "finish" or 2 in m.values("ordinal")
    half: dict[str, Any] = {"start_s" if is_late else "end_s": m.film.end_ms / 2000}
    return [CutTime(**half, keep=m.has("keep", "only"))]


def trim_part(m: Match) -> Edits:
    """Cut something off an end of shots, or keep it: seconds, or a share."""
    if m.has("time", "range"):
        return trim(m)
    edge = "finish" if 2 in m.values("ordinal") else m.edge()  # the second half
    share, is_kept = (
        next((SHARES[name] for name in ("half", "third", "quarter") if m.has(name)), None),
        m.has("keep", "only"),
    )
    if share is None or not edge:
        raise Asked(reply("how_many_seconds_kept" if is_kept else "how_many_seconds"))
    if is_kept:
        edge, share = "finish" if edge == "start" else "start", 1 - share
    return [_off(target, edge, share * length_s) for target, length_s in parts_of(m, m.shots())]


def _is_to(m: Match) -> bool:
    """Whether it is said how much remains: "trim it to 5 seconds", "shorten it 5 seconds"."""
    return m.has("to", "until") or any(t.is_a("shorten") and not t.is_a("trim") for t in m.tokens)


def keep_part(m: Match) -> Edits:
    """Keep a stretch of shots, or of the film."""
    shots, time_s = m.shots(focus=m.has("it", "one", "shot", "clip")), m.value("time")
    is_kept = m.has("keep", "only")
    if not is_kept and (
        m.has("remove", "off") or (any(t.is_a("trim") and not t.is_a("use") for t in m.tokens) and not _is_to(m))
    ):
        return trim(m)
    if shots and time_s is not None and m.has("by") and not m.has("to"):
        return [Trim(target=t, by_s=-time_s) for t in each_of(m, shots)]
    if m.has("film") and not m.has("file", "every") and not m.counted("shot", "photo"):
        shots = ()
    if not shots and m.has("it") and (heard := m.focused(("song", "composed", "music"))):
        return [PlaceMusic(target=heard[0], **(m.stretch() or {"end_s": time_s}))]
    if m.has("range"):
        return _stretch_of(m, shots) if shots else [CutTime(**m.stretch(), keep=True)]
    if not shots:
        return _of_film(m, keep=True)
    if m.edge() == "finish":
        return [Trim(target=t, keep_last_s=time_s) for t in shots]
    if m.has("middle") and len(parts := m.parts(one_or_all(shots))) == 1:
        gone_s = max(0.0, parts[0]["d"] / 1000 - time_s) / 2
        return [Trim(target=t, start_s=gone_s, end_s=gone_s) for t in shots]
    if m.has("from", "now_on") and not m.has("to", "until", "start"):
        return begin_at(m)
    return [Trim(target=t, duration_s=time_s) for t in shots]


def begin_at(m: Match) -> Edits:
    """Show clips only from a time of theirs on, or only until one."""
    is_end = m.has("end", "until") and not m.has("from")
    field = "end_s" if m.has("earlier") else "duration_s" if is_end else "start_s"
    return [Trim(target=t, **{field: m.value("time")}) for t in m.shots(focus=False)]


def _is_only_trim(m: Match) -> bool:
    """Whether time is trimmed to, not taken out: "trim from 2 s to 6 s", "cut it to …"."""
    trims = [token for token in m.tokens if token.is_a("trim")]
    is_pure = any(not token.is_a("remove", "cuts", "split") for token in trims)
    return bool(trims) and not m.has("off", "between") and (is_pure or (m.has("to") and m.has("it", "film")))


def _of_film(m: Match, *, keep: bool) -> Edits:
    """Take out, or keep, so many seconds at an end of the film, in its middle, or from a time on."""
    time_s, edge, total_s = m.value("time"), m.edge(), m.film.end_ms / 1000
    _be_known(m)
    said = {name: b.concepts["time"] for a, b in pairwise(m.tokens) if b.is_a("time") for name in a.concepts}
    if (
        said.get("before", 0) < said.get("after", 0) and {"before", "after"} <= said.keys()
    ):  # "before 2 s and after 5 s"
        return [CutTime(start_s=said["before"], end_s=said["after"], keep=not keep)]
    if edge:
        return [CutTime(**({"end_s": time_s} if edge == "start" else {"start_s": -time_s}), keep=keep)]
    if m.has("middle"):
        half_s = min(time_s, total_s) / 2
        return [CutTime(start_s=total_s / 2 - half_s, end_s=total_s / 2 + half_s, keep=keep)]
    if m.span is None and (m.has("by") or (keep and m.has("only"))):
        return [SetLength(by_s=-time_s) if m.has("by") else SetLength(duration_s=time_s)]
    if m.span is None:
        raise Asked(reply("which_stretch"))
    return [CutTime(**m.stretch(), keep=keep)]


def _be_known(m: Match) -> None:
    """Ask which shot it is that a part of is meant, where it is not the film."""
    if m.has_unknown and m.like("shots.keep_part", "shots.trim_start", "shots.trim_end") > _SURE:
        raise Asked(reply("which_shots"))


def _off(target: Target, edge: str, time_s: float) -> Trim:
    """Seconds that go at an end of a shot."""
    return Trim(target=target, start_s=time_s) if edge == "start" else Trim(target=target, end_s=time_s)


def _off_ends(m: Match, shots: Sequence[Target]) -> list[Edit] | None:
    """Seconds that go at both ends, of the film or of shots; None where it is one end."""
    said = [float(t.concepts.get("time", t.concepts.get("number"))) for t in m.tokens if t.is_a("time", "number")]
    ends = [t for t in m.tokens if t.is_a("start", "finish") or t.concepts.get("ordinal") in (1, -1)]
    edges = ["start" if t.is_a("start") or t.concepts.get("ordinal") == 1 else "finish" for t in ends]
    if m.has("both_ends") and len(said) == 1:
        said, edges = said * 2, ["start", "finish"]
    if 1 < len(shots) == len(said) == len(edges) and m.has("file"):  # "2 s off the start of this and 3 off that"
        return [_off(*each) for each in zip(shots, edges, said, strict=True)]
    if len(said) != 2 or sorted(edges) != ["finish", "start"] or m.has("to", "keep", "only"):
        return None
    if shots:
        return [_off(target, e, s) for target in shots for s, e in zip(said, edges, strict=True)]
    return [CutTime(end_s=s) if e == "start" else CutTime(start_s=-s) for s, e in zip(said, edges, strict=True)]


def _stretch_of(m: Match, shots: Sequence[Target]) -> Edits:
    """Show shots only from one time of theirs to another."""
    start_s, end_s = m.value("range")
    return [Trim(target=t, in_s=start_s, duration_s=max(0.1, end_s - start_s)) for t in shots]
