"""Edits of drafts that are not the local engine's: what they change, under which keys, and that all else stays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from cases import cases
from hypothesis import given, settings, strategies as st
from odd_drafts import CLOUD, END, LENGTH, NAME, START, TEXT, VOLUME, drafts
from schemas import example

from nemo_notebook.errors import InvalidEdit
from nemo_notebook.film.dialect import EditedDraft
from nemo_notebook.film.draft import editable, to_frame
from nemo_notebook.film.edit import Edit, all_edits, apply_edits, parse, parse_all, schema
from nemo_notebook.film.film import Film
from nemo_notebook.film.model import Situation
from nemo_notebook.film.tracks import read_segments, read_tracks
from nemo_notebook.film.wording import NotPossible

Draft = dict[str, Any]
SEQUENCE: Draft = {
    "t": [
        None,
        {"tt": 0, "x": 1, "sg": [{"d": 1001, "k": 1}, 5, {"d": 1500, "k": 2}, {"d": 999.5, "k": 3}]},
        {"tt": 7},
    ],
    "z": {},
}


def edited(draft: Draft, *edits: Draft, is_foreign: bool = True) -> Draft:
    before = json.dumps(draft)
    done = apply_edits(draft, parse_all(edits), Situation(draft, is_foreign=is_foreign))
    assert json.dumps(draft) == before
    return dict(done.draft)


def changes(one: Any, other: Any, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Where two drafts differ, down to the type of a number and the order of keys, and what is there."""
    if isinstance(one, dict) and isinstance(other, dict) and [*one] == [k for k in other if k in one]:
        for key, value in other.items():
            yield from changes(one.get(key, "–"), value, f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for n, (old, new) in enumerate(zip(one, other, strict=True)):
            yield from changes(old, new, f"{path}[{n}]")
    elif json.dumps(one) != json.dumps(other):
        yield path, json.dumps(one, ensure_ascii=False), json.dumps(other, ensure_ascii=False)


@cases
def test_an_edit__changes_the_value_that_was_read_and_nothing_else(edit: Draft, expected: list[Any]) -> None:
    assert {*changes(CLOUD, edited(CLOUD, edit))} == {*expected}


def test_new_segments__speak_like_those_beside_them() -> None:
    new = edited(CLOUD, {"edit": "add_title", "text": "Yo", "start_s": 5})["tracks"][2]["segments"]
    assert new == [CLOUD["tracks"][2]["segments"][0], {"st": 5000, "d": 3000, "txt": "Yo"}]
    again = edited(CLOUD, {"edit": "duplicate", "target": {"kind": "shot", "number": 1}})["tracks"][0]["segments"]
    assert [(raw["st"], raw["end"], raw["fx"]) for raw in again] == [
        (0, 4003, {"lut": [1]}),
        (8006, 14_006, {"lut": [2]}),  # edge to edge, although no cut lies on a frame
        (4003, 8006, {"lut": [1]}),
    ]
    assert all([*raw] == ["st", "end", "cdn_url", "fx"] for raw in again[:2])
    with_ids = {"t": [{"tt": 7, "sg": [{"id": "a", "s": 0, "d": 9000, "name": "First", "m": {"text": "One"}}]}]}
    added = edited(with_ids, {"edit": "add_title", "text": "Two\nlines", "start_s": 1})["t"]
    assert added[0] == with_ids["t"][0]
    assert added[1]["sg"] == [{"id": "title-1", "m": {"text": "Two\nlines"}, "s": 1000, "d": 3000, "name": "Two lines"}]


def test_new_tracks__stand_above_those_of_their_kind() -> None:
    draft = {"tracks": [None, {"type": 0, "segments": [{"d": 9000}]}, {"type": 3, "segments": [{"d": 1}]}]}
    new = edited(draft, {"edit": "add_title", "text": "Yo", "start_s": 1})
    assert new["tracks"][:3] == draft["tracks"]
    assert new["tracks"][3:] == [{"type": 7, "segments": [{"m": {"text": "Yo"}, "s": 1000, "d": 3000}]}]


def test_segments_that_follow_one_another__go_on_doing_so() -> None:
    shots = SEQUENCE["t"][1]["sg"]
    reverse = edited(SEQUENCE, {"edit": "sort_shots", "by": "reversed"})
    assert reverse["t"][1]["sg"] == [shots[3], 5, shots[2], shots[0]]
    removed = edited(SEQUENCE, {"edit": "remove", "target": {"id": "1.1"}}, {"edit": "remove", "target": {"id": "1.2"}})
    assert removed["t"][1]["sg"] == [shots[3], 5]
    gap = edited(SEQUENCE, {"edit": "remove", "target": {"id": "1.1"}, "ripple": False})
    assert gap["t"][1]["sg"] == [{"d": 1500, "k": 2, "s": 1001}, 5, shots[3]]
    assert [reverse[key] for key in ("z",)] == [{}]
    assert (reverse["t"][0], reverse["t"][2]) == (None, {"tt": 7})


def test_clear__keeps_what_is_not_of_the_tracks() -> None:
    draft = {**CLOUD, "tracks": [*CLOUD["tracks"], {"type": 42, "segments": [{"d": 5}]}]}
    assert edited(draft, {"edit": "clear"}) == {**draft, "tracks": draft["tracks"][3:], "duration": 5}


ENGINE = [name for name, kind in all_edits().items() if kind.needs_engine]
SCHEMA = schema()


@pytest.mark.parametrize("name", sorted(ENGINE))
def test_an_edit_of_the_engine__is_refused_elsewhere(name: str) -> None:
    least = example(SCHEMA["$defs"][all_edits()[name].__name__], SCHEMA)
    with pytest.raises(InvalidEdit) as caught:
        edited(CLOUD, {"edit": "set_title", "text": "x"}, {**least, "edit": name})
    assert [(problem.at, problem.edit, problem.field) for problem in caught.value.problems] == [(1, name, "")]
    assert "ask for it in the chat" in str(caught.value)


def test_fields_of_the_engine__are_refused_elsewhere_by_name() -> None:
    edits = [
        {"edit": "add_title", "text": "x", "position": "top", "size": "large"},
        {"edit": "set_title", "color": "#ff0000", "x": 0.5},
        {"edit": "set_volume", "volume": 0.5, "end_s": 2},
    ]
    with pytest.raises(InvalidEdit) as caught:
        edited(CLOUD, *edits)
    found = [(problem.at, problem.field) for problem in caught.value.problems]
    assert found == [(0, "size"), (0, "position"), (1, "x"), (1, "color"), (2, "end_s")]
    with pytest.raises(InvalidEdit, match="请在对话里提出"):
        apply_edits(CLOUD, parse_all(edits), Situation(CLOUD, language="zh-CN", is_foreign=True))


@pytest.mark.parametrize("edit", [{"edit": "add_title", "text": "x"}, {"edit": "remove", "target": "shot"}], ids=str)
def test_an_empty_film__is_made_by_the_chat(edit: Draft) -> None:
    with pytest.raises(InvalidEdit, match="ask for one in the chat"):
        edited({}, edit)


def test_the_engines_drafts__are_as_the_edits_leave_them() -> None:
    title = {"id": "title-1", "s": 0, "d": 1000, "m": {"role": "title", "name": "a", "text": "a"}}
    draft = {"t": [{"id": "text-1", "tt": 7, "m": {"name": "Title"}, "sg": [title], "d": 1000}], "d": 1000}
    assert editable(draft).is_form_of(draft)
    new = edited(draft, {"edit": "set_title", "text": "b", "position": "top"}, is_foreign=False)
    own = {"role": "title", "name": "b", "text": "b", "position": "top"}
    assert json.dumps(new) == json.dumps({"t": [{**draft["t"][0], "sg": [{**title, "m": own}]}], "d": 1000})


def test_a_film_in_memory__may_take_what_the_engine_draws() -> None:
    film = Film.of(CLOUD)
    new = film.edit("set_title", position="top")
    assert set(changes(CLOUD, new)) == {(".tracks[2].segments[0].m", '"–"', '{"position": "top"}')}


# Any draft, any edits


def marked(draft: Draft) -> Draft:
    """The draft with a key of its own in each track and segment, by which they are known again."""
    for t, track in enumerate(said(draft, ("t", "tracks")) or []):
        if isinstance(track, dict):
            track["mark"] = t
            for s, raw in enumerate(said(track, ("sg", "segments")) or []):
                if isinstance(raw, dict):
                    raw["mark"] = f"{t}.{s}"
    return draft


def said(part: Draft, names: Sequence[str]) -> Any:
    return next((part[name] for name in names if part.get(name) is not None), None)


times = st.sampled_from([0.0, 0.5, 1.0, 2.34, 10.0, 61.0])
lengths = st.sampled_from([0.1, 1.0, 3.21, 30.0])


@st.composite
def films(draw: st.DrawFn) -> tuple[Draft, list[Edit]]:
    """A draft of any form, and edits that may run on it."""
    draft = marked(draw(drafts()))
    ids = [segment.id for segment in read_segments(draft)] or ["none"]
    kinds = ("shot", "title", "music", "sound", "clip")
    target = st.one_of(
        st.sampled_from(ids).map(lambda own: {"id": own}),
        st.builds(lambda kind, n: {"kind": kind, "number": n}, st.sampled_from(kinds), st.sampled_from([1, 2, -1])),
        st.sampled_from(kinds).map(lambda kind: {"kind": kind}),
    )
    edits = [
        *({"edit": "remove", "target": draw(target), "ripple": ripple} for ripple in (True, False)),
        {"edit": "move", "target": draw(target), "at_s": draw(times)},
        {"edit": "move", "target": draw(target), "by_s": draw(times), "ripple": False},
        {"edit": "move", "target": draw(target), "place": "end"},
        {"edit": "move", "target": draw(target), "track": draw(st.integers(1, 4)), "at_s": draw(times)},
        {"edit": "swap", "target": draw(target), "other": draw(target)},
        {"edit": "duplicate", "target": draw(target), "times": 3},
        {"edit": "rename", "target": draw(target), "name": "New name"},
        {"edit": "sort_shots", "by": draw(st.sampled_from(["reversed", "name", "shuffled"]))},
        *({"edit": "trim", "target": draw(target), "duration_s": draw(lengths), "ripple": r} for r in (True, False)),
        {"edit": "trim", "target": draw(target), "start_s": 0.1},
        {"edit": "set_volume", "target": draw(target), "volume": draw(st.sampled_from([0.0, 0.25, 1.0]))},
        {"edit": "add_title", "text": draw(st.sampled_from(["Hello", "新\n字"])), "start_s": draw(times)},
        {"edit": "set_title", "text": "Other words", "target": draw(target)},
        {"edit": "set_title", "start_s": draw(times), "target": draw(target)},
        {"edit": "clear"},
    ]
    chosen = draw(st.lists(st.sampled_from(edits), min_size=0, max_size=4))
    return draft, [parse(edit) for edit in chosen]


def read(draft: Draft) -> list[list[tuple[Any, ...]]]:
    """What is seen and heard, on frames, of each track that is not empty."""
    rows = [
        sorted(
            (
                s.kind,
                to_frame(s.start_ms),
                to_frame(s.end_ms),
                str(s.volume),
                s.text,
                " ".join(s.name.split()),
                s.source,
            )
            for s in track.segments
        )
        for track in read_tracks(draft)
    ]
    return [row for row in rows if row]


@settings(max_examples=250)
@given(films(), st.booleans())
def test_a_written_draft__reads_as_what_the_edits_made(film: tuple[Draft, list[Edit]], is_foreign: bool) -> None:
    draft, edits = film
    opened, situation = EditedDraft(draft, editable(draft), foreign=is_foreign), Situation(draft, is_foreign=is_foreign)
    try:
        for edit in edits:
            edit.apply(opened.film, situation)
            opened.film.measure()
    except NotPossible:
        return
    expected = read(opened.film)
    written = opened.written()
    assert read(written) == expected
    assert read(editable(written)) == expected


WRITTEN = {*START, *LENGTH, *END, *VOLUME, *TEXT, *NAME}


def rest(part: Draft, keys: set[str], inside: str = "") -> str:
    """All of a part but for some keys, byte for byte."""
    left = {key: value for key, value in part.items() if key not in keys and key not in ("m", inside)}
    meta = part.get("m")
    own = {k: v for k, v in meta.items() if k not in keys} if isinstance(meta, dict) else meta
    return json.dumps([left, own or None])


@settings(max_examples=250)
@given(films())
def test_what_no_edit_touched__stays_byte_for_byte(film: tuple[Draft, list[Edit]]) -> None:
    draft, edits = film
    before = json.dumps(draft)
    try:
        new = dict(apply_edits(draft, edits, Situation(draft, is_foreign=True)).draft)
    except InvalidEdit:
        return
    finally:
        assert json.dumps(draft) == before
    if not edits:
        assert json.dumps(new) == before
    key = next((key for key in ("t", "tracks") if draft.get(key) is not None), "t")
    assert rest(draft, {*LENGTH}, key) == rest(new, {*LENGTH}, key)
    assert [*draft] == [*new]
    old_tracks = {track["mark"]: track for track in said(draft, ("t", "tracks")) or [] if isinstance(track, dict)}
    raws = {raw["mark"]: raw for track in old_tracks.values() for raw in segments(track)}
    for track in said(new, ("t", "tracks")) or []:
        if isinstance(track, dict) and "mark" in track:
            old = old_tracks[track["mark"]]
            inside = "sg" if old.get("sg") is not None else "segments"
            assert rest(old, {*LENGTH}, inside) == rest(track, {*LENGTH}, inside)
        for raw in segments(track) if isinstance(track, dict) else ():
            if raw.get("mark") in raws:
                old = raws.pop(raw["mark"])  # what bears it once more is a copy
                assert rest(old, WRITTEN | {"id"}) == rest(raw, WRITTEN | {"id"})


def segments(track: Draft) -> list[Draft]:
    found = said(track, ("sg", "segments"))
    return [raw for raw in found if isinstance(raw, dict)] if isinstance(found, list) else []
