"""No render orphaned: noted before it is submitted, never submitted twice for one wish, come back to by its id."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_service import EMPTY, TITLE, Rendering, sse

from nemo_notebook import errors, settings
from nemo_notebook.session import targets
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.project import AsyncSession
from nemo_notebook.session.results import Progress, Video

CLIP: dict[str, object] = {"t": [{"tt": 0, "sg": [{"id": "v", "d": 2000}]}]}


class Renders(Rendering):
    """Keeps what was submitted, and tells of each render what it is told to."""

    def __init__(self, *, status: str = "completed") -> None:
        super().__init__(sse(), [TITLE])
        self.status = status
        self.submitted: list[str] = []
        self.cancelled: list[str] = []
        self.polls = 0

    def submit(self, render_id: str) -> httpx.Response:
        self.submitted.append(render_id)
        return httpx.Response(200, json={"success": True, "data": {}})

    def poll(self, render_id: str) -> httpx.Response:
        self.polls += 1
        if render_id not in self.submitted:
            return httpx.Response(404, json={"detail": "no such render"})
        return httpx.Response(
            200, json={"status": self.status, "progress": 40, "output": {"url": "https://cdn.test/f.mp4?Signature=5ig"}}
        )

    def more(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/api/render/proxy/lambda":
            return self.submit(json.loads(request.content)["id"])
        if path.endswith("/cancel"):
            self.cancelled.append(path.split("/")[-2])
            return httpx.Response(200, json={"success": True})
        if "/lambda/" in path:
            return self.poll(path.split("/")[-1])
        return super().more(request)


def export(fake: Renders, path: Path, **how: Any) -> Video:
    return asyncio.run(fake.session().export(path, **how))


def test_export__is_noted_before_it_is_submitted(tmp_path: Path) -> None:
    class Looking(Renders):
        def submit(self, render_id: str) -> httpx.Response:
            (job,) = Journal().jobs(only_open=True)
            assert (job.id, job.target) == (render_id, tmp_path / "film.mp4")
            return super().submit(render_id)

    told: list[Progress] = []
    video = export(Looking(), tmp_path / "film.mp4", on_progress=told.append)
    (job,) = Journal().jobs()
    assert (job.state, job.kind, job.title) == ("done", "render", "film.mp4")
    assert told[0].job == job.id
    assert video.url == "https://cdn.test/f.mp4?Signature=…"


def test_submit__whose_answer_was_lost_is_not_repeated_if_it_was_taken(tmp_path: Path) -> None:
    class Losing(Renders):
        def submit(self, render_id: str) -> httpx.Response:
            super().submit(render_id)
            raise httpx.ReadError("lost")

    fake = Losing()
    assert export(fake, tmp_path / "film.mp4").path.read_bytes() == b"film"
    assert len(fake.submitted) == 1


@pytest.mark.parametrize("failure", [502, 500, None])
def test_submit__that_came_to_nothing_is_repeated_once_under_a_new_id(tmp_path: Path, failure: int | None) -> None:
    asked: list[str] = []

    class Failing(Renders):
        def submit(self, render_id: str) -> httpx.Response:
            asked.append(render_id)
            if len(asked) > 1:
                return super().submit(render_id)
            if failure is None:
                raise httpx.ReadError("lost")
            return httpx.Response(failure, text="no")

    assert export(Failing(), tmp_path / "film.mp4").path.exists()
    assert len(asked) == len(set(asked)) == 2
    assert [job.state for job in Journal().jobs()] == ["done", "failed"]


def test_submit__that_fails_twice_is_told(tmp_path: Path) -> None:
    class Failing(Renders):
        def submit(self, render_id: str) -> httpx.Response:
            return httpx.Response(500, text="no")

    with pytest.raises(errors.ServiceError):
        export(Failing(), tmp_path / "film.mp4")
    assert [job.state for job in Journal().jobs()] == ["failed", "failed"]
    assert list(tmp_path.iterdir()) == []


def test_submit__of_which_nothing_can_be_told_stays_open_and_is_not_repeated(tmp_path: Path) -> None:
    class Gone(Renders):
        is_gone = True

        def submit(self, render_id: str) -> httpx.Response:
            super().submit(render_id)
            raise httpx.ReadError("lost")

        def poll(self, render_id: str) -> httpx.Response:
            if self.is_gone:
                raise httpx.ConnectError("down")
            return super().poll(render_id)

    fake = Gone()
    with pytest.raises(errors.NetworkError) as caught:
        export(fake, tmp_path / "film.mp4")
    (job,) = Journal().jobs(only_open=True)
    assert f"%nemo resume {job.id}" in caught.value.hint
    fake.is_gone = False
    video = asyncio.run(fake.session().resume())
    assert isinstance(video, Video)
    assert video.path.read_bytes() == b"film"
    assert len(fake.submitted) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(402, json={"message": "plan"}), errors.PlanRequired),
        (httpx.Response(200, json={"code": 2001}), errors.OutOfCredits),
    ],
)
def test_refusal__is_not_repeated(tmp_path: Path, answer: httpx.Response, kind: type[errors.NemoError]) -> None:
    class Refusing(Renders):
        def submit(self, render_id: str) -> httpx.Response:
            self.submitted.append(render_id)
            return answer

    fake = Refusing()
    with pytest.raises(kind):
        export(fake, tmp_path / "film.mp4")
    assert len(fake.submitted) == 1
    assert Journal().jobs()[0].state == "failed"


def test_submitted__is_saved_later_also_by_another_process(tmp_path: Path) -> None:
    fake = Renders()
    job = asyncio.run(fake.session().submit(tmp_path / "film.mp4", quality="low"))
    assert job.is_open
    assert f"%nemo resume {job.id}" in job.words
    assert not (tmp_path / "film.mp4").exists()
    video = asyncio.run(fake.session().resume(job.id))
    assert isinstance(video, Video)
    assert video.path == tmp_path / "film.mp4"
    assert Journal().job(job.id).state == "done"  # type: ignore[union-attr]


def test_export__of_the_same_film_comes_back_to_the_one_that_was_left(tmp_path: Path) -> None:
    fake = Renders(status="processing")

    async def leave(session: AsyncSession) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(session.export(tmp_path / "a.mp4"), 0.2)

    asyncio.run(leave(fake.session()))
    assert Journal().jobs(only_open=True)
    fake.status = "completed"
    assert export(fake, tmp_path / "b.mp4").path == tmp_path / "b.mp4"
    assert len(fake.submitted) == 1
    fake.drafts = [CLIP]
    export(fake, tmp_path / "c.mp4")  # another film
    assert len(fake.submitted) == 2


def test_export__left_and_lost_at_the_service_begins_anew(tmp_path: Path) -> None:
    fake = Renders()
    asyncio.run(fake.session().submit(tmp_path / "film.mp4"))
    fake.submitted.clear()
    assert export(fake, tmp_path / "film.mp4").path.exists()
    assert len(fake.submitted) == 1
    assert [job.state for job in Journal().jobs()] == ["done", "failed"]


def test_export__that_takes_too_long_is_left_with_the_way_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EXPORT_TIMEOUT_S", 0.05)
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0.01")
    with pytest.raises(errors.DeadlineExceeded) as caught:
        export(Renders(status="processing"), tmp_path / "film.mp4")
    (job,) = Journal().jobs(only_open=True)
    assert f"%nemo resume {job.id}" in caught.value.hint


def test_download__that_fails_leaves_the_render_open(tmp_path: Path) -> None:
    class Lost(Renders):
        def more(self, request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/download"):
                return httpx.Response(503, text="down")
            return super().more(request)

    with pytest.raises(errors.NemoError):
        export(Lost(), tmp_path / "film.mp4")
    assert Journal().jobs()[0].is_open
    assert list(tmp_path.iterdir()) == []


def test_cancel__stops_the_newest_open_export(tmp_path: Path) -> None:
    fake = Renders(status="processing")
    job = asyncio.run(fake.session().submit(tmp_path / "film.mp4"))
    assert asyncio.run(fake.session().cancel()).state == "cancelled"
    assert fake.cancelled == [job.id]
    with pytest.raises(errors.UsageError, match="over"):
        asyncio.run(fake.session().cancel(job.id))
    with pytest.raises(errors.JobNotFound):
        asyncio.run(fake.session().cancel())


def test_cancelled_elsewhere__is_noted_so(tmp_path: Path) -> None:
    with pytest.raises(errors.RenderFailed):
        export(Renders(status="cancelled"), tmp_path / "film.mp4")
    assert Journal().jobs()[0].state == "cancelled"


def test_turn__cannot_be_cancelled_and_strange_jobs_not_come_back_to() -> None:
    journal = Journal()
    turn = journal.begin("turn", "7", "add a title", {})
    other = journal.begin("turn", "8", "add a title", {})
    session = Renders().session()
    with pytest.raises(errors.UsageError, match="taken back"):
        asyncio.run(session.cancel(turn.id))
    with pytest.raises(errors.JobNotFound, match="session 8"):
        asyncio.run(session.resume(other.id))
    with pytest.raises(errors.JobNotFound):
        asyncio.run(session.resume("render_x"))


def test_jobs__tell_how_open_exports_stand(tmp_path: Path) -> None:
    fake = Renders(status="processing")
    asyncio.run(fake.session().submit(tmp_path / "film.mp4"))
    (job,) = asyncio.run(fake.session().jobs())
    assert job.now == "rendering 40 %"
    fake.status = "completed"
    jobs = asyncio.run(fake.session().jobs())
    assert jobs[0].now == "ready to be saved"
    assert "ready to be saved" in jobs.words
    assert list(jobs.frame.state) == ["ready to be saved"]


def test_export__never_takes_the_place_of_an_upload_also_in_a_later_process(tmp_path: Path) -> None:
    song = tmp_path / "clip.mp4"
    song.write_bytes(b"mine")
    journal = Journal()
    journal.settle(journal.begin("upload", "7", "clip.mp4", {"path": str(song)}), "done")

    async def later() -> None:
        from nemo_notebook.session.project import AsyncClient

        fake = Renders()
        async with AsyncClient("http://service.test", transport=httpx.MockTransport(fake)) as client:
            session = await client.connect(session="7")
            await session.export(song)

    with pytest.raises(errors.UsageError):
        asyncio.run(later())
    assert song.read_bytes() == b"mine"


def test_nothing_to_export__is_told(tmp_path: Path) -> None:
    fake = Renders()
    fake.drafts = [EMPTY]
    with pytest.raises(errors.NothingToExport):
        export(fake, tmp_path / "film.mp4")
    assert Journal().jobs() == []


def test_submitted__films_of_two_names_are_two_jobs(tmp_path: Path) -> None:
    fake = Renders(status="processing")
    jobs = [asyncio.run(fake.session().submit(tmp_path / name)) for name in ("a.mp4", "b.mp4", "b.mp4")]
    assert [job.title for job in jobs] == ["a.mp4", "b.mp4", "b.mp4"]
    assert (len(fake.submitted), jobs[1].id) == (2, jobs[2].id)
    fake.status = "completed"
    for job in jobs[:2]:
        asyncio.run(fake.session().resume(job.id))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_names_of_our_own__are_not_given_to_two_films(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(targets, "_taken", set())
    fake = Renders()
    left = asyncio.run(fake.session().submit())
    monkeypatch.setattr(targets, "_taken", set())  # as in a new process
    fake.drafts = [CLIP]
    newer = asyncio.run(fake.session().export()).path
    older = asyncio.run(fake.session().resume(left.id))
    assert isinstance(older, Video)
    assert {newer.name, older.path.name} == {"music-video.mp4", "music-video-2.mp4"}


def test_resume__does_not_take_the_place_of_a_newer_film(tmp_path: Path) -> None:
    fake = Renders()
    job = asyncio.run(fake.session().submit(tmp_path / "film.mp4"))
    fake.drafts, fake.film = [CLIP], b"newer film"
    assert export(fake, tmp_path / "film.mp4").path.name == "film.mp4"
    os.utime(tmp_path / "film.mp4", (job.begun_s + 5, job.begun_s + 5))
    fake.film = b"older film"
    older = asyncio.run(fake.session().resume(job.id))
    assert isinstance(older, Video)
    assert older.path.name == "film-2.mp4"
    assert (tmp_path / "film.mp4").read_bytes() == b"newer film"


def test_name__of_an_export_that_came_to_nothing_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fake = Renders(status="failed")
    fake.drafts = [{**TITLE, "m": {"title": "p"}}]
    session = fake.session()
    with pytest.raises(errors.RenderFailed):
        asyncio.run(session.export())
    assert Journal().jobs()[0].title == "p.mp4"
    fake.status = "completed"
    assert asyncio.run(session.export()).path.name == "p.mp4"


def test_name__of_an_export_that_was_left_stays_when_it_is_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(targets, "_taken", set())
    fake = Renders()
    left = asyncio.run(fake.session().submit())
    assert asyncio.run(fake.session().export()).path.name == left.title == "music-video.mp4"
    assert len(fake.submitted) == 1


@pytest.mark.parametrize("there", [b"film", b""], ids=["the film itself", "an empty file"])
def test_resume__of_an_export_whose_end_was_not_noted_writes_its_own_name(tmp_path: Path, there: bytes) -> None:
    fake = Renders()
    job = asyncio.run(fake.session().submit(tmp_path / "p.mp4"))
    (tmp_path / "p.mp4").write_bytes(there)
    os.utime(tmp_path / "p.mp4", (job.begun_s + 5, job.begun_s + 5))
    video = asyncio.run(fake.session().resume(job.id))
    assert isinstance(video, Video)
    assert video.path == Journal().job(job.id).target == tmp_path / "p.mp4"  # type: ignore[union-attr]
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"film"]


def test_rendered__whose_file_is_gone_does_not_block_the_next_export(tmp_path: Path) -> None:
    class Gone(Renders):
        is_gone = True

        def more(self, request: httpx.Request) -> httpx.Response:
            if self.is_gone and (request.url.path.endswith("/download") or request.url.host == "cdn.test"):
                return httpx.Response(404, json={"detail": "gone"})
            return super().more(request)

    fake = Gone()
    with pytest.raises(errors.NemoError):
        export(fake, tmp_path / "film.mp4")
    assert Journal().jobs()[0].state == "failed"
    fake.is_gone = False
    assert export(fake, tmp_path / "film.mp4").path.exists()
    assert len(fake.submitted) == 2


def test_completed__without_an_address_is_fetched_from_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0")

    class Silent(Renders):
        def poll(self, render_id: str) -> httpx.Response:
            return httpx.Response(200, json={"status": "completed"})

    assert export(Silent(), tmp_path / "film.mp4").path.read_bytes() == b"film"


def test_poll__that_knows_no_render_at_first_is_borne(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEMO_POLL_SECONDS", "0")

    class Late(Renders):
        def poll(self, render_id: str) -> httpx.Response:
            answer = super().poll(render_id)
            return answer if self.polls > 3 else httpx.Response(404, json={"detail": "no such render"})

    assert export(Late(), tmp_path / "film.mp4").path.exists()


def test_two_exports_of_one_film_at_once__are_one_render(tmp_path: Path) -> None:
    fake = Renders()

    async def both() -> None:
        session = fake.session()
        await asyncio.gather(session.export(tmp_path / "a.mp4"), session.export(tmp_path / "b.mp4"))

    asyncio.run(both())
    assert len(fake.submitted) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "b.mp4"]


def test_one_export__followed_by_two_at_once_is_saved_once(tmp_path: Path) -> None:
    fake = Renders()

    async def both() -> tuple[Video, ...]:
        session = fake.session()
        job = await session.submit(tmp_path / "film.mp4")
        return tuple(await asyncio.gather(session.resume(job.id), session.resume(job.id)))  # type: ignore[arg-type]

    first, second = asyncio.run(both())
    assert first.path == second.path
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]
