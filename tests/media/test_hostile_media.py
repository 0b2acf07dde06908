"""Hostile media through the whole of a real server: upload, chat, export. Nothing else is read, and nothing breaks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cases import cases
from engine_server import Serving, serving
from hostile_media import Hostile, broken, claiming, naming, trap, watched
from media_files import write_video
from visitor import Visitor

EXPORTED_S = 60_000  # of a draft, at most: what claims to be longer was let in by mistake


@dataclass
class Report:
    """What became of each file: the reason of its refusal, or the status and message of its export."""

    refused: list[tuple[str, int, str]] = field(default_factory=list)
    exported: list[tuple[str, str, str]] = field(default_factory=list)
    slowest_s: float = 0.0
    reads: int = 0
    asked: list[str] = field(default_factory=list)


class Uploader(Visitor):
    """Takes files through the server, each in a session of its own."""

    def __init__(self, server: Serving, report: Report) -> None:
        super().__init__(server.url, server.token)
        self.report = report

    def take_in(self, file: Hostile) -> str | None:
        """Upload; gives the session, None if it was refused."""
        session, begun_s = self.begin(), time.monotonic()
        answer = self.upload(session, file.data, file.name)
        self.report.slowest_s = max(self.report.slowest_s, time.monotonic() - begun_s)
        assert answer.status_code < 500, (file.name, answer.text)
        told = answer.json()
        if told["code"]:
            self.report.refused.append((file.name, told["code"], told["message"]))
            return None
        return session

    def export(self, file: Hostile, session: str) -> None:
        assert self.say(session, "make a video").status_code == 200
        draft = self.state(session)["draft"]
        if not draft:
            self.report.exported.append((file.name, "failed", "nothing could be made of it"))
            return
        assert draft["d"] <= EXPORTED_S, (file.name, draft["d"])
        answer = self.submit(session, f"hostile-{session}")
        assert answer.status_code < 500, (file.name, answer.text)
        data = {"status": "failed", "error": answer.json().get("message", "")}
        if answer.json().get("data"):
            data = self.ended(f"hostile-{session}")
        self.report.exported.append((file.name, data["status"], data.get("error", "")))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


@pytest.fixture(scope="module")
def report(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("hostile")
    secret = folder / "secret.mp4"
    write_video(secret, frames=10)
    found = Report()
    with (
        trap() as (url, asked),
        watched(secret) as reads,
        Uploader(server, found) as visitor,
        ThreadPoolExecutor(2) as pool,
    ):
        named, claimed, damaged = (
            [(file, session) for file in files if (session := visitor.take_in(file))]
            for files in (naming(secret, url), claiming(folder, secret, url), broken(folder))
        )
        list(pool.map(lambda each: visitor.export(*each), [*named[:3], *claimed, *damaged[::8]]))
        found.reads, found.asked = reads(), asked
    return found


def test_hostile_media__leads_the_server_to_no_other_file_and_to_no_address(report: Report) -> None:
    assert (report.reads, report.asked) == (0, [])


def test_watch__sees_a_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    with watched(tmp_path / "secret") as reads:
        (tmp_path / "secret").read_bytes()
        assert reads() > 0 or not sys.platform.startswith("linux")


def test_hostile_media__is_refused_with_a_reason_or_rendered(report: Report) -> None:
    assert len(report.refused) > 80
    assert all(code in {4001, 4002, 5000} and message for _, code, message in report.refused)
    assert len(report.exported) > 30
    for name, status, reason in report.exported:
        assert status in {"completed", "failed"}, name
        assert status == "completed" or reason, name
        assert "failed inside" not in reason, (name, reason)


def test_hostile_media__holds_up_nobody_and_leaves_nothing_half_written(report: Report, server: Serving) -> None:
    assert report.slowest_s < 10
    assert list(server.store.folder.rglob("*.part")) == []
    with Visitor(server.url, server.token) as http:
        assert http.get("/api/credits/balance/simple").json()["code"] == 0


def test_hostile_names__stay_names(report: Report, server: Serving) -> None:
    names = {path.name for path in (server.store.folder / "media").iterdir()}
    assert all(len(name) == 64 and name.isalnum() for name in names)


LIMITED = """
import sys
from nemo_notebook.engine import pool
pool.limit_process()
tiny = pool.Limit(wall_s=9, cpu_s=1, memory_bytes=1 << 30, file_bytes=1 << 20)
pool.LIMITS = {"tiny": tiny}
pool.impose_limits("tiny")
{}
"""


def limited(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    whole = LIMITED.replace("{}", code)
    return subprocess.run([sys.executable, "-c", whole], cwd=folder, capture_output=True, text=True, timeout=30)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system sets these limits")
@cases
def test_limits__hold_on_memory_files_and_computing(code: str, end: str, tmp_path: Path) -> None:
    done = limited(code, tmp_path)
    assert end in f"{done.stderr} {'SIGXCPU' if done.returncode == -24 else ''}"
    assert done.returncode != 0


@pytest.mark.skipif(os.name != "posix", reason="POSIX limits")
def test_limits__are_those_of_the_operation_at_hand(tmp_path: Path) -> None:
    code = "pool.impose_limits('render_shot'); import resource as r; print(r.getrlimit(r.RLIMIT_AS)[0] >> 20)"
    assert int(limited(code, tmp_path).stdout) in {2048, 3072}
