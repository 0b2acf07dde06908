"""No render orphaned: noted before it is submitted, never submitted twice for one wish, come back to by its id."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cases import cases
from fake_service import EMPTY, TITLE, Answer, Rendering, lost, sse, unreachable

from nemo_notebook import errors, settings
from nemo_notebook.session import targets
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncClient, AsyncSession
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Progress, Video

CLIP: dict[str, object] = {"t": [{"tt": 0, "sg": [{"id": "v", "d": 2000}]}]}
SUBMIT, POLL, SAVE = "POST /api/render/proxy/lambda", "GET /api/render/proxy/lambda", "/download"


@pytest.fixture
def fake() -> Rendering:
    return Rendering()


def export(fake: Rendering, path: Path | None = None, **how: Any) -> Video:
    return asyncio.run(fake.session().export(path, **how))


def submit(fake: Rendering, path: Path | None = None, **how: Any) -> Job:
    return asyncio.run(fake.session().submit(path, **how))


def resume(fake: Rendering, job_id: str | None = None) -> Video:
    return asyncio.run(fake.session().resume(job_id))


def states() -> list[str]:
    return [job.state for job in Journal().jobs()]


def test_export__is_noted_before_it_is_submitted(fake: Rendering, tmp_path: Path) -> None:
    def look(request: httpx.Request) -> None:
        (job,) = Journal().jobs(only_open=True)
        assert (job.id, job.target) == (json.loads(request.content)["id"], tmp_path / "film.mp4")

    fake.answers[SUBMIT], fake.url = [look], "https://cdn.test/f.mp4?Signature=5ig"
    told: list[Progress] = []
    video = export(fake, tmp_path / "film.mp4", on_progress=told.append)
    (job,) = Journal().jobs()
    assert (job.state, job.kind, job.title) == ("done", "render", "film.mp4")
    assert told[0].job == job.id
    assert video.url == "https://cdn.test/f.mp4?Signature=…"


def test_submit__whose_answer_was_lost_is_not_repeated_if_it_was_taken(fake: Rendering, tmp_path: Path) -> None:
    fake.answers[SUBMIT] = [fake.lose]
    assert export(fake, tmp_path / "film.mp4").path.read_bytes() == b"film"
    assert len(fake.submitted) == 1


@pytest.mark.parametrize("failure", [httpx.Response(502, text="no"), httpx.Response(500, text="no"), lost])
def test_submit__that_came_to_nothing_is_repeated_once_under_a_new_id(
    fake: Rendering, tmp_path: Path, failure: Answer
) -> None:
    fake.answers[SUBMIT] = [failure]
    assert export(fake, tmp_path / "film.mp4").path.exists()
    asked = [json.loads(request.content)["id"] for request in fake.seen if request.url.path in SUBMIT]
    assert len(asked) == len(set(asked)) == 2
    assert states() == ["done", "failed"]


def test_submit__that_fails_twice_is_told(fake: Rendering, tmp_path: Path) -> None:
    fake.answers[SUBMIT] = [httpx.Response(500, text="no")] * 2
    with pytest.raises(errors.ServiceError):
        export(fake, tmp_path / "film.mp4")
    assert states() == ["failed", "failed"]
    assert list(tmp_path.iterdir()) == []


def test_submit__of_which_nothing_can_be_told_stays_open_and_is_not_repeated(fake: Rendering, tmp_path: Path) -> None:
    fake.answers = {SUBMIT: [fake.lose], POLL: [unreachable] * 9}
    with pytest.raises(errors.NetworkError) as caught:
        export(fake, tmp_path / "film.mp4")
    (job,) = Journal().jobs(only_open=True)
    assert f"%nemo resume {job.id}" in caught.value.hint
    fake.answers.clear()
    assert resume(fake).path.read_bytes() == b"film"
    assert len(fake.submitted) == 1


@cases
def test_refusal__is_not_repeated(
    fake: Rendering, tmp_path: Path, status: int, answer: dict[str, object], kind: str
) -> None:
    fake.answers[SUBMIT] = [httpx.Response(status, json=answer)]
    with pytest.raises(getattr(errors, kind)):
        export(fake, tmp_path / "film.mp4")
    assert (fake.submitted, states()) == ([], ["failed"])


def test_submitted__is_saved_later_also_by_another_process(fake: Rendering, tmp_path: Path) -> None:
    job = submit(fake, tmp_path / "film.mp4", quality="low")
    assert job.is_open
    assert f"%nemo resume {job.id}" in job.words
    assert not (tmp_path / "film.mp4").exists()
    assert resume(fake, job.id).path == tmp_path / "film.mp4"
    assert states() == ["done"]


def test_export__of_the_same_film_comes_back_to_the_one_that_was_left(fake: Rendering, tmp_path: Path) -> None:
    fake.statuses = ["processing"]

    async def leave(session: AsyncSession) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.export(tmp_path / "a.mp4"), 0.2)

    asyncio.run(leave(fake.session()))
    assert Journal().jobs(only_open=True)
    fake.statuses = ["completed"]
    assert export(fake, tmp_path / "b.mp4").path == tmp_path / "b.mp4"
    assert len(fake.submitted) == 1
    fake.drafts = [CLIP]
    export(fake, tmp_path / "c.mp4")  # another film
    assert len(fake.submitted) == 2


def test_export__left_and_lost_at_the_service_begins_anew(fake: Rendering, tmp_path: Path) -> None:
    submit(fake, tmp_path / "film.mp4")
    fake.submitted.clear()
    assert export(fake, tmp_path / "film.mp4").path.exists()
    assert (len(fake.submitted), states()) == (1, ["done", "failed"])


def test_export__that_takes_too_long_is_left_with_the_way_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EXPORT_TIMEOUT_S", 0.05)
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0.01")
    with pytest.raises(errors.DeadlineExceeded) as caught:
        export(Rendering(sse(), [TITLE], "processing"), tmp_path / "film.mp4")
    (job,) = Journal().jobs(only_open=True)
    assert f"%nemo resume {job.id}" in caught.value.hint


def test_download__that_fails_leaves_the_render_open(fake: Rendering, tmp_path: Path) -> None:
    fake.answers[SAVE] = [httpx.Response(503, text="down")] * 9
    with pytest.raises(errors.NemoError):
        export(fake, tmp_path / "film.mp4")
    assert states() == ["open"]
    assert list(tmp_path.iterdir()) == []


def test_cancel__stops_the_newest_open_export(fake: Rendering, tmp_path: Path) -> None:
    job = submit(fake, tmp_path / "film.mp4")
    session = fake.sync_session()
    assert session.cancel().state == "cancelled"
    assert fake.cancelled == [job.id]
    with pytest.raises(errors.UsageError, match="over"):
        session.cancel(job.id)
    with pytest.raises(errors.JobNotFound):
        session.cancel()


def test_turn__cannot_be_cancelled_and_strange_jobs_not_come_back_to(fake: Rendering) -> None:
    turn, other = (Journal().begin("turn", session, "add a title", {}) for session in "78")
    session = fake.sync_session()
    with pytest.raises(errors.UsageError, match="taken back"):
        session.cancel(turn.id)
    with pytest.raises(errors.JobNotFound, match="session 8"):
        session.resume(other.id)
    with pytest.raises(errors.JobNotFound):
        session.resume("render_x")


def test_jobs__tell_how_open_exports_stand(fake: Rendering, tmp_path: Path) -> None:
    fake.statuses = ["processing", "completed"]
    session = fake.sync_session()
    session.submit(tmp_path / "film.mp4")
    assert [job.now for job in session.jobs()] == ["rendering 40 %"]
    jobs = session.jobs()
    assert "ready to be saved" in jobs.words
    assert list(jobs.frame.state) == ["ready to be saved"]


def test_export__never_takes_the_place_of_an_upload_also_in_a_later_process(fake: Rendering, tmp_path: Path) -> None:
    song = tmp_path / "clip.mp4"
    song.write_bytes(b"mine")
    Journal().settle(Journal().begin("upload", "7", "clip.mp4", {"path": str(song)}), "done")

    async def later() -> None:
        async with AsyncClient("http://service.test", transport=httpx.MockTransport(fake)) as client:
            await (await client.connect(session="7")).export(song)

    with pytest.raises(errors.UsageError):
        asyncio.run(later())
    assert song.read_bytes() == b"mine"


def test_nothing_to_export__is_told(fake: Rendering, tmp_path: Path) -> None:
    fake.drafts = [EMPTY]
    with pytest.raises(errors.NothingToExport):
        export(fake, tmp_path / "film.mp4")
    assert states() == []


def test_submitted__films_of_two_names_are_two_jobs(fake: Rendering, tmp_path: Path) -> None:
    jobs = [submit(fake, tmp_path / name) for name in ("a.mp4", "b.mp4", "b.mp4")]
    assert [job.title for job in jobs] == ["a.mp4", "b.mp4", "b.mp4"]
    assert (len(fake.submitted), jobs[1].id) == (2, jobs[2].id)
    for job in jobs[:2]:
        resume(fake, job.id)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


@pytest.fixture
def new_process(in_tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Forgets which names were given to films."""

    def forget() -> None:
        monkeypatch.setattr(targets, "_taken", set())

    forget()
    return forget


def test_names_of_our_own__are_not_given_to_two_films(fake: Rendering, new_process: Callable[[], None]) -> None:
    left = submit(fake)
    new_process()
    fake.drafts = [CLIP]
    newer, older = export(fake).path, resume(fake, left.id).path
    assert {newer.name, older.name} == {"music-video.mp4", "music-video-2.mp4"}


def test_resume__does_not_take_the_place_of_a_newer_film(fake: Rendering, tmp_path: Path) -> None:
    job = submit(fake, tmp_path / "film.mp4")
    fake.drafts, fake.film = [CLIP], b"newer film"
    assert export(fake, tmp_path / "film.mp4").path.name == "film.mp4"
    os.utime(tmp_path / "film.mp4", (job.begun_s + 5, job.begun_s + 5))
    fake.film = b"older film"
    assert resume(fake, job.id).path.name == "film-2.mp4"
    assert (tmp_path / "film.mp4").read_bytes() == b"newer film"


@pytest.mark.usefixtures("new_process")
def test_name__of_an_export_that_came_to_nothing_is_given_again(fake: Rendering) -> None:
    fake.drafts, fake.statuses = [{**TITLE, "m": {"title": "p"}}], ["failed", "completed"]
    with pytest.raises(errors.RenderFailed):
        export(fake)
    assert Journal().jobs()[0].title == "p.mp4"
    assert export(fake).path.name == "p.mp4"


@pytest.mark.usefixtures("new_process")
def test_name__of_an_export_that_was_left_stays_when_it_is_repeated(fake: Rendering) -> None:
    left = submit(fake)
    assert export(fake).path.name == left.title == "music-video.mp4"
    assert len(fake.submitted) == 1


@pytest.mark.parametrize("there", [b"film", b""], ids=["the film itself", "an empty file"])
def test_resume__of_an_export_whose_end_was_not_noted_writes_its_own_name(
    fake: Rendering, tmp_path: Path, there: bytes
) -> None:
    job = submit(fake, tmp_path / "p.mp4")
    (tmp_path / "p.mp4").write_bytes(there)
    os.utime(tmp_path / "p.mp4", (job.begun_s + 5, job.begun_s + 5))
    assert resume(fake, job.id).path == Journal().job(job.id).target == tmp_path / "p.mp4"
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"film"]


def test_rendered__whose_file_is_gone_does_not_block_the_next_export(fake: Rendering, tmp_path: Path) -> None:
    fake.answers = {part: [httpx.Response(404, json={"detail": "gone"})] for part in (SAVE, "GET /f.mp4")}
    with pytest.raises(errors.NemoError):
        export(fake, tmp_path / "film.mp4")
    assert states() == ["failed"]
    assert export(fake, tmp_path / "film.mp4").path.exists()
    assert len(fake.submitted) == 2


@pytest.mark.parametrize(
    "answers",
    [
        [httpx.Response(200, json={"status": "completed"})] * 9,  # it has no address of its own
        [httpx.Response(404, json={"detail": "no such render"})] * 3,  # it is known a little later
        [httpx.Response(502, text="bad gateway")] * 3,
    ],
    ids=["no address", "not known", "bad gateway"],
)
def test_poll__that_is_odd_or_fails_is_borne(
    fake: Rendering, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[httpx.Response]
) -> None:
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0")
    fake.answers[POLL] = answers
    assert export(fake, tmp_path / "film.mp4").path.read_bytes() == b"film"


def test_two_exports_of_one_film_at_once__are_one_render(fake: Rendering, tmp_path: Path) -> None:
    async def both() -> None:
        session = fake.session()
        await asyncio.gather(session.export(tmp_path / "a.mp4"), session.export(tmp_path / "b.mp4"))

    asyncio.run(both())
    assert len(fake.submitted) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_one_export__followed_by_two_at_once_is_saved_once(fake: Rendering, tmp_path: Path) -> None:
    async def both() -> list[Video]:
        session = fake.session()
        job = await session.submit(tmp_path / "film.mp4")
        return await asyncio.gather(session.resume(job.id), session.resume(job.id))

    first, second = asyncio.run(both())
    assert first.path == second.path
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
