from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from part_stand import PageHere, Session
from planted import PLANTED

from nemo_notebook import errors
from nemo_notebook.film.timeline import Timeline
from nemo_notebook.notebook.widgets import export_queue
from nemo_notebook.notebook.widgets.export_panel import ExportPanel
from nemo_notebook.notebook.widgets.export_queue import ExportQueue, ExportRequest, ExportRow, row_of, unused_path
from nemo_notebook.notebook.widgets.part import module, read_message
from nemo_notebook.session import sync
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.core import Answered, EventBus, Moved, News, Progressed, Settled
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.presets import EXPORT_QUALITIES, PRESETS
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Credits, Progress, ReportProgress, Video

TITLE = {"d": 3000, "m": {"width": 640, "height": 360}, "t": [{"tt": 7, "sg": [{"id": "a", "d": 3000, "text": "Hi"}]}]}
LINK = f"https://nemovideo.test/workspace/claim?ct=clm_{PLANTED.removeprefix('nmv_usr_')}"


class Renders:
    """An async session whose exports end when the test says so."""

    id = "s1"
    name = ""

    def __init__(self, folder: Path, *, is_local: bool = True) -> None:
        self.backend = Backend("http://127.0.0.1:1", is_local=is_local)
        self.folder = folder
        self.watchers = EventBus()
        self.ends: dict[str, asyncio.Future[str]] = {}
        self.followed: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.refusal: Exception | None = None
        self.is_begun = False
        self.balance = Credits(42, 8, 50)
        self.reads = 0

    async def submit(self, path: Path | None, **how: Any) -> Job:
        target = self.folder / (path or Path(f"film.{how['format']}"))
        if self.refusal is not None:
            if self.is_begun:
                await self.begin(target)
            raise self.refusal
        self.asked.append({"path": target, **how})
        return await self.begin(target)

    async def begin(self, target: Path) -> Job:
        """What anyone does who begins an export."""
        job = Journal().begin("render", self.id, target.name, _detail(target), f"render_{time.time_ns()}")
        self.ends[job.id] = asyncio.get_running_loop().create_future()
        self.watchers.tell(Settled(job))
        await asyncio.sleep(0)
        return job

    async def resume(self, job_id: str, *, on_progress: ReportProgress | None = None) -> Video:
        self.followed.append(job_id)
        job = Journal().job(job_id)
        assert job is not None
        assert job.target is not None
        self.tell(Progress("render", 0.0, job=job_id), on_progress)
        end = await asyncio.shield(self.ends.setdefault(job_id, asyncio.get_running_loop().create_future()))
        if end == "late":
            raise errors.DeadlineExceeded("It took too long.")
        if end == "away":
            raise errors.NetworkError("The service is away.")
        if end != "done":
            self.settle(job_id, end)
            error = errors.RenderFailed(f"It is {end}.")
            error.was_cancelled = end == "cancelled"
            raise error
        self.tell(Progress("download", 1.0, job=job_id), on_progress)
        job.target.write_bytes(b"film")
        self.settle(job_id, "done")
        return Video(job.target, "", 3.0, 640, 360, b"poster")

    def tell(self, progress: Progress, on_progress: ReportProgress | None = None) -> None:
        self.watchers.tell(Progressed(progress))
        if on_progress:
            on_progress(progress)

    def settle(self, job_id: str, state: str) -> None:
        job = Journal().job(job_id)
        assert job is not None
        self.watchers.tell(Settled(Journal().settle(job, state)))

    async def cancel(self, job_id: str) -> None:
        self.settle(job_id, "cancelled")
        self.ends[job_id].set_result("cancelled")

    async def timeline(self) -> Timeline:
        return Timeline(TITLE)

    async def credits(self) -> Credits:
        self.reads += 1
        await asyncio.sleep(0)
        return self.balance

    async def link(self) -> str:
        return LINK


def _detail(target: Path) -> dict[str, Any]:
    return {"target": str(target), "duration_s": 3.0}


class NotedQueue(ExportQueue):
    """A queue that hears of its session, and notes what it tells."""

    def __init__(self, renders: Any) -> None:
        self.troubles: list[Exception] = []
        self.progress: list[tuple[str, Progress]] = []
        self.changes = 0
        super().__init__(renders, self.count, lambda key, done: self.progress.append((key, done)), self.troubles.append)
        renders.watchers.add(self.hear)

    def count(self) -> None:
        self.changes += 1

    def hear(self, news: News) -> None:
        if isinstance(news, Settled):
            self.hear_job(news.job)
        elif isinstance(news, Progressed):
            self.hear_progress(news.progress)


async def until(is_so: Callable[[], object]) -> None:
    while not is_so():  # noqa: ASYNC110 - what is waited for tells nobody
        await asyncio.sleep(0.01)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def renders(tmp_path: Path) -> Renders:
    return Renders(tmp_path, is_local=False)


@pytest.fixture
def queue(renders: Renders) -> NotedQueue:
    return NotedQueue(renders)


def states(queue: ExportQueue) -> list[str]:
    return [row.state for row in queue.rows]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_queue, "_FOUND_S", {True: 0.05, False: 0.05})
    monkeypatch.setattr(export_queue, "_TOLD_S", {True: 0.1, False: 0.1})


def shown(queue: ExportQueue) -> list[str]:
    """How the exports stand, as pages are told."""
    return [row.told()["state"] for row in queue.rows]


@pytest.mark.anyio
async def test_queue__hands_all_to_the_backend_at_once_and_in_order(renders: Renders, queue: NotedQueue) -> None:
    keys = [queue.add(ExportRequest(name)) for name in ("one", "two", "three")]
    await until(lambda: states(queue) == ["open", "open", "open"])
    await until(lambda: len(renders.followed) == 3)
    assert [row.key for row in queue.rows] == keys
    assert [each["path"].name for each in renders.asked] == ["one.mp4", "two.mp4", "three.mp4"]
    assert shown(queue) == ["open", "waiting", "waiting"]
    await queue.cancel(keys[1])
    assert shown(queue) == ["open", "waiting"]  # nothing was rendered of it: it is no history
    changes = queue.changes
    renders.tell(Progress("render", 0.1, job=queue.named(keys[2]).job))
    assert (shown(queue), queue.changes) == (["open", "open"], changes + 1)
    renders.ends[queue.rows[0].job].set_result("done")
    await until(lambda: states(queue) == ["open", "done"])
    renders.ends[queue.rows[0].job].set_result("done")
    await until(lambda: states(queue) == ["done", "done"])
    assert queue.posters[keys[0]] == b"poster"
    assert (queue.rows[0].width, queue.rows[0].duration_s) == (640, 3.0)
    assert not queue.troubles
    assert queue.progress[0][0] == keys[0]


@pytest.mark.anyio
async def test_queue__waits_where_the_backend_has_no_room(renders: Renders, queue: NotedQueue) -> None:
    first = queue.add(ExportRequest("one"))
    await until(lambda: states(queue) == ["open"])
    renders.refusal = errors.RateLimited("One of your exports is under way.")
    rest = [queue.add(ExportRequest(name)) for name in ("two", "three")]
    await until(lambda: shown(queue) == ["open", "waiting", "waiting"] and queue._room == 1)
    await queue.cancel(rest[0])
    renders.refusal = None
    assert [each["path"].name for each in renders.asked] == ["one.mp4"]
    renders.ends[queue.named(first).job].set_result("done")
    await until(lambda: states(queue) == ["open", "done"])
    assert [each["path"].name for each in renders.asked] == ["one.mp4", "three.mp4"]
    assert not queue.troubles


@pytest.mark.anyio
async def test_queue__follows_for_as_long_as_others_come_first(renders: Renders, queue: NotedQueue) -> None:
    first, second = queue.add(ExportRequest("one")), queue.add(ExportRequest("two"))
    await until(lambda: len(renders.followed) == 2)
    jobs = queue.named(first).job, queue.named(second).job
    renders.ends.pop(jobs[1]).set_result("late")
    await until(lambda: renders.followed.count(jobs[1]) == 2)
    assert (shown(queue), queue.troubles) == (["open", "waiting"], [])
    renders.ends[jobs[0]].set_result("done")
    await until(lambda: states(queue) == ["open", "done"])
    renders.ends.pop(jobs[1]).set_result("late")
    await until(lambda: queue.named(second).state == "left")
    assert isinstance(queue.troubles[0], errors.DeadlineExceeded)


@pytest.mark.anyio
async def test_queue__goes_on_after_a_failure_and_tries_again(renders: Renders, queue: NotedQueue) -> None:
    first, second = queue.add(ExportRequest("one", preset="tiktok")), queue.add(ExportRequest("two"))
    await until(lambda: states(queue) == ["open", "open"])
    usual = {"format": "mp4", "quality": "high", "resolution": None}
    assert renders.asked[0] == {"path": renders.folder / "one.mp4", "preset": "tiktok", **usual}
    renders.ends[queue.named(first).job].set_result("failed")
    await until(lambda: states(queue) == ["open", "failed"])
    assert queue.named(first).why == "It is failed."
    assert str(queue.troubles[0]) == "It is failed."
    failed = queue.named(first).job
    queue.retry(first)
    await until(lambda: states(queue) == ["open", "open"])
    await until(lambda: Journal().job(failed).detail.get("hidden"))  # type: ignore[union-attr]
    assert queue.rows[1].request == ExportRequest("one", preset="tiktok")
    renders.ends[queue.named(second).job].set_result("done")
    await until(lambda: states(queue) == ["open", "done"])
    renders.ends[queue.rows[0].job].set_result("done")
    await until(lambda: states(queue) == ["done", "done"])


@pytest.mark.parametrize("error", [errors.PlanRequired("No plan."), errors.OutOfCredits("None left."), OSError("odd")])
@pytest.mark.anyio
async def test_queue__tells_why_nothing_was_begun(renders: Renders, queue: NotedQueue, error: Exception) -> None:
    renders.refusal = error
    key = queue.add(ExportRequest("one"))
    await until(lambda: states(queue) == ["failed"])
    assert queue.troubles == [error]
    assert queue.named(key).why
    assert (queue.named(key).hint != "") == isinstance(error, errors.NemoError)


@pytest.mark.anyio
async def test_queue__lists_once_what_may_have_begun(renders: Renders, queue: NotedQueue) -> None:
    renders.refusal, renders.is_begun = errors.NetworkError("The connection broke."), True
    key = queue.add(ExportRequest("one"))
    await until(lambda: states(queue) == ["left"])
    await queue.find()
    (row,) = queue.rows
    assert (row.key, row.why, row.target) == (key, "The connection broke.", renders.folder / "one.mp4")
    queue.retry(key)
    await until(lambda: renders.followed == [row.job])
    renders.ends[row.job].set_result("done")
    await until(lambda: states(queue) == ["done"])


@pytest.mark.anyio
async def test_queue__stops_what_runs_and_what_has_no_name_yet(renders: Renders, queue: NotedQueue) -> None:
    first = queue.add(ExportRequest("one"))
    assert states(queue) == ["beginning"]
    await queue.cancel(first)
    await until(lambda: states(queue) == ["cancelled"])
    second = queue.add(ExportRequest("two"))
    await until(lambda: queue.named(second).state == "open")
    await queue.cancel(second)
    await until(lambda: queue.named(second).state == "cancelled")
    await until(lambda: not queue._following)
    assert not queue.troubles
    with pytest.raises(errors.UsageError):
        await queue.cancel(second)
    with pytest.raises(errors.JobNotFound):
        await queue.cancel("unknown")


@pytest.mark.anyio
async def test_queue__forgets_what_is_over_for_good_and_leaves_its_film(renders: Renders, queue: NotedQueue) -> None:
    keys = [queue.add(ExportRequest(name)) for name in ("one", "two", "three")]
    await until(lambda: len(renders.followed) == 3)
    with pytest.raises(errors.UsageError, match="not over"):
        await queue.remove(keys[0])
    first, second, third = (queue.named(key).job for key in keys)
    renders.ends[first].set_result("done")
    renders.tell(Progress("render", 0.1, job=second))
    await queue.cancel(keys[1])
    renders.ends[third].set_result("failed")
    await until(lambda: not any(row.is_live for row in queue.rows))
    for key in keys:
        await queue.remove(key)
    assert queue.rows == []
    assert (renders.folder / "one.mp4").read_bytes() == b"film"
    again = NotedQueue(renders)
    await again.find()  # as after a reload
    assert again.rows == []
    assert Journal().job(second).state == "cancelled"  # type: ignore[union-attr]


@pytest.mark.anyio
async def test_queue__leaves_to_a_cell_what_the_cell_waits_for(renders: Renders, queue: NotedQueue) -> None:
    job = await renders.begin(renders.folder / "cell.mp4")
    queue.add(ExportRequest("next"))
    for done in range(30):
        renders.tell(Progress("render", done / 30, job=job.id))
        await asyncio.sleep(0.01)
    assert shown(queue) == ["open", "waiting"]
    assert queue.rows[0].progress
    assert queue.rows[0].progress.done == 29 / 30
    (renders.folder / "cell.mp4").write_bytes(b"film")
    renders.settle(job.id, "done")
    await until(lambda: states(queue) == ["open", "done"])
    assert job.id not in renders.followed


@pytest.mark.anyio
async def test_queue__takes_up_what_nobody_follows(renders: Renders, queue: NotedQueue) -> None:
    journal, folder = Journal(), renders.folder
    done = journal.settle(journal.begin("render", renders.id, "a.mp4", _detail(folder / "a.mp4"), "r1"), "done")
    left = journal.begin("render", renders.id, "b.mp4", _detail(folder / "b.mp4"), "r2")
    journal.begin("render", "another", "c.mp4", _detail(folder / "c.mp4"), "r3")
    journal.begin("turn", renders.id, "a turn", {})
    await queue.find()
    assert [row.job for row in queue.rows] == [left.id, done.id]
    assert queue.rows[1].told()["is_gone"]
    new = await renders.begin(folder / "new.mp4")
    assert renders.followed == []
    await until(lambda: renders.followed == [left.id, new.id])
    for job in (left, new):
        renders.ends[job.id].set_result("done")
    await until(lambda: states(queue) == ["done", "done", "done"])
    assert not queue.rows[0].told()["is_gone"]


@pytest.mark.anyio
async def test_queue__says_what_is_out_of_sight_and_looks_again(renders: Renders, queue: NotedQueue) -> None:
    key, _ = queue.add(ExportRequest("one")), queue.add(ExportRequest("two"))
    await until(lambda: renders.followed)
    job_id = renders.followed[0]
    renders.ends.pop(job_id).set_result("away")
    await until(lambda: states(queue) == ["left", "open"])
    assert isinstance(queue.troubles[0], errors.NetworkError)
    assert queue.named(key).hint
    queue.retry(key)
    await until(lambda: renders.followed.count(job_id) == 2)
    renders.ends[job_id].set_result("done")
    await until(lambda: queue.named(key).state == "done")


@cases
def test_request__has_a_path_with_an_ending(name: str, path: str | None) -> None:
    assert ExportRequest(name, "mov").path == (None if path is None else Path(path))


@cases
def test_request__refuses_what_a_page_must_not_say(content: dict[str, Any]) -> None:
    with pytest.raises(errors.UsageError):
        read_message(ExportPanel.do_export, content, ())


def test_unused_path__never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    assert unused_path(tmp_path / "film.mp4") == tmp_path / "film.mp4"
    for name in ("film.mp4", "film-2.mp4"):
        (tmp_path / name).touch()
    assert unused_path(tmp_path / "film.mp4") == tmp_path / "film-3.mp4"


@pytest.mark.parametrize(
    "detail", [{}, {"target": 3, "duration_s": "x"}, {"target": "/x/f.mp4", "output": {"quality": 7}}]
)
def test_row__is_made_of_whatever_a_journal_holds(detail: dict[str, Any]) -> None:
    told = row_of(Job("r1", "render", "s1", "f.mp4", "done", 1.0, 2.0, detail)).told()
    assert told["is_gone"]
    assert told["duration_s"] == 0


def test_row__of_an_earlier_kernel_is_requested_again_as_it_was() -> None:
    detail = {"target": "/x/f.mp4", "output": {"quality": "low", "resolution": "720p", "preset": "tiktok"}}
    request = row_of(Job("r1", "render", "s1", "f.mp4", "failed", 1.0, 2.0, detail)).request
    assert (request.format, request.quality, request.resolution, request.preset) == ("mp4", "low", "720p", "tiktok")


def test_row__tells_no_secret() -> None:
    row = ExportRow("k", ExportRequest(""), "open").failed(
        "failed", errors.ServiceError(f"Refused {PLANTED}", hint=f"See ?token={PLANTED}")
    )
    assert PLANTED not in str(row.told())
    assert PLANTED not in row.why + row.hint


def test_words__are_there_for_all_that_the_page_says() -> None:
    source = module("export_panel").removeprefix(module())
    said = set(re.findall(r'(?:words|say|act|end)\((?:model, |"\w+", )?"([^"$]+)"', source))
    assert {"export", "plan", "credits free, more", "save again"} <= said
    shown = {"no film", "not known", *"still sound score animation cancelled failed waiting beginning".split()}
    shown |= {f"credits {each}" for each in ("free", "low", "some", "not known", "reading")}
    shown |= {f"quality {each}" for each in EXPORT_QUALITIES} | {f"preset {each}" for each in PRESETS}
    assert not {*said, *shown} - set(ExportPanel.WORDS)
    assert all(
        english and chinese for key, (english, chinese) in ExportPanel.WORDS.items() if not key.startswith("note ")
    )


class Panel(PageHere, ExportPanel):
    """A panel whose page is the test."""


@pytest.fixture
def panel(renders: Renders) -> Iterator[Panel]:
    made = Panel(Session(renders))
    made.until(lambda: made.film and made.balance)
    yield made
    made.close()


def test_panel__a_page_that_opens_learns_what_another_kernel_did(
    panel: Panel, renders: Renders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = Timeline({**TITLE, "d": 9000})

    async def timeline() -> Timeline:
        return later

    monkeypatch.setattr(renders, "timeline", timeline)
    job = Journal().begin("render", renders.id, "theirs.mp4", _detail(tmp_path / "theirs.mp4"))  # nobody tells of it
    Journal().settle(job, "done")
    assert panel.rows == []
    panel.ask("look")
    panel.until(
        lambda: [row["name"] for row in panel.rows] == ["theirs.mp4"] and panel.film["duration_s"] == later.duration_s
    )


def test_panel__knows_the_timeline_and_refuses_an_empty_one(panel: Panel) -> None:
    shape = {"width": 640, "height": 360, "fit": ""}
    assert panel.film == {"is_ready": True, "title": "", "duration_s": 3.0, **shape}
    meta = {"width": float("nan"), "height": "x", "title": "Night", "fit": "blur"}
    panel.session.tell(Moved(Timeline({"t": [], "m": meta})))
    shape = {"width": 1920, "height": 1080, "fit": "blur"}
    assert panel.film == {"is_ready": False, "title": "Night", "duration_s": 0.0, **shape}
    answer = panel.ask("export", name="")
    assert "empty" in answer["error"]
    assert answer["hint"] in panel.trouble


def test_panel__tells_the_name_that_a_file_will_get(
    panel: Panel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def name(**request: str) -> str:
        return str(panel.ask("name", **{"name": "", **request})["content"]["name"])

    panel.film = {**panel.film, "title": "Night drive"}
    assert name() == "night-drive.mp4"
    for taken in ("night-drive.mp4", "own.mov"):
        (tmp_path / taken).touch()
    Journal().begin("render", "7", "", _detail(tmp_path / "night-drive-2.mp4"))
    assert name() == name() == "night-drive-3.mp4"  # to ask takes none
    assert name(format="gif") == "night-drive.gif"
    assert name(preset="tiktok") == "night-drive-tiktok.mp4"
    assert (name(name="own", format="mov"), name(name="own")) == ("own-2.mov", "own.mp4")
    assert name(name="nowhere/at/all") == "all.mp4"
    assert panel.trouble == ""


def test_panel__gives_the_link_to_who_asks_and_keeps_it_nowhere(panel: Panel) -> None:
    answer = panel.ask("link")
    assert answer["content"]["address"] == LINK
    panel.said.clear()
    assert LINK not in str(panel.get_state()) + repr(vars(panel)) + repr(panel)


def test_panel__reads_the_balance_after_what_may_cost(panel: Panel, renders: Renders) -> None:
    assert panel.balance == {"available": "42", "frozen": "8", "total": "50", "is_low": True}
    renders.balance = Credits(142, 0, 142)
    panel.session.tell(Answered("turn_1"))
    panel.until(lambda: panel.balance["available"] == "142")
    assert not panel.balance["is_low"]


def test_balance__is_read_once_more_however_many_ask(panel: Panel, renders: Renders) -> None:
    async def ask() -> None:
        await asyncio.gather(*(panel._refresh_balance() for _ in range(20)))

    before = renders.reads
    sync.shared_bridge().run(ask())
    assert renders.reads == before + 2


def test_balance__that_cannot_be_read_says_why_beside_what_was_known(
    panel: Panel, renders: Renders, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> Credits:
        raise errors.NetworkError("No way there.")

    monkeypatch.setattr(renders, "credits", fail)
    panel.ask("balance")
    assert "No way there." in panel.balance["why"]
    assert (panel.balance["available"], panel.trouble) == ("42", "")


def test_balance__of_the_local_engine_is_free(tmp_path: Path) -> None:
    local = Panel(Session(Renders(tmp_path)))
    local.until(lambda: local.balance == {"is_free": True})
    local.close()
