from __future__ import annotations

import base64
import json
import re
import time
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from odd_drafts import any_json
from timelines import DOCUMENTED, FILM, HOSTILE, line

from nemo_notebook.film.timeline import Timeline
from nemo_notebook.film.tracks import duration_ms, read_segments, read_tracks


def test_timeline__shows_itself_as_text_and_html() -> None:
    faces = Timeline(FILM)._repr_mimebundle_()
    assert set(faces) == {"text/plain", "text/html"}
    assert faces["text/plain"].startswith("Timeline (3 tracks): ")
    assert faces["text/html"].count("<tr>") == 1 + 8


def test_html__holds_the_picture_as_an_image_and_no_inline_svg() -> None:
    page = Timeline(FILM)._repr_mimebundle_()["text/html"]
    found = re.search(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="Timeline \(3 tracks\)', page)
    assert found
    assert base64.b64decode(found[1]).decode("utf-8") == Timeline(FILM).plot().svg
    assert "<svg" not in page


class _Elements(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.keys: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.keys |= {key for key, _ in attrs}


@pytest.mark.parametrize("name", [*HOSTILE, '" onerror="alert(1)', "<img src=x onerror=alert(1)>"])
def test_hostile_names__are_text_in_every_face(name: str) -> None:
    after, before = line([{"d": 9000, "id": "x", "m": {"name": name}}]), line([{"d": 9000, "id": "x"}])
    for faces in (after._repr_mimebundle_(), after.diff(before)._repr_mimebundle_(), after.plot()._repr_mimebundle_()):
        found = _Elements(faces["text/html"])
        assert found.tags <= {"p", "img", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
        assert found.keys <= {"src", "alt", "width", "style"}
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", "".join(faces.values()))
        assert max(map(len, faces["text/plain"].splitlines())) < 1500


def test_faces_of_100_000_segments__come_soon_and_stay_small() -> None:
    segments = [
        {"id": f"c{k}", "s": 90 * k, "d": 90, "m": {"name": f"clip {k}", "source": "c.mp4"}} for k in range(10**5)
    ]
    made = line(segments)
    begun = time.perf_counter()
    faces = made._repr_mimebundle_()
    assert time.perf_counter() - begun < 15  # about one second where nothing else runs
    assert sum(map(len, faces.values())) < 100_000


def test_empty__is_a_sentence() -> None:
    faces = Timeline(None, "zh")._repr_mimebundle_()
    assert faces == {"text/plain": "时间线还是空的。", "text/html": "<p>时间线还是空的。</p>"}


@pytest.mark.parametrize(("language", "brief"), [("en", "Timeline: 1:05, 1 track"), ("zh", "时间线：1:05，1 条轨道")])
def test_brief__opens_to_a_small_picture(language: str, brief: str) -> None:
    timeline = line([{"d": 65_000, "name": "<b>"}], language=language)
    assert timeline.brief == brief
    assert timeline.folded.startswith(f"<details><summary>{brief}</summary><img src=")
    assert "<b>" not in timeline.folded
    assert len(timeline.folded) < 5_000
    empty = Timeline(None, language)
    assert empty.folded == f"<p>{empty.summary}</p>"


def test_ready__needs_a_track_with_a_segment() -> None:
    assert not Timeline(None).is_ready
    assert not Timeline({"t": [{"tt": 0, "sg": []}]}).is_ready
    assert Timeline(DOCUMENTED).is_ready


@given(any_json(*"t tt sg s d v m text name end id src".split()))
def test_any_draft__has_all_faces(draft: Any) -> None:
    raw = draft if isinstance(draft, dict) else {"t": draft}
    timeline = Timeline(raw)
    assert len(timeline.frame) == len(read_segments(raw))
    assert timeline.summary
    assert timeline.plot().svg.startswith("<svg")
    assert duration_ms(raw) >= 0
    assert len(read_tracks(raw)) == len(timeline.tracks)
    timeline.diff(Timeline(None))


SIGNED = "https://cdn.test/clip.mp4?X-Amz-Signature=5ecret&X-Amz-Credential=5ecret"


def test_signed_addresses__are_shown_nowhere_and_kept_in_the_draft() -> None:
    segments = [
        {"id": "1", "s": 0, "d": 900, "m": {"source": SIGNED}},
        {"id": "2", "d": 900, "name": SIGNED, "url": SIGNED},
    ]
    line = Timeline({"t": [{"tt": 0, "sg": segments}]})
    resigned = json.loads(json.dumps(line.draft).replace("5ecret", "0ther"))
    moved = json.loads(json.dumps(line.draft).replace("clip.mp4", "other.mp4"))
    changes = Timeline(moved).diff(line)
    faces = [
        line.frame.to_csv(),
        line.summary,
        line.plot().svg,
        repr(line.tracks),
        str(changes),
        changes.frame.to_csv(),
    ]
    faces += [*line._repr_mimebundle_().values(), *changes._repr_mimebundle_().values()]
    assert not any("5ecret" in face for face in faces)
    assert list(line.frame.source) == ["https://cdn.test/clip.mp4?X-Amz-Signature=…&X-Amz-Credential=…"] * 2
    assert {change.aspect for change in changes} == {"name", "source"}
    assert not Timeline(resigned).diff(line)  # signed anew is no change
    assert line.draft["t"][0]["sg"][0]["m"]["source"] == SIGNED
