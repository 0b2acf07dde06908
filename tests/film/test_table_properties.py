"""Drafts of any form: the columns against a reading that is as plain as can be, and the way there and back."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from odd_drafts import END, LENGTH, NAME, SOURCE, START, TEXT, VOLUME, drafts
from planted import PLANTED

from nemo_notebook.errors import InvalidEdit, InvalidTimeline, UsageError
from nemo_notebook.film.edit import apply_edits
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.table_edits import edits_from_table
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.film.tracks import read_segments, struck
from nemo_notebook.outside import finite, plain, strike

KINDS = {0: "video", 1: "audio", 7: "text"}
TIMES = ["start_s", "end_s", "duration_s"]
FRAME_S = 1 / 30


def edited(draft: dict[str, Any], frame: Any, files: tuple[MediaItem, ...] = ()) -> dict[str, Any]:
    """The draft that a table asks for."""
    edits = edits_from_table(draft, frame, files)
    return dict(apply_edits(draft, edits, Situation(draft, files)).draft) if edits else draft


def said(part: Any, names: tuple[str, ...]) -> Any:
    return next((part[name] for name in names if part.get(name) is not None), None)


def words(value: Any) -> str:
    return plain(value) if isinstance(value, str) else "" if value is None else plain(repr(value)[:200])


def read_plainly(draft: dict[str, Any]) -> list[list[tuple[Any, ...]]]:
    """The rows of each track, without ids, as the docstrings say."""
    tracks = said(draft, ("t", "tracks"))
    found = []
    for number, track in enumerate((t for t in tracks or [] if isinstance(t, Mapping)), start=1):
        code = finite(said(track, ("tt", "type")))
        kind = KINDS.get(-1 if code is None else int(code), "other")
        rows, follows = [], 0.0
        inside = said(track, ("sg", "segments"))
        for raw in (s for s in (inside if isinstance(inside, list) else []) if isinstance(s, Mapping)):
            meta = raw["m"] if isinstance(raw.get("m"), Mapping) else {}
            start, length, end = (finite(said(raw, names)) for names in (START, LENGTH, END))
            start = max(0.0, follows if start is None else start)
            if length is None:
                length = 0.0 if end is None else end - start
            length = max(0.0, length)
            follows = start + length
            volume = finite(said(raw, VOLUME))
            volume = finite(said(meta, ("volume", "vol"))) if volume is None else volume
            text = strike(words(said(raw, TEXT) or said(meta, TEXT))) if kind == "text" else ""
            source = strike(words(said(meta, SOURCE) or said(raw, SOURCE)))
            name = strike(words(said(raw, NAME) or said(meta, NAME)) or text) or source or kind
            rows.append((number, kind, name, start, length, volume, text, source, raw))
        found.append(sorted(rows, key=lambda row: row[3]))
    return found


@settings(max_examples=500)
@given(drafts())
def test_columns__say_what_a_plain_reading_says(draft: dict[str, Any]) -> None:
    expected = [row for rows in read_plainly(draft) for row in rows]
    found = read_segments(draft)
    assert [(s.track, s.kind, s.name, s.start_ms, s.duration_ms, s.volume, s.text, s.source) for s in found] == [
        row[:-1] for row in expected
    ]
    assert all(segment.raw is row[-1] for segment, row in zip(found, expected, strict=True))
    frame = Timeline(draft).frame
    assert list(frame.segment) == [segment.id for segment in found]
    assert frame.segment.is_unique
    assert list(zip(frame.name, frame.text, frame.source, strict=True)) == [(s.name, s.text, s.source) for s in found]
    assert list(frame.start_s) == [s.start_ms / 1000 for s in found]
    assert list(frame.end_s) == [s.end_ms / 1000 for s in found]
    assert [None if v != v else v for v in frame.volume] == [s.volume for s in found]


PIECES = r"""
    nmv_usr_ clm_ sk- eyJabcdefgh Bearer BEARER ToKen toKen ſecret paſſwd cooKie apıkey Authorİzation
    X-Api-Key set-cookie https:// http://u: /files/ auth=( password passphrase Signature CREDENTIAL abc 1 null sig … . :
    = @ ? & # , ; ( ) < > / - _ \ " ' b' aaaaaaaaaaaaaaaaaaaa %3F %3D %3d %26 \u0026 &amp; kEy
""".split()


@settings(max_examples=300)
@given(st.lists(st.lists(st.sampled_from([*PIECES, " ", "\n", ": ", "', b'"]), max_size=9).map("".join) | st.text()))
def test_struck__is_what_strike_gives(values: list[str]) -> None:
    assert struck(values) == [strike(value) for value in values]


def test_struck__finds_the_planted_token_anywhere() -> None:
    harmless = [f"clip {n}" for n in range(50)]
    for secret in (PLANTED, f"x?a={PLANTED}", f"{PLANTED}.mp4", f"Bearer {PLANTED}"):
        assert PLANTED not in "".join(struck([*harmless, secret]))


def same_json(one: object, other: object) -> bool:
    """Also in the order of keys, in the types of numbers, and in NaN."""
    return json.dumps(one) == json.dumps(other)


@settings(max_examples=1500)
@given(drafts(), st.integers(0, 5))
def test_unchanged__asks_for_nothing(draft: dict[str, Any], way: int) -> None:
    before = copy.deepcopy(draft)
    frame = Timeline(draft).frame
    ways = [
        lambda: frame,
        lambda: frame.sample(frac=1, random_state=3),
        lambda: frame.sort_values("volume").reset_index(drop=True)[[*reversed(frame.columns)]].assign(more=1),
        lambda: frame.astype("object").where(frame.notna(), None).set_index(frame.segment + "!"),
        lambda: frame.convert_dtypes().astype({"kind": "category"}),
        lambda: frame[["segment"]],
    ]
    assert edits_from_table(draft, ways[way]()) == ()
    assert same_json(draft, before)


@st.composite
def edits(draw: st.DrawFn) -> tuple[dict[str, Any], pd.DataFrame, int, str, Any]:
    """A draft with rows, its table, and a cell that is changed in it to what can be."""
    draft = draw(drafts().filter(lambda draft: len(Timeline(draft).frame) > 0))
    frame = Timeline(draft).frame
    row = draw(st.integers(0, len(frame) - 1))
    cells = frame.loc[row]
    mates = frame[frame.track == cells.track]
    free_s = round(float(mates.end_s.max()) + draw(st.integers(1, 9)), 3)
    values: dict[str, Any] = {"name": draw(st.sampled_from(["Harbour", "海边 2"]))}
    if cells.duration_s > FRAME_S and not any("." in own_id for own_id in mates.segment):  # an id made of its place
        values["start_s"] = free_s
    if cells.kind != "text":
        values["volume"] = draw(st.sampled_from([0.25, 1.0, 0.0, math.nan]))
    others = mates.drop(index=row)
    is_alone = not ((others.start_s < cells.end_s + FRAME_S) & (cells.start_s - FRAME_S < others.end_s)).any()
    if cells.duration_s > 0.25 and is_alone:
        values["duration_s"] = round(cells.duration_s / 2, 3)
        values["end_s"] = round(cells.start_s + cells.duration_s / 2, 3)
    if cells.kind == "text" and cells.duration_s > FRAME_S:
        values["text"] = draw(st.sampled_from(["New words", "新\n字"]))
    column = draw(st.sampled_from(sorted(values)))
    return draft, frame, row, column, values[column]


@settings(max_examples=500)
@given(edits())
def test_an_edit__changes_that_cell_and_nothing_else(edit: tuple[dict[str, Any], pd.DataFrame, int, str, Any]) -> None:
    draft, frame, row, column, value = edit
    asked = frame.copy()
    asked.loc[row, column] = value
    new = edited(draft, asked)
    _check_table(frame, asked, Timeline(new).frame, row, column)


def _check_table(frame: pd.DataFrame, asked: pd.DataFrame, after: pd.DataFrame, row: int, column: str) -> None:
    before, after = frame.set_index("segment"), after.set_index("segment").loc[list(frame.segment)]
    cells, expected = after.iloc[row], asked.set_index("segment").iloc[row]
    if column in TIMES:
        start_s = expected.start_s
        length_s = expected.end_s - start_s if column == "end_s" else expected.duration_s
        assert np.allclose([*cells[TIMES]], [start_s, start_s + length_s, length_s], atol=2 * FRAME_S)
    elif column == "volume":
        usual = 1.0 if before.volume.iloc[row] == before.volume.iloc[row] else math.nan
        assert [cells.volume] == pytest.approx(
            [expected.volume if expected.volume == expected.volume else usual], nan_ok=True
        )
    else:
        assert cells[column] == strike(plain(expected[column]))
    free = {"text": ["text", "name"]}.get(column, TIMES if column in TIMES else [column])
    assert dict(cells.drop([*free, *TIMES]).dropna()) == dict(before.iloc[row].drop([*free, *TIMES]).dropna())
    pd.testing.assert_frame_equal(
        after.drop(index=after.index[row]), before.drop(index=before.index[row]), rtol=0, atol=2 * FRAME_S
    )


@settings(max_examples=150)
@given(drafts(), st.data())
def test_dropped_rows__go_and_all_others_stay(draft: dict[str, Any], data: st.DataObject) -> None:
    frame = Timeline(draft).frame
    keep = data.draw(st.lists(st.booleans(), min_size=len(frame), max_size=len(frame)))
    left = frame[pd.Series(keep, dtype=bool)]
    after = Timeline(edited(draft, left)).frame
    columns = ["kind", "name", "start_s", "duration_s", "volume", "text", "source"]
    pd.testing.assert_frame_equal(after[columns], left[columns].reset_index(drop=True), rtol=0, atol=FRAME_S)


@settings(max_examples=150)
@given(drafts(), st.data())
def test_a_copy__is_one_row_more(draft: dict[str, Any], data: st.DataObject) -> None:
    frame = Timeline(draft).frame
    if not len(frame):
        return
    row = data.draw(st.integers(0, len(frame) - 1))
    start_s = math.ceil(frame.end_s[frame.track == frame.track[row]].max()) + 1.0
    again = frame.loc[[row]].assign(start_s=start_s)
    after = Timeline(edited(draft, pd.concat([again, frame]))).frame
    assert len(after) == len(frame) + 1
    columns = ["track", "kind", "duration_s", "volume", "text", "source"]
    new = after[(after.track == frame.track[row]) & (after.start_s == start_s)][columns]
    again = again[columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(new.reset_index(drop=True), again, rtol=0, atol=FRAME_S)


odd_cells = st.sampled_from(
    [
        *(None, math.nan, math.inf, -math.inf, pd.NA, pd.NaT, "", "x", "5", "nan", -1, 0, 1e300, 10**300, True, 2.5),
        *([1, 2], {}, {"a": 1}, (), np.array([1, 2]), np.float32(3), np.int8(2), np.bool_(True), np.str_("a"), 3 + 4j),
        *(pd.Timestamp(0), pd.Timedelta(seconds=2), np.timedelta64(3, "s"), b"x", object(), pd.Series([1]), "\ud800"),
    ]
)


def outcome(draft: dict[str, Any], frame: pd.DataFrame) -> dict[str, Any] | InvalidTimeline | InvalidEdit:
    try:
        return edited(draft, frame)
    except (InvalidTimeline, InvalidEdit) as error:
        return error


@settings(max_examples=300)
@given(drafts(), st.data())
def test_hostile_cells__raise_nothing_but_our_errors(draft: dict[str, Any], data: st.DataObject) -> None:
    frame = Timeline(draft).frame.astype("object")
    for _ in range(data.draw(st.integers(0, 3))):
        frame = pd.concat([frame, pd.DataFrame([{}], dtype="object")])
    before = copy.deepcopy(draft)
    for _ in range(data.draw(st.integers(1, 4)) if len(frame) else 0):
        row, column = data.draw(st.integers(0, len(frame) - 1)), data.draw(st.sampled_from(list(frame.columns)))
        values = frame[column].tolist()
        values[row] = data.draw(odd_cells)
        array = np.empty(len(values), dtype="object")
        for n, value in enumerate(values):
            array[n] = value
        frame = frame.assign(**{column: pd.Series(array, index=frame.index, dtype="object").array})
    found = outcome(draft, frame)
    if isinstance(found, InvalidTimeline):
        assert len(found.frame) == len(found.problems)
    if isinstance(found, (InvalidTimeline, InvalidEdit)):
        assert found.problems
        assert len(found.message.splitlines()) <= 10
        assert not any(set(str(problem)) & set("\x1b\n\r\ud800") for problem in found.problems)
    else:
        assert Timeline(found).summary
    assert same_json(draft, before)


TABLES = {
    "none": None,
    "list": [],
    "series": pd.Series([1]),
    "empty": pd.DataFrame(),
    "no id": Timeline({"t": [{"tt": 0, "sg": [{"d": 5}]}]}).frame.drop(columns="segment"),
    "two levels": pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("segment", "a"), ("segment", "b")])),
    "twice": pd.DataFrame([["a", "a"]], columns=["segment", "segment"]),
    "numbers": pd.DataFrame({0: [1], 1: [2]}),
}


@pytest.mark.parametrize("table", TABLES)
def test_what_is_no_table_of_a_timeline__is_told_with_what_to_do(table: str) -> None:
    with pytest.raises(UsageError) as caught:
        edited({"t": []}, TABLES[table])
    assert caught.value.hint
