"""The pace of a film that is cut to music: noted in the draft's `m.pace`, so that the next cut keeps to it."""

from __future__ import annotations

from dataclasses import asdict

from nemo_notebook.film.cutting import USUAL_PACE, Pace
from nemo_notebook.film.drafting import MUSIC, Draft, meta, segments_of
from nemo_notebook.outside import finite

MOST_SHOTS = 500
_BPM = (30.0, 300.0)


def note_pace(draft: Draft, pace: Pace | None) -> None:
    """Writes the pace that a film was just cut at; None for a film that is not cut to music."""
    if pace is None:
        meta(draft).pop("pace", None)
        return
    usual = asdict(USUAL_PACE)
    meta(draft)["pace"] = {key: value for key, value in asdict(pace).items() if value != usual[key]}


def pace_of(draft: Draft) -> Pace:
    """The pace that a film was cut at; the usual one where there is none, or none that can be used."""
    noted = meta(draft).get("pace")
    if not isinstance(noted, dict):
        return USUAL_PACE
    bpm, every, every_ms, shots = (finite(noted.get(key)) for key in ("bpm", "every", "every_ms", "shots"))
    factor, tempo = (finite(noted.get(key)) for key in ("factor", "tempo"))
    offset_ms, offset_beats = (finite(noted.get(key)) for key in ("offset_ms", "offset_beats"))
    return Pace(
        every=None if every is None else round(min(max(every, 1), 64)),
        factor=min(max(factor or 1.0, 0.2), 8.0),
        every_ms=None if every_ms is None else round(min(max(every_ms, 400), 600_000)),
        bpm=None if bpm is None else min(max(bpm, _BPM[0]), _BPM[1]),
        tempo=tempo if tempo in (0.25, 0.5, 2.0) else 1.0,
        offset_ms=round(min(max(offset_ms or 0, -5_000), 5_000)),
        offset_beats=min(max(offset_beats or 0.0, -4.0), 4.0),
        shots=None if shots is None else round(min(max(shots, 1), MOST_SHOTS)),
    )


def is_cut_to_music(draft: Draft) -> bool:
    """Whether the shots were laid out after the music: then they keep their places, whatever they show."""
    return isinstance(meta(draft).get("pace"), dict) and bool(segments_of(draft, *MUSIC))
