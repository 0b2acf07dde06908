"""Every code of the contract through the real server, and the manners of the service, with a real client too."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cloud_service
import httpx
import pytest
from cloud_service import Manners
from engine_server import Serving, serving
from media_files import clicks, write_sound, write_video

import nemo_notebook as nemo
from nemo_notebook import errors, files
from nemo_notebook.engine import store
from nemo_notebook.engine.pool import _Worker

SKILL = {"X-Skill-Source": "from-music", "X-Skill-Version": "1.0.0", "X-Skill-Platform": "unknown"}


@contextlib.contextmanager
def served(tmp_path: Path, **manners: Any) -> Iterator[Serving]:
    with serving(tmp_path / "served", Manners(**manners)) as running:
        yield running


def ask(server: Serving, client_id: str = "a") -> httpx.Response:
    return httpx.post(f"{server.url}/api/auth/anonymous-token", headers={"X-Client-Id": client_id})


def client(server: Serving, client_id: str = "a") -> httpx.Client:
    token = ask(server, client_id).json()["data"]["token"]
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}", **SKILL}, timeout=30)


def begin(http: httpx.Client) -> dict[str, Any]:
    return dict(http.post("/api/tasks/me/with-session/nemo_agent", json={}).json())


def session_of(http: httpx.Client) -> str:
    return str(begin(http)["data"]["session_id"])


def upload(http: httpx.Client, session: str, data: bytes, name: str = "clip.mp4") -> httpx.Response:
    return http.post(f"/api/upload-video/nemo_agent/me/{session}", files={"files": (name, data)})


def say(http: httpx.Client, session: str, words: str) -> httpx.Response:
    return http.post("/run_sse", json={"session_id": session, "new_message": {"parts": [{"text": words}]}})


def state(http: httpx.Client, session: str) -> dict[str, Any]:
    return dict(http.get(f"/api/state/nemo_agent/me/{session}/latest").json()["data"]["state"])


def balance(http: httpx.Client) -> dict[str, float]:
    return dict(http.get("/api/credits/balance/simple").json()["data"])


def submit(http: httpx.Client, session: str, name: str) -> httpx.Response:
    draft = state(http, session)["draft"]
    job = {"id": name, "sessionId": session, "draft": draft, "output": {"quality": "low", "resolution": "4k"}}
    return http.post("/api/render/proxy/lambda", json=job)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_video(path, frames=60)
    return path.read_bytes()


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("songs") / "song.mp3"
    write_sound(path, clicks(120, 6.0)[0], 22050, codec="libmp3lame")
    return path.read_bytes()


def test_credits__are_held_spent_and_at_an_end(tmp_path: Path, clip: bytes) -> None:
    with served(tmp_path, credits=160, generation=100, edit=50) as server, client(server) as http:
        session = session_of(http)
        upload(http, session, clip)
        assert balance(http) == {"available": 160, "frozen": 0, "total": 160}
        say(http, session, "use my clip")
        assert balance(http)["available"] == 60
        say(http, session, "hello there")  # changes nothing
        assert balance(http)["available"] == 60
        say(http, session, 'add a title "A"')
        assert balance(http) == {"available": 10, "frozen": 0, "total": 10}
        refused = say(http, session, 'add a title "B"').json()
        assert (refused["code"], bool(refused["hint"])) == (2001, True)
        assert ask(server).json()["data"]["credits"] == 10
        assert balance(client(server, "b"))["available"] == 160


def test_client__is_told_that_the_credits_are_spent_and_where_to_go(tmp_path: Path, clip: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip)
    with (
        served(tmp_path, credits=100, generation=100) as server,
        contextlib.closing(nemo.connect(backend=server.url)) as session,
    ):
        session.upload(tmp_path / "clip.mp4")
        assert session.chat("use my clip").cost == 100
        with pytest.raises(errors.OutOfCredits) as caught:
            session.chat('add a title "A"')
        assert "bind=" in caught.value.hint


def test_token__expires_and_the_client_gets_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(tmp_path, token_lifetime_s=1000, tokens_per_client=1) as server:
        with client(server) as http:
            assert begin(http)["code"] == 0
            one_more = ask(server)
            assert (one_more.status_code, one_more.json()["code"]) == (429, 429)
            assert 900 < int(one_more.headers["retry-after"]) <= 1000
            later = SimpleNamespace(time=lambda: time.time() + 1001)
            monkeypatch.setattr(store, "time", later)
            monkeypatch.setattr(cloud_service, "time", later)
            assert begin(http)["code"] == 1001
        assert ask(server).json()["code"] == 0


def test_tokens__are_so_many_for_an_address(tmp_path: Path) -> None:
    with served(tmp_path, tokens_per_address=2) as server:
        assert [ask(server, name).status_code for name in "abc"] == [200, 200, 429]
        assert 600_000 < int(ask(server, "d").headers["retry-after"]) <= 604_800


def test_rate__is_refused_with_how_long_to_wait_and_each_user_has_their_own(tmp_path: Path) -> None:
    with served(tmp_path, turn_every_s=50) as server, client(server) as http, client(server, "b") as other:
        assert say(http, session_of(http), "hello").status_code == 200
        refused = say(http, session_of(http), "hello")
        assert (refused.status_code, 40 < int(refused.headers["retry-after"]) <= 50) == (429, True)
        assert say(other, session_of(other), "hello").status_code == 200


def test_export__needs_a_subscription_where_there_are_any(tmp_path: Path, clip: bytes) -> None:
    with served(tmp_path, subscribers_only=True) as server, client(server) as http:
        session = session_of(http)
        upload(http, session, clip)
        say(http, session, "use my clip")
        refused = submit(http, session, "r1")
        assert (refused.status_code, refused.json()["code"]) == (402, 402)
        own = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.token}", **SKILL})
        mine = session_of(own)
        upload(own, mine, clip)
        say(own, mine, "use my clip")
        assert submit(own, mine, "r2").json()["success"]
        own.post("/api/render/proxy/lambda/r2/cancel")
        own.close()


def test_upload__over_the_limit_of_the_policy_is_4002(tmp_path: Path, clip: bytes) -> None:
    with served(tmp_path, max_upload_bytes=len(clip) - 1) as server, client(server) as http:
        refused = upload(http, session_of(http), clip)
        assert (refused.status_code, refused.json()["code"]) == (413, 4002)


def test_session__that_was_idle_has_ended_and_one_in_use_has_not(tmp_path: Path) -> None:
    with served(tmp_path, session_idle_s=100) as server, client(server) as http:
        session = session_of(http)

        def age(seconds: float) -> None:
            server.store._db.write("UPDATE session SET touched_s = touched_s - ?", seconds)

        for _ in range(2):
            age(60)
            assert state(http, session)["draft"] is None
            deadline_s = time.monotonic() + 5
            while time.time() - server.store._db.read("SELECT touched_s FROM session")[0][0] > 30:
                assert time.monotonic() < deadline_s
                time.sleep(0.01)
        age(200)
        answer = http.get(f"/api/state/nemo_agent/me/{session}/latest")
        assert (answer.status_code, answer.json()["code"]) == (404, 1002)


def test_full_disk__is_told_before_anything_is_taken(
    tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(tmp_path) as server, client(server) as http:
        monkeypatch.setattr(files, "MIN_FREE_BYTES", 1 << 60)
        refused = upload(http, session_of(http), clip).json()
        assert refused["code"] == errors.DiskFull.code
        assert re.search(r"has [\d.]+ kB, but the disk has room for 0 kB", refused["message"])
        assert "%nemo sessions --remove" in refused["hint"]
        assert list((server.store.folder / "media").iterdir()) == []


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
    monkeypatch.setenv("NEMO_ENGINE_WORKERS", "2")
    return begun, let_go


def clips_of(folder: Path, count: int) -> list[bytes]:
    """Clips that are not alike."""
    for number in range(count):
        write_video(folder / f"{number}.mp4", frames=7 + number)
    return [(folder / f"{number}.mp4").read_bytes() for number in range(count)]


def test_analyses__of_one_user_hold_up_no_other(tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    held, _ = hold("watch", monkeypatch)
    with served(tmp_path) as server, client(server) as http, client(server, "b") as other:
        session, mine, clips = session_of(http), session_of(other), clips_of(tmp_path, 10)
        for number, data in enumerate(clips):
            assert upload(http, session, data, f"held-{number}.mp4").json()["code"] == 0
        assert upload(other, mine, clip).json()["code"] == 0
        assert upload(other, mine, clips[9], "the same as one of theirs.mp4").json()["code"] == 0
        deadline_s = time.monotonic() + 20
        while not held:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        assert "draft_version" in say(other, mine, "use my clips").text
        assert len(held) <= 2  # the others still wait for their turn


def test_analyses__do_not_wait_for_an_export_of_the_same_user(
    tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, _ = hold("render_shot", monkeypatch)
    with served(tmp_path) as server, client(server) as http:
        session = session_of(http)
        for number, data in enumerate(clips_of(tmp_path, 5)):
            upload(http, session, data, f"{number}.mp4")
        say(http, session, "use my clips")
        assert submit(http, session, "r1").json()["success"]
        deadline_s = time.monotonic() + 20
        while len(held) < 2:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        assert upload(http, session, clip, "new.mp4").json()["code"] == 0
        assert "data: " in say(http, session, 'add a title "A"').text
        assert len(held) == 2
        http.post("/api/render/proxy/lambda/r1/cancel")


def test_looks__into_files_of_one_user_hold_up_no_other(
    tmp_path: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, let_go = hold("probe", monkeypatch)
    with served(tmp_path) as server, client(server) as http, client(server, "b") as other:
        session, mine = session_of(http), session_of(other)
        uploads = [
            threading.Thread(target=upload, args=(http, session, data, f"held-{number}.mp4"))
            for number, data in enumerate(clips_of(tmp_path, 3))
        ]
        for each in uploads:
            each.start()
        deadline_s = time.monotonic() + 20
        while not held:
            assert time.monotonic() < deadline_s
            time.sleep(0.01)
        assert upload(other, mine, clip).json()["code"] == 0
        assert "draft_version" in say(other, mine, 'use my clip and add a title "A"').text
        assert len(held) == 1
        let_go.set()
        for each in uploads:
            each.join()


WHOLE = "create a music video from this song with a visualizer, titles and my clip"


def kinds(draft: dict[str, Any]) -> set[int]:
    return {track["tt"] for track in draft["t"] if track["sg"]}


def test_generation_in_two_stages__shows_its_pictures_first(tmp_path: Path, clip: bytes, song: bytes) -> None:
    with served(tmp_path, stages="within", stage_pause_s=1.0) as server, client(server) as http:
        session = session_of(http)
        upload(http, session, clip)
        upload(http, session, song, "song.mp3")
        heard: list[httpx.Response] = []
        turn = threading.Thread(target=lambda: heard.append(say(http, session, WHOLE)))
        turn.start()
        with httpx.Client(base_url=server.url, headers=http.headers) as watcher:
            deadline_s = time.monotonic() + 20
            while (seen := state(watcher, session))["draft"] is None:
                assert time.monotonic() < deadline_s
                time.sleep(0.02)
        turn.join()
        assert (kinds(seen["draft"]), seen["draft_version"], seen["turns_running"]) == ({0}, 1, 1)
        assert seen["generated_media"]
        after = state(http, session)
        assert (1 in kinds(after["draft"]), after["draft_version"], after["turns_running"]) == (True, 2, 0)
        events = [json.loads(line[6:]) for line in heard[0].text.split("\n") if line.startswith("data: ")]
        versions = [event["actions"]["stateDelta"].get("draft_version") for event in events]
        assert [version for version in versions if version][:2] == [1, 2]


@pytest.mark.parametrize("stages", ["within", "after"])
def test_client__tells_both_stages(
    tmp_path: Path, clip: bytes, song: bytes, stages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_RECOVER_SECONDS", "1")
    (tmp_path / "clip.mp4").write_bytes(clip)
    (tmp_path / "song.mp3").write_bytes(song)
    with (
        served(tmp_path, stages=stages, stage_pause_s=0.3) as server,
        contextlib.closing(nemo.connect(backend=server.url)) as session,
    ):
        session.upload(tmp_path / "clip.mp4", tmp_path / "song.mp3")
        told: list[str] = []
        reply = session.chat(WHOLE, lambda event: told.append(getattr(event, "text", "")))
        assert {track.kind for track in reply.timeline.tracks if track.segments} >= {"video", "audio"}
        assert any("pictures are ready" in words for words in told)


def test_client__tells_what_a_silent_edit_has_done(tmp_path: Path, clip: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(clip)
    with (
        served(tmp_path, silent_every=2) as server,
        contextlib.closing(nemo.connect(backend=server.url)) as session,
    ):
        session.upload(tmp_path / "clip.mp4")
        assert session.chat("use my clip").text
        first, second = session.chat('add a title "One"'), session.chat('change the title to "Two"')
        assert [any("text" in str(type(event)).lower() for event in each.events) for each in (first, second)] == [
            True,
            False,
        ]
        assert "Two" in second.text
        assert list(second.changes.words)


def test_access_log__shows_no_token_and_no_key(tmp_path: Path, clip: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "nemo_notebook.access")
    with served(tmp_path) as server, client(server) as http:
        session = session_of(http)
        (told,) = upload(http, session, clip).json()["data"]["files"]
        assert httpx.get(f"{told['cdn_url']}?token=secret").status_code == 200
        token = http.headers["authorization"].removeprefix("Bearer ")
    key = told["cdn_url"].split("/")[-2]
    logged = [record.getMessage() for record in caplog.records if record.name == "nemo_notebook.access"]
    assert len(logged) == 4
    assert "anon_" in logged[1]
    assert "'/files/…/clip.mp4' 200" in logged[3]
    assert not any(word in line for word in (token, key, "secret") for line in logged)
