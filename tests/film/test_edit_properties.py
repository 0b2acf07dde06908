"""What holds for every edit there is, whatever its fields: generated from the JSON Schema of the edits."""

from __future__ import annotations

import copy
import itertools
import json
import string
import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

import pytest
from cases import cases
from hypothesis import given, settings, strategies as st
from schemas import allowed, edges, example
from talk import CITY, PHOTOS, SEA, SONG

from nemo_notebook.errors import EditProblem, InvalidEdit, NemoError
from nemo_notebook.film.draft import editable, to_frame, to_ms
from nemo_notebook.film.edit import all_edits, apply_edits, apply_one, parse, parse_all, schema, to_json
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.tracks import duration_ms, read_segments, read_tracks
from nemo_notebook.film.wording import NotPossible, Told, tell
from nemo_notebook.render.formats import output_for
from nemo_notebook.render.placement import MediaFile
from nemo_notebook.render.plan import make_plan

SCHEMA = schema()
KINDS = {name: SCHEMA["$defs"][kind.__name__] for name, kind in sorted(all_edits().items())}
VOICE = MediaItem(
    "v1", "memo.wav", "audio", 9_000, has_audio=True, content="speech", silences_ms=((2_000, 4_000), (6_000, 7_500))
)
OTHER = MediaItem("s2", "other.mp3", "audio", 12_000, has_audio=True, content="music")
MEDIA = (SONG, CITY, SEA, *PHOTOS, VOICE, OTHER)
FILES = {
    item.id: MediaFile(item.id, "", item.kind, item.duration_ms, item.width, item.height, item.has_audio)  # type: ignore[arg-type]
    for item in MEDIA
}
TEXTS = (
    "shot clip title sound music song composed speech visualizer cut picture city sea photo1 Hello memo gone "
    "clip-1 clip-2 image-1 title-1 title-2 song-1 bgm-1 speech-1 visualizer-1 1.1 2.1 a b c1 c2 p1 s1 s2 v1"
).split()
BAD = st.one_of(
    st.floats(),
    st.integers() | st.sampled_from([10**400, -(10**400)]),
    st.text(max_size=5),
    st.sampled_from(["\ud800", "\x00", "x" * 100_000]),
    st.booleans() | st.none(),
    st.recursive(st.integers(), lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=3), of)),
    st.dictionaries(st.sampled_from(["kind", "id", "number", "at_s", "every"]), st.floats() | st.text()),
)


def needed(name: str) -> dict[str, Any]:
    """The values that an edit cannot be without."""
    return {**example(KINDS[name], SCHEMA), "edit": name}


def put(values: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Values with another one at a path."""
    if len(path) == 1:
        return {**values, path[0]: value}
    deeper = values.get(path[0])
    return {**values, path[0]: put(deeper if isinstance(deeper, dict) else {}, path[1:], value)}


EDGES = [
    pytest.param(name, path, inside, outside, id=f"{name}.{'.'.join(path)}")
    for name, kind in KINDS.items()
    for path, inside, outside in edges(kind, SCHEMA)
]


@pytest.mark.parametrize(("name", "path", "inside", "outside"), EDGES)
def test_bounds_and_choices__hold_and_are_told(
    name: str, path: tuple[str, ...], inside: list[Any], outside: list[Any]
) -> None:
    for value in inside:
        edit = parse(put(needed(name), path, value))
        assert parse(json.loads(json.dumps(to_json(edit)))) == edit
    assert outside
    for value in outside:
        with pytest.raises(InvalidEdit) as caught:
            parse(put(needed(name), path, value))
        (problem,) = caught.value.problems
        assert problem.edit == name
        if value == "\ud800":
            continue
        if value != {"no such": 1}:
            assert problem.field.startswith(".".join(path))
            assert problem.allowed
            assert problem.value
            assert problem.allowed in str(caught.value)


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=100, derandomize=True)
@given(data=st.data())
def test_values_of_any_kind__are_taken_or_refused_by_field(name: str, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([*(field for field in KINDS[name]["properties"] if field != "edit"), "x"]))
    value = data.draw(BAD)
    problems, told = problems_of({**needed(name), field: value})
    if problems:
        (problem,) = problems
        assert problem.edit == name
        assert problem.field.startswith(field) or "no Unicode" in problem.words
        assert len(told) < 1_000
        assert all(character >= " " for character in told.replace("\n", ""))
    else:
        edit = parse({**needed(name), field: value})
        assert parse(json.loads(json.dumps(to_json(edit)))) == edit


def problems_of(values: Any) -> tuple[tuple[EditProblem, ...], str]:
    try:
        parse(values)
    except InvalidEdit as refused:
        return refused.problems, str(refused)
    return (), ""


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=50, derandomize=True)
@given(data=st.data())
def test_json__is_the_same_after_reading_and_writing(name: str, data: st.DataObject) -> None:
    edit = parse(data.draw(allowed(KINDS[name], SCHEMA, TEXTS)))
    written = json.loads(json.dumps(to_json(edit), allow_nan=False))
    assert parse(written) == edit
    assert json.loads(json.dumps(to_json(parse(written)))) == written


LAID_ANEW = {"make_video", "recut", "use_song", "add_music", "place_music", "clear"}
ONE_EDIT = st.sampled_from([*KINDS]).flatmap(lambda name: allowed(KINDS[name], SCHEMA, TEXTS))
TIMES = st.integers(-100, 30_000) | st.floats(-1e6, 1e8) | st.none() | st.text(max_size=2) | st.sampled_from([10**30])
ROLES = "clip image song speech bgm title backdrop visualizer".split()
SEGMENTS = st.fixed_dictionaries(
    {"m": st.fixed_dictionaries(
        {"role": st.sampled_from([*ROLES, "odd", "", None, 3])},
        optional={
            "media": st.sampled_from(["c1", "c2", "p1", "s1", "s2", "v1", "gone", 3]),
            "music": st.just({"mood": "lofi", "bpm": 80, "seed": 1}) | TIMES,
            "text": st.sampled_from(["Hello", "a {b} c", "", 3]),
            "in_ms": TIMES, "speed": TIMES, "duck": TIMES, "fade_in_ms": TIMES, "fade_out_ms": TIMES,
            "transition": TIMES | st.just({"kind": "slide", "ms": 300}), "adjust": TIMES,
            "filter": st.sampled_from(["bw", "odd", 3]), "name": st.sampled_from(["a", 3]),
            "own": st.just({"kept": [1]}),
        },
    ) | st.none() | st.just([])},
    optional={
        "s": TIMES, "d": TIMES, "end": TIMES, "v": TIMES, "txt": st.just("Hello"),
        "id": st.sampled_from(["a", "b", "song-1", "", 3, None]), "own": st.just("kept"),
    },
)  # fmt: skip
TRACKS = st.fixed_dictionaries(
    {"tt": st.sampled_from([0, 1, 7, 99, None, "x"]), "sg": st.lists(SEGMENTS | st.just(None), max_size=3)},
    optional={"own": st.just("kept"), "m": st.just({"name": "Mine"}), "id": st.sampled_from(["video-1", 3])},
)
HOSTILE = st.fixed_dictionaries(
    {"t": st.lists(TRACKS | st.just(3), max_size=4), "own": st.just({"kept": None})},
    optional={"m": st.just({"contents": 3, "pace": {}, "width": "x", "own": 1}) | st.just(None), "d": TIMES},
)


def _made() -> list[dict[str, Any]]:
    """Films as they are made of some uploads."""
    uploads = [(), (SONG, CITY, SEA), (CITY, SEA), (SONG,), PHOTOS, (*PHOTOS, SONG), (VOICE, CITY), (VOICE,), MEDIA]
    films: list[dict[str, Any]] = [{}]
    for media in uploads[1:]:
        film = apply_one({}, parse({"edit": "make_video"}), Situation({}, media, seed=7)).draft
        more = parse_all([{"edit": "add_title", "text": "Hello"}, {"edit": "add_title", "text": "a", "start_s": 2}])
        films.append(dict(apply_edits(film, more, Situation(film, media)).draft))
    row = apply_one({}, parse({"edit": "make_video", "with_song": False}), Situation({}, (CITY, SEA), seed=7)).draft
    films.append(dict(apply_one(row, parse({"edit": "add_music"}), Situation(row, (CITY, SEA), seed=7)).draft))
    for film in films:
        film["own"] = {"kept": [None]}
        for track in film.get("t", ()):
            track["own"] = "kept"
            for segment in track["sg"]:
                segment["own"] = segment["m"]["own"] = "kept"
    return films


@st.composite
def drafts(draw: st.DrawFn) -> dict[str, Any]:
    return copy.deepcopy(draw(st.sampled_from(FILMS) | HOSTILE))


FILMS = _made()


def problem_of(draft: Any) -> str:
    """Why a draft cannot be rendered; nothing where it can."""
    try:
        make_plan(draft, FILES, output_for(draft, "mp4", "high", None))
    except NemoError as error:
        return f"{type(error).__name__}: {error}"
    return ""


def overlaps(draft: Any) -> int:
    count = 0
    for track in read_tracks(draft):
        spans = [(s.start_ms, s.end_ms) for s in track.segments if s.duration_ms > 0]
        count += sum(one[1] > other[0] for one, other in itertools.pairwise(spans))
    return count


def owned(draft: Any, roles: set[str]) -> dict[str, Any]:
    """What nobody here knows, by the ids of segments of some roles."""
    found = {}
    for segment in read_segments(draft):
        if segment.raw.get("id") == segment.id and segment.meta.get("role") in roles:
            found[segment.id] = (segment.raw.get("own"), segment.meta.get("own"))
    return found


def check_film(film: dict[str, Any], before: dict[str, Any], names: set[str]) -> None:
    """See that a film holds together that was made of another one by some edits."""
    json.dumps(film, allow_nan=False)
    assert film.get("own") == before.get("own")
    kept = {"title", "song", "speech", *(() if editable(before).is_cut_to_music else ("clip", "image"))}
    if not names & LAID_ANEW:
        was, now = owned(before, kept), owned(film, kept)
        assert {key: now[key] for key in was if key in now} == {key: was[key] for key in was if key in now}
    if editable(before) == before:  # what comes from elsewhere keeps the times that no edit touched
        for part in read_segments(film):
            for at in (part.start_ms, part.end_ms):
                assert at == to_ms(to_frame(at)), part
    if not overlaps(before):
        assert not overlaps(film)
    if (not problem_of(before) or not read_segments(before)) and duration_ms(film):
        problem = problem_of(film)
        assert not problem, problem


def one_by_one(draft: Any, edits: list[dict[str, Any]], situation: Situation) -> Any:
    """The film after edits that are made each for itself; None where that cannot be."""
    try:
        for edit in edits:
            draft = apply_one(draft, parse(edit), situation).draft
    except NotPossible:
        return None
    return draft


@settings(max_examples=300, derandomize=True)
@given(
    draft=drafts(),
    edits=st.lists(ONE_EDIT, min_size=1, max_size=4),
    media=st.sampled_from([MEDIA, (SONG, CITY, SEA), (CITY, VOICE), ()]),
)
def test_edits_of_any_film__are_all_made_or_none(
    draft: dict[str, Any], edits: list[dict[str, Any]], media: tuple[MediaItem, ...]
) -> None:
    before = repr(draft)
    situation = Situation(draft, media, language="en", seed=3)
    try:
        done = apply_edits(draft, parse_all(edits), situation)
    except InvalidEdit as refused:
        for problem in refused.problems:
            assert problem.words
    else:
        for language in ("en", "zh"):
            assert tell(done.told, language).strip()
        if editable(draft) == draft:
            assert done.draft == (one_by_one(draft, edits, situation) or done.draft)
        check_film(dict(done.draft), draft, {edit["edit"] for edit in edits})
    assert repr(draft) == before


def templates(language: str) -> dict[str, set[str]]:
    """What each sentence of a language is filled with."""
    text = resources.files("nemo_notebook.film").joinpath("sentences", f"{language}.toml").read_text(encoding="utf-8")
    tables = {name: table for name, table in tomllib.loads(text).items() if name not in ("words", "forms")}
    return {
        f"{name}.{key}": {field for _, field, _, _ in string.Formatter().parse(template) if field}
        for name, table in tables.items()
        for key, template in table.items()
    }


def test_sentences__are_there_in_both_languages_with_the_same_values() -> None:
    english, chinese = templates("en"), templates("zh")
    assert english.keys() == chinese.keys()
    for key, fields in chinese.items():
        assert fields <= english[key] | {"n", "kind"}, key


def film_of_all() -> dict[str, Any]:
    """City and sea in a row, two songs one after the other, a voice, and a title."""
    media = (CITY, SEA, SONG, OTHER, VOICE)
    edits = [
        {"edit": "make_video", "with_song": False},
        {"edit": "add_sound", "media": "s1", "duration_s": 6},
        {"edit": "add_sound", "media": "s2", "at_s": 6},
        {"edit": "add_title", "text": "Hi", "start_s": 1},
    ]
    return dict(apply_edits({}, parse_all(edits), Situation({}, media, seed=7)).draft)


def values_of(told: Any) -> Iterator[tuple[str, Any]]:
    """All that sentences are filled with, at any depth."""
    if isinstance(told, Told):
        for name, value in told.values.items():
            yield name, value
            yield from values_of(value)
    elif isinstance(told, (list, tuple)):
        for each in told:
            yield from values_of(each)


@cases
def test_replies__tell_what_holds(edit: dict[str, Any], facts: dict[str, str]) -> None:
    draft = film_of_all()
    situation = Situation(draft, (CITY, SEA, SONG, OTHER, VOICE), seed=7)
    if not facts:
        with pytest.raises(InvalidEdit):
            apply_edits(draft, [parse(edit)], situation)
        return
    done = apply_edits(draft, [parse(edit)], situation)
    number = lambda value: f"{value:g}" if isinstance(value, (int, float)) else value  # noqa: E731
    told = [(name, number(value)) for name, value in values_of(done.told)]
    for name, where in facts.items():
        owner, _, key = where.rpartition(".")
        segment = next((each for each in read_segments(done.draft) if each.name == owner), None)
        own = segment.meta if segment else done.draft["m"]
        holds = duration_ms(done.draft) if where == "film" else own[key] if key in own else getattr(segment, key)
        assert (name, number(holds)) in told
    assert tell(done.told, "en") != tell(done.told, "zh")
