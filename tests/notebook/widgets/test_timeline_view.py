"""What the timeline's part tells its page, and what it makes of what the page asks."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from cases import cases
from part_stand import DraftSession, PageHere
from timelines import FILM, HOSTILE, SONG

from nemo_notebook import errors
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets.timeline_view import (
    LONGEST,
    Gesture,
    TimelineView,
    describe_lanes,
    describe_sounds,
    edits_of_gestures,
)

CLIP = {"id": "c", "s": 1000, "d": 4000, "m": {"role": "clip", "media": "m", "in_ms": 500, "speed": 2.0, "name": "Sea"}}
NEXT = {"id": "n", "s": 5000, "d": 1000, "m": {"role": "clip", "media": "m", "in_ms": 0, "name": "Sky"}}
CUTS = {"t": [{"tt": 0, "sg": [CLIP, NEXT]}, {"tt": 7, "sg": [{"id": "t", "s": 0, "d": 1000, "text": "One\ntwo"}]}]}


class View(PageHere, TimelineView):
    """A timeline whose page is the test."""

    def do(self, what: str, **content: Any) -> Any:
        answer = self.ask(what, **content)
        assert "error" not in answer, answer
        return answer["content"]

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(json.dumps(each)) for each in self.messages if "say" in each]

    @property
    def drafts(self) -> list[dict[str, Any]]:
        return self.session.drafts


def view_of(draft: dict[str, Any]) -> View:
    """A timeline that its page has looked at."""
    view = View(DraftSession(draft, SONG))
    view.do("look")
    return view


def row(told: dict[str, Any], segment: str) -> dict[str, Any]:
    at = told["columns"]["segment"].index(segment)
    return {name: column[at] for name, column in told["columns"].items()}


def test_look__tells_columns_sounds_and_lanes_as_editors_show_them() -> None:
    told = view_of(FILM).do("look")
    assert [(track["number"], track["kind"]) for track in told["tracks"]] == [(3, "text"), (1, "video"), (2, "audio")]
    assert {len(column) for column in told["columns"].values()} == {8}
    song = row(told, "a")
    assert (song["start"], song["length"], song["volume"], song["sound"]) == (0, 12_000, 1.0, 0)
    assert list(told["sounds"][0]["downbeats_ms"]) == SONG["downbeats_ms"]
    assert [row(told, f"c{k}")["shot"] for k in range(3)] == [7, 6, 7]
    assert told["texts"][row(told, "t")["text"]] == "城市之夜"


def test_a_draft_of_ten_thousand__is_told_in_little() -> None:
    shots = [{"id": f"clip-{k}", "s": 500 * k, "d": 500, "m": {"source": f"{k % 20}.mp4"}} for k in range(10_000)]
    told = describe_lanes(Timeline({"t": [{"tt": 0, "sg": shots}]}))
    assert len(json.dumps(told, separators=(",", ":"))) < 700_000
    assert len(told["texts"]) == 21


def test_hostile_drafts__are_told_short_and_as_json() -> None:
    segments = [{"id": str(n), "s": 0, "d": 1, "text": text} for n, text in enumerate(HOSTILE)]
    odd = {"id": "odd", "s": 9e14, "d": 1e14, "v": 1e9, "m": {"in_ms": "x", "speed": -5, "fade_in_ms": float("inf")}}
    timeline = Timeline({"m": {"fps": 1e9}, "t": [{"tt": 7, "sg": segments}, {"tt": 1, "sg": [odd, 7]}, {"tt": []}]})
    told = describe_lanes(timeline)
    text = json.dumps([told, describe_sounds(timeline)], allow_nan=False, ensure_ascii=False)
    assert text.encode("utf-8")
    assert max(map(len, told["texts"])) == LONGEST
    assert told["fps"] == 240


def test_an_edit__is_applied_told_once_and_answered() -> None:
    page = view_of(CUTS)
    answer = page.do("edit", revision=0, changes=[{"segment": "t", "start_s": 2, "text": "Three"}])
    assert answer["revision"] == 1
    assert any("One" in words or "Three" in words for words in answer["words"])
    assert [told["say"] for told in page.told] == ["timeline"]
    assert row(page.told[0], "t")["start"] == 2000
    assert "sounds" not in page.told[0]
    assert page.do("undo")["revision"] == 2
    assert page.drafts == [CUTS]
    assert page.do("undo") == {"revision": 2, "words": ["There is nothing to undo."], "steps": (0, 1)}


def test_a_trim__leaves_the_picture_where_it_is() -> None:
    page = view_of(CUTS)
    changes = [{"segment": "c", "start_s": 1.5, "duration_s": 3.5, "trim": True}]
    page.do("edit", revision=0, changes=changes)
    clip = page.drafts[-1]["t"][0]["sg"][0]
    assert (clip["s"], clip["d"], clip["m"]["in_ms"]) == (1500, 3500, 1500)
    refused = page.ask("edit", revision=1, changes=[{"segment": "c", "start_s": 0.1, "duration_s": 4.9, "trim": True}])
    assert re.search("“Sea”: in_s .* before the beginning of its file", refused["error"])
    page.do("edit", revision=1, changes=[{"segment": "c", "start_s": 1.0, "duration_s": 3.5}])
    assert page.drafts[-1]["t"][0]["sg"][0]["m"]["in_ms"] == 1500


def segments(draft: dict[str, Any], track: int) -> list[dict[str, Any]]:
    return sorted(draft["t"][track]["sg"], key=lambda segment: segment["s"])


def test_a_split__leaves_the_picture_as_it_is_and_is_one_step() -> None:
    clip = {**CLIP, "m": {**CLIP["m"], "transition": {"kind": "dissolve", "ms": 500}, "fade_out_ms": 300}}
    page = view_of({"t": [{"tt": 0, "sg": [clip, NEXT]}, CUTS["t"][1]]})
    first = {"segment": "c", "duration_s": 1.5}
    rest = {"segment": "c", "copy": True, "start_s": 2.5, "duration_s": 2.5, "trim": True}
    answer = page.do("edit", revision=0, changes=[first, rest])
    assert answer["steps"] == (1, 0)
    one, other, after = segments(page.drafts[-1], 0)
    assert (one["id"], one["s"], one["d"], one["m"]["in_ms"]) == ("c", 1000, 1500, 500)
    assert (other["s"], other["d"], other["m"]["in_ms"]) == (2500, 2500, 3500)  # at double speed
    assert other["id"] not in {"c", "n"}
    assert after == NEXT
    assert ("transition" in one["m"], "transition" in other["m"]) == (True, False)
    assert (one["m"]["fade_out_ms"], other["m"]["fade_out_ms"]) == (0, 300)
    page.do("undo")
    assert segments(page.drafts[-1], 0)[0] == clip


def test_a_copy__makes_the_others_room_and_keeps_all_that_its_segment_has() -> None:
    page = view_of(CUTS)
    changes = [{"segment": "n", "start_s": 9.0}, {"segment": "c", "copy": True, "start_s": 5.0}]
    page.do("edit", revision=0, changes=changes)
    one, copy, after = segments(page.drafts[-1], 0)
    assert one == CLIP
    assert {**copy, "id": "c"} == {**CLIP, "s": 5000}
    assert after == {**NEXT, "s": 9000}


def test_a_title_that_is_split__does_not_come_and_go_twice() -> None:
    title = {"id": "t", "s": 0, "d": 4000, "m": {"role": "title", "text": "Hi", "animate_in": "pop"}}
    halves = [{"segment": "t", "duration_s": 2.0}, {"segment": "t", "copy": True, "start_s": 2.0, "duration_s": 2.0}]
    page = view_of({"t": [{"tt": 7, "sg": [title]}]})
    page.do("edit", revision=0, changes=halves)
    one, other = segments(page.drafts[-1], 0)
    assert [one["m"].get(key) for key in ("animate_in", "animate_out")] == ["pop", "none"]
    assert [other["m"].get(key) for key in ("animate_in", "animate_out")] == ["none", None]


@cases
def test_split__is_offered_where_the_second_part_would_go_on(kind: int, meta: dict[str, Any], can: int) -> None:
    told = describe_lanes(Timeline({"t": [{"tt": kind, "sg": [{"id": "s", "s": 0, "d": 1000, "m": meta}]}]}))
    assert told["columns"]["split"] == [can]


def test_a_refusal__names_the_segment_and_changes_nothing() -> None:
    page = view_of(CUTS)
    refused = page.ask("edit", revision=0, changes=[{"segment": "n", "start_s": 2}])
    assert refused["error"] == "Sky would overlap Sea (0:01–0:05) on its track."
    assert page.drafts == [CUTS]
    assert page.told == []


def test_an_edit_of_an_older_state__is_refused_and_the_newer_one_told() -> None:
    page = view_of(CUTS)
    page.drafts.append({"t": [CUTS["t"][1]]})  # nobody was told
    for _ in range(2):
        refused = page.ask("edit", revision=0, changes=[{"segment": "t", "start_s": 2}])
        assert "changed meanwhile" in refused["error"]
        assert (page.told[-1]["revision"], page.told[-1]["columns"]["segment"]) == (1, ["t"])


def test_a_page_that_opens__sees_at_once_what_is_known_and_then_what_another_kernel_did() -> None:
    page = view_of(CUTS)
    assert (page.session.looks, page.told) == (1, [])
    page.drafts.append({"t": [CUTS["t"][1]]})  # nobody was told
    told = page.do("look")
    assert told["columns"]["segment"] == ["c", "n", "t"]
    page.until(lambda: page.told)
    assert page.told[-1]["columns"]["segment"] == ["t"]
    assert (page.told[-1]["revision"], page.session.looks) == (1, 2)
    assert page.do("look")["columns"]["segment"] == ["t"]
    assert len(page.told) == 1


def test_whole_texts__are_given_to_who_edits_them() -> None:
    page = view_of({"t": [{"tt": 7, "sg": [{"id": "t", "s": 0, "d": 1000, "text": "word " * 100}]}]})
    assert page.do("words", segment="t") == {"text": "word " * 100}
    assert page.do("words", segment="no") == {"text": ""}


@cases
def test_what_is_no_change__is_refused(changes: Any) -> None:
    page = view_of(CUTS)
    too_much = [{"segment": "c", "text": "x" * 100_000}], [{"segment": "c"}] * 30_000
    for each in (changes, *too_much):
        assert "cannot be" in page.ask("edit", revision=0, changes=each)["error"]


def test_a_segment_that_is_gone__is_told() -> None:
    with pytest.raises(errors.UsageError, match="no longer"):
        edits_of_gestures(Timeline(CUTS), [Gesture("x", delete=True)])


def test_tracks_and_changes__are_named_in_the_language_of_the_page() -> None:
    page = view_of(CUTS)
    page.hear({"do": "hello", "language": "zh-CN"})
    assert "视频" in page.do("look")["tracks"][1]["label"]
    answer = page.do("edit", revision=0, changes=[{"segment": "t", "start_s": 2}])
    assert answer["words"][0].startswith("已移动")
