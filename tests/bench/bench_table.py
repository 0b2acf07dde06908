"""The timeline as a table and back, against `pandas.json_normalize` of the same segments.

Each peer takes its turn within one run; the ratio is of the medians. `flat` is json_normalize over the list of one
track's segments, its fastest form, which knows nothing of tracks, of lengths told by ends, or of secrets; `record path`
is over the draft, with the track's type beside each segment. Aims: one way five times as fast as the flat form, there
and back as fast as that is one way, and ten times the segments in at most eleven times the time.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import pandas as pd
from options import read_options

from nemo_notebook.film.edit import apply_edits
from nemo_notebook.film.model import Situation
from nemo_notebook.film.table_edits import edits_from_table
from nemo_notebook.film.timeline import Timeline

Draft = dict[str, Any]


def plain_clip(n: int) -> Draft:
    """What the engine writes for each shot."""
    meta = {
        "role": "clip",
        "name": f"clip {n % 50}",
        "media": "ab" * 16,
        "source": f"clip{n % 50}.mp4",
        "in_ms": n % 900,
    }
    return {"id": f"clip-{n}", "s": 500 * n, "d": 500, "v": 0.5, "m": meta}


def dressed_clip(n: int) -> Draft:
    """A shot with a look of its own and a transition."""
    clip = plain_clip(n)
    clip["m"] |= {"speed": 1.5, "fit": "crop", "filter": "warm", "adjust": {"brightness": 0.1, "contrast": 0.2}}
    clip["m"] |= {"transition": {"kind": "dissolve", "ms": 400}}
    return clip


def cloud_title(n: int) -> Draft:
    """A title under other names, with a colon and words of its own."""
    return {"s": 500 * n, "d": 500, "txt": f"Line {n}: of the song", "font": {"family": "Inter", "size": 12}, "uid": n}


DRAFTS = {"engine": (0, plain_clip), "engine, dressed": (0, dressed_clip), "cloud titles": (7, cloud_title)}


def draft_of(kind: int, make: Callable[[int], Draft], count: int) -> Draft:
    return {"d": 500 * count, "t": [{"tt": kind, "sg": [make(n) for n in range(count)]}]}


def changed(draft: Draft, cells: int) -> pd.DataFrame:
    frame = Timeline(draft).frame
    frame.loc[:: max(1, len(frame) // cells), "volume"] = 0.25
    return frame


def edited(draft: Draft, frame: pd.DataFrame) -> Any:
    """The draft that a table asks for."""
    edits = edits_from_table(draft, frame)
    return apply_edits(draft, edits, Situation(draft)).draft if edits else draft


def medians(runs: int, *peers: Callable[[], object]) -> list[float]:
    """Seconds that each takes, by turns; a first turn is not counted."""
    walls: list[list[float]] = [[] for _ in peers]
    for _ in range(runs + 1):
        for wall, peer in zip(walls, peers, strict=True):
            begun_s = time.perf_counter()
            peer()
            wall.append(time.perf_counter() - begun_s)
    return [statistics.median(wall[1:]) for wall in walls]


def main() -> None:
    options = read_options(__doc__, runs=5, segments=100_000)
    count, runs = options.segments, options.runs
    print(f"{'draft':<18}{'peer':<24}{'peer s':>8}{'frame s':>9}{'ratio':>7}{'and back s':>12}{'ratio':>7}")
    for name, (kind, make) in DRAFTS.items():
        draft = draft_of(kind, make, count)
        if edited(draft, Timeline(draft).frame) != draft:
            sys.exit("The draft did not come back as it was.")
        flat_s, path_s, ours_s, both_s = medians(
            runs,
            lambda: pd.json_normalize(draft["t"][0]["sg"]),  # noqa: B023
            lambda: pd.json_normalize(draft["t"], "sg", ["tt"]),  # noqa: B023
            lambda: Timeline(draft).frame,  # noqa: B023
            lambda: edited(draft, Timeline(draft).frame),  # noqa: B023
        )
        for peer, peer_s in (("flat", flat_s), ("record path", path_s)):
            print(
                f"{name:<18}{f'json_normalize, {peer}':<28}{peer_s:>4.2f}{ours_s:>9.3f}{peer_s / ours_s:>7.2f}", end=""
            )
            print(f"{both_s:>12.3f}{peer_s / both_s:>7.2f}", flush=True)

    small, large = (draft_of(0, plain_clip, each) for each in (count // 10, count))
    tables = [(draft, Timeline(draft).frame, changed(draft, 1000)) for draft in (small, large)]
    works: dict[str, Callable[[Draft, pd.DataFrame, pd.DataFrame], object]] = {
        "draft to frame": lambda draft, _, __: Timeline(draft).frame,
        "unchanged to draft": lambda draft, frame, _: edited(draft, frame),
        "1,000 cells to draft": lambda draft, _, asked: edited(draft, asked),
    }
    print(f"\n{'work':<24}{f'{count // 10:,} s':>12}{f'{count:,} s':>12}{'times':>8}")
    for name, work in works.items():
        less_s, more_s = medians(runs, *(lambda t=table: work(*t) for table in tables))  # noqa: B023
        print(f"{name:<24}{less_s:>12.4f}{more_s:>12.3f}{more_s / less_s:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
