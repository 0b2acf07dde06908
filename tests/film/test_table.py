from __future__ import annotations

import math

from timelines import DOCUMENTED, line

from nemo_notebook.film.table import COLUMNS, width
from nemo_notebook.film.timeline import Timeline


def test_frame__has_the_documented_columns_and_dtypes() -> None:
    frame = Timeline(DOCUMENTED).frame
    assert tuple(frame.columns) == COLUMNS
    assert list(frame.kind) == ["video", "audio", "text"]
    assert frame.volume[1] == 0.35
    assert math.isnan(frame.volume[0])
    assert frame.end_s[2] == 3.0
    assert frame.text[2] == "Urban Dreams"
    assert str(frame.track.dtype) == "int64"
    assert {str(frame[c].dtype) for c in ("start_s", "end_s", "duration_s", "volume")} == {"float64"}


def test_frame__of_nothing_has_the_same_columns() -> None:
    frame = Timeline(None).frame
    assert tuple(frame.columns) == COLUMNS
    assert len(frame) == 0


def test_plain_table__is_aligned_also_with_chinese_names() -> None:
    names = ["city", "老城区的夜晚", "🌃 night", "a very long name that goes on and on and on"]
    made = line([{"s": 1000 * k, "d": 1000, "m": {"name": name, "source": "x.mp4"}} for k, name in enumerate(names)])
    rows = made._repr_mimebundle_()["text/plain"].split("\n\n")[1].splitlines()
    assert rows[0].split() == ["track", "kind", "name", "start_s", "end_s", "duration_s", "source", "segment"]
    assert len({width(row[: row.index("x.mp4")]) for row in rows[1:]}) == 1
    assert max(map(width, rows)) < 120
    assert "…" in rows[4]


def test_long_tables__are_cut_and_the_rest_counted() -> None:
    made = line([{"s": 100 * k, "d": 100} for k in range(2500)])
    faces = made._repr_mimebundle_()
    assert faces["text/plain"].endswith("… 2,440 more")
    assert "2440 more" in faces["text/html"].replace(",", "")
    assert sum(map(len, faces.values())) < 60_000
