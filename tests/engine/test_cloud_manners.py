"""Users beside one another at the real server, and the manners of the paid service as a real client meets them."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cloud_service import Manners
from engine_server import Serving, serving
from media_files import clicks, write_sound, write_video
from visitor import Visitor
from waiting import until

import nemo_notebook as nemo
from nemo_notebook import errors, files
from nemo_notebook.engine.pool import _Worker


@contextlib.contextmanager
def connected(tmp_path: Path, clip: bytes, **manners: Any) -> Iterator[nemo.Session]:
    """A session of our own client, with an upload, at a service with such manners."""
    (tmp_path / "clip.mp4").write_bytes(clip)
    with serving(tmp_path / "served", Manners(**manners)) as server, nemo.connect(backend=server.url) as session:
        session.upload(tmp_path / "clip.mp4")
        yield session


def test_client__is_told_that_the_credits_are_spent_and_where_to_go(tmp_path: Path, clip: bytes) -> None:
    with connected(tmp_path, clip, credits=100, generation=100) as session:
        assert session.chat("use my clip").cost == 100
        with pytest.raises(errors.OutOfCredits) as caught:
            session.chat('add a title "A"')
        assert "bind=" in caught.value.hint


WHOLE = "create a music video from this song with a visualizer, titles and my clip"


@pytest.mark.parametrize("stages", ["within", "after"])
def test_client__tells_both_stages(tmp_path: Path, clip: bytes, stages: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_RECOVER_SECONDS", "0.3")
    write_sound(tmp_path / "song.mp3", clicks(120, 6.0)[0], 22050, codec="libmp3lame")
    with connected(tmp_path, clip, stages=stages, stage_pause_s=0.3) as session:
        session.upload(tmp_path / "song.mp3")
        told: list[str] = []
        reply = session.chat(WHOLE, lambda event: told.append(getattr(event, "text", "")))
        assert {track.kind for track in reply.timeline.tracks if track.segments} >= {"video", "audio"}
        assert any("pictures are ready" in words for words in told)


def test_client__tells_what_a_silent_edit_has_done(tmp_path: Path, clip: bytes) -> None:
    with connected(tmp_path, clip, silent_every=2) as session:
        assert session.chat("use my clip").text
        first, second = session.chat('add a title "One"'), session.chat('change the title to "Two"')
        heard = [any("text" in str(type(event)).lower() for event in each.events) for each in (first, second)]
        assert heard == [True, False]
        assert "Two" in second.text
        assert list(second.changes.words)


def test_use__of_a_session_is_noted_once_an_hour(server: Serving, http: Visitor, session_id: str) -> None:
    def ago_s() -> float:
        (row,) = server.store._db.read("SELECT touched_s FROM session WHERE id = ?", session_id)
        return time.time() - float(row[0])

    server.store._db.write("UPDATE session SET touched_s = touched_s - 7200")
    http.state(session_id)
    until(lambda: ago_s() < 30)


def test_full_disk__is_told_before_anything_is_taken(
    server: Serving, http: Visitor, session_id: str, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MIN_FREE_BYTES", 1 << 60)
    before = list((server.store.folder / "media").iterdir())
    refused = http.upload(session_id, clip).json()
    assert refused["code"] == errors.DiskFull.code
    assert re.search(r"has [\d.]+ kB, but the disk has room for 0 kB", refused["message"])
    assert "%nemo sessions --remove" in refused["hint"]
    assert list((server.store.folder / "media").iterdir()) == before


def hold(op: str, monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], threading.Event]:
    """Hold operations of a kind on files that are called "held…": those that have begun, and what lets them go."""
    begun: list[str] = []
    let_go, run = threading.Event(), _Worker.run

    async def held(self: _Worker, name: str, args: dict[str, Any], on_progress: Any) -> dict[str, Any]:
        if name == op and args.get("filename", "held").startswith("held"):
            begun.append(args.get("filename", name))
            while not let_go.is_set():  # noqa: ASYNC110 - another thread sets it
                await asyncio.sleep(0.01)
        return await run(self, name, args, on_progress)

    monkeypatch.setattr(_Worker, "run", held)
    return begun, let_go


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Visitor, Visitor]]:
    """Two users of an engine with two workers."""
    monkeypatch.setenv("NEMO_ENGINE_WORKERS", "2")
    with (
        serving(tmp_path / "served") as server,
        Visitor(server.url) as one,
        Visitor(server.url, client_id="b") as other,
    ):
        yield one, other


def clips_of(folder: Path, count: int) -> list[bytes]:
    """Clips that are not alike."""
    for number in range(count):
        write_video(folder / f"{number}.mp4", frames=7 + number)
    return [(folder / f"{number}.mp4").read_bytes() for number in range(count)]


def test_analyses__of_one_user_hold_up_no_other(
    two: tuple[Visitor, Visitor], tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, _ = hold("watch", monkeypatch)
    http, other = two
    session, mine, clips = http.begin(), other.begin(), clips_of(tmp_path, 10)
    for number, data in enumerate(clips):
        assert http.upload(session, data, f"held-{number}.mp4").json()["code"] == 0
    assert other.upload(mine, clip).json()["code"] == 0
    assert other.upload(mine, clips[9], "the same as one of theirs.mp4").json()["code"] == 0
    until(lambda: held)
    assert "draft_version" in other.say(mine, "use my clips").text
    assert len(held) <= 2  # the others still wait for their turn


def test_analyses__do_not_wait_for_an_export_of_the_same_user(
    two: tuple[Visitor, Visitor], tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, _ = hold("render_shot", monkeypatch)
    http, _ = two
    session = http.begin()
    for number, data in enumerate(clips_of(tmp_path, 5)):
        http.upload(session, data, f"{number}.mp4")
    http.say(session, "use my clips")
    assert http.submit(session, "r1").json()["success"]
    until(lambda: len(held) == 2)
    assert http.upload(session, clip, "new.mp4").json()["code"] == 0
    assert "data: " in http.say(session, 'add a title "A"').text
    assert len(held) == 2
    http.post("/api/render/proxy/lambda/r1/cancel")


def test_looks__into_files_of_one_user_hold_up_no_other(
    two: tuple[Visitor, Visitor], tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, let_go = hold("probe", monkeypatch)
    http, other = two
    session, mine = http.begin(), other.begin()
    uploads = [
        threading.Thread(target=http.upload, args=(session, data, f"held-{number}.mp4"))
        for number, data in enumerate(clips_of(tmp_path, 3))
    ]
    for each in uploads:
        each.start()
    until(lambda: held)
    assert other.upload(mine, clip).json()["code"] == 0
    assert "draft_version" in other.say(mine, 'use my clip and add a title "A"').text
    assert len(held) == 1
    let_go.set()
    for each in uploads:
        each.join()
