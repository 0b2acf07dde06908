from __future__ import annotations

import asyncio
import random
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cases import cases
from part_stand import PageHere, Session

from nemo_notebook import errors, skills
from nemo_notebook.notebook.widgets.incoming import inbox, url_name
from nemo_notebook.notebook.widgets.part import PIECE_BYTES
from nemo_notebook.notebook.widgets.uploader import Uploader
from nemo_notebook.session.core import Arrived, EventBus, Progressed, Settled
from nemo_notebook.session.records import Job
from nemo_notebook.session.results import Media, MediaList, Progress

DATA = random.Random(2).randbytes(PIECE_BYTES + 99)
PIECES = [DATA[:PIECE_BYTES], DATA[PIECE_BYTES:]]
JPEG = b"\xff\xd8\xff a picture"


def media(name: str, thumbnail: bytes = b"") -> Media:
    return Media(name, "video", 7.0, 1920, 1080, 30.0, 1000, f"hash of {name}", thumbnail=thumbnail)


class Asynchronous:
    """Uploads that end as the test wants."""

    def __init__(self, watchers: EventBus) -> None:
        self.watchers = watchers
        self.there: list[Media] = []
        self.sent: list[tuple[str, bytes]] = []
        self.cancelled: list[str] = []
        self.error: Exception | None = None
        self.holds = asyncio.Event()
        self.holds.set()
        self.begun = threading.Event()

    async def upload(self, what: str | Path, on_progress: Callable[[Progress], None]) -> MediaList:
        name = Path(str(what).partition("?")[0]).name
        self.sent.append((name, Path(what).read_bytes() if isinstance(what, Path) else b""))
        progress = Progress("upload", 0.5, name, 3.0, "upload_1")
        self.watchers.tell(Progressed(progress))
        on_progress(progress)
        self.begun.set()
        await self.holds.wait()
        if self.error is not None:
            raise self.error
        arrived = MediaList([media(name)])
        self.there += [media(name, JPEG)]
        self.watchers.tell(Arrived(arrived))
        return arrived

    async def media(self) -> MediaList:
        return MediaList(self.there)

    async def cancel(self, job: str) -> None:
        self.cancelled.append(job)


class Uploading(Session):
    skill = skills.load("from-music")

    def __init__(self) -> None:
        super().__init__(Asynchronous(EventBus()))
        self.id = uuid.uuid4().hex  # what an uploader leaves is kept by it
        self.backend = SimpleNamespace(is_local=True)


class Spoken(PageHere, Uploader):
    """An uploader whose page is the test."""

    def wait(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return dict(self.until(lambda: next((said for said in self.messages if is_it(said)), None)))

    def state(self, state: str) -> dict[str, Any]:
        return dict(self.wait(lambda said: said.get("say") == "transfer" and said["row"]["state"] == state)["row"])

    def do(self, what: str, *buffers: bytes, **content: Any) -> Any:
        return self.ask(what, *buffers, **content)["content"]


@pytest.fixture
def session() -> Uploading:
    return Uploading()


@pytest.fixture
def part(session: Uploading) -> Iterator[Spoken]:
    made = Spoken(session)
    yield made
    made.close()


def begin(part: Spoken, name: str = "a.wav", size: int = len(DATA), **more: Any) -> dict[str, Any]:
    return part.do("begin", id="t1", name=name, size=size, **more)


def piece(part: Spoken, number: int, data: bytes | None = None) -> dict[str, Any]:
    right = PIECES[number]
    return part.do("piece", right if data is None else data, id="t1", number=number, crc32=zlib.crc32(right))


def left_over() -> list[Path]:
    return [path for path in inbox().rglob("*") if path.is_file()] if inbox().exists() else []


def wait_until(is_so: Callable[[], bool]) -> None:
    for _ in range(1000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError(left_over())


def bring(part: Spoken) -> None:
    assert begin(part) == {"missing": [0, 1]}
    assert piece(part, 1) == {"ok": True}
    assert piece(part, 0) == {"ok": True}


def test_a_file__comes_in_pieces_is_sent_and_removed(part: Spoken, session: Uploading) -> None:
    bring(part)
    there = part.wait(lambda said: said.get("say") == "media" and said["id"] == "t1")
    assert session.asynchronous.sent == [("a.wav", DATA)]
    assert [each["name"] for each in there["media"]] == ["a.wav"]
    wait_until(lambda: left_over() == [])
    with_picture = part.wait(lambda said: said.get("say") == "media" and any(m["picture"] == 0 for m in said["media"]))
    (buffers,) = [buffers for said, buffers in part.said if said == with_picture]
    assert buffers == [JPEG]
    assert not any("is_elsewhere" in said.get("row", {}) for said in part.messages)


def test_limit_of_the_skill__holds_for_the_cloud_only(part: Spoken, session: Uploading) -> None:
    files = [{"name": "a.mp4", "size": 200_000_001}]
    assert "error" not in part.do("check", files=files)[0]
    assert part.max_mb == 0
    session.backend = SimpleNamespace(is_local=False)
    (verdict,) = part.do("check", files=files)
    assert ("the limit of From Music is 200 MB" in verdict["error"], verdict["why"]) == (True, "large")


@cases
def test_what_is_refused__is_refused_before_anything_is_written(part: Spoken, name: str, size: Any, words: str) -> None:
    (verdict,) = part.do("check", files=[{"name": name, "size": size}])
    assert words in verdict["error"]
    assert verdict["why"] in {"type", "empty", "large"}
    assert words in begin(part, name, size)["error"]
    assert left_over() == []
    assert part.trouble == ""


def test_what_is_not_there__is_no_error_within(part: Spoken) -> None:
    assert part.do("piece", id="t1", number=0, crc32=0) == {"gone": True}
    begin(part)
    assert part.do("piece", id="t1", number=0, crc32=0) == {"gone": True}  # without its bytes
    part.do("cancel", id="unknown")
    part.do("retry", id="t1")
    assert part.trouble == ""


def test_types_that_are_converted__are_let_through_by_name_and_mime(part: Spoken) -> None:
    files = [{"name": "a.flac", "size": 5}, {"name": "clip", "type": "video/mp4", "size": 5}]
    verdicts = part.do("check", files=files)
    assert [verdict.get("error") for verdict in verdicts] == [None, None]
    assert [verdict["name"] for verdict in verdicts] == ["a.flac", "clip.mp4"]


def test_room__is_looked_at_for_all_files_together(part: Spoken, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=600_000_000))
    files = [{"name": "a.mp4", "size": 40_000_000}, {"name": "b.mp4", "size": 40_000_000}]
    assert ["error" in verdict for verdict in part.do("check", files=files)] == [False, True]


def test_a_file_that_the_engine_refuses__is_removed(part: Spoken, session: Uploading) -> None:
    session.asynchronous.error = errors.UnsupportedMedia("a.wav is damaged.", hint="Record it again.")
    bring(part)
    row = part.state("stopped")
    assert (row["error"], row["hint"], row["can_retry"]) == ("a.wav is damaged.", "Record it again.", False)
    assert left_over() == []
    assert part.trouble == ""


def test_a_full_disk__stops_it_and_it_can_come_again_from_the_start(
    part: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(part)
    piece(part, 0)
    incoming = part._table.transfers["t1"].incoming
    assert incoming is not None

    def full(*_: Any) -> bool:
        raise errors.InputError("The disk is full.")

    monkeypatch.setattr(type(incoming), "take", full)
    assert piece(part, 1) == {"gone": True}
    row = part.state("stopped")
    assert (row["error"], row["can_retry"], row["is_final"]) == ("The disk is full.", False, False)
    assert left_over() == []
    monkeypatch.undo()
    bring(part)


def test_cancel__while_it_is_sent_ends_that_and_notes_it(part: Spoken, session: Uploading) -> None:
    session.asynchronous.holds.clear()
    bring(part)
    assert session.asynchronous.begun.wait(10)
    part.do("cancel", id="t1")
    wait_until(lambda: left_over() == [])
    wait_until(lambda: session.asynchronous.cancelled == ["upload_1"])
    assert session.asynchronous.there == []


def test_an_address__is_named_without_its_query(part: Spoken, session: Uploading) -> None:
    assert part.do("fetch", id="u1", url="https://a.test/v/clip%20one.mp4?token=planted-secret") == {}
    part.wait(lambda said: said.get("say") == "media" and said["id"] == "u1")
    assert "planted-secret" not in repr(part.said)


@pytest.mark.parametrize("url", ["", "clip.mp4", "file:///etc/passwd", "http://", "http://[", "javascript:1"])
def test_what_is_no_address__is_refused(part: Spoken, session: Uploading, url: Any) -> None:
    assert "no address" in part.do("fetch", id="u1", url=url)["error"]
    assert session.asynchronous.sent == []


def test_names_of_addresses() -> None:
    assert url_name("https://a.test/") == "a.test"
    assert url_name(" https://a.test/x/y.mp4#z ") == "y.mp4"


def test_what_cells_upload__is_listed(part: Spoken, session: Uploading) -> None:
    progress = Progress("upload", 0.25, "clip.mp4", 9.0, "upload_9")
    session.watchers.tell(Progressed(progress))
    row = part.state("sending")
    assert (row["id"], row["name"], row["done"], row["is_elsewhere"]) == ("upload_9", "clip.mp4", 0.25, True)
    session.watchers.tell(Settled(Job("upload_9", "upload", "s1", "clip.mp4", "done", 0.0, {})))
    assert {"say": "gone", "id": "upload_9"} in part.messages
    session.watchers.tell(Progressed(Progress("render", 0.5)))
    assert len([said for said in part.messages if said.get("say") == "transfer"]) == 1


def test_a_page_that_opens__is_told_of_all(part: Spoken, session: Uploading) -> None:
    session.asynchronous.there = [media("a.mp4", JPEG), media("b.mp4")]
    begin(part, "c.wav")
    answer = part.ask("look")
    assert [row["name"] for row in answer["content"]["transfers"]] == ["c.wav"]
    assert [(row["name"], row["picture"]) for row in answer["content"]["media"]] == [("a.mp4", 0), ("b.mp4", -1)]
    assert answer["buffers"] == [JPEG]


def test_progress__is_told_a_few_times_a_second(part: Spoken) -> None:
    begin(part, size=400 * 10)
    for _ in range(200):
        part.do("piece", b"x", id="t1", number=0, crc32=0)
    assert len([said for said in part.messages if "say" in said]) < 20


def rows(part: Spoken) -> list[dict[str, Any]]:
    """What a page that opens is told to be on its way."""
    told = part.do("look")["transfers"]
    return [{key: row[key] for key in ("name", "state", "is_lost", "can_retry")} for row in told]


LOST = {"name": "a.wav", "state": "stopped", "is_lost": True, "can_retry": False}


def test_closing__lets_go_of_what_still_came_and_the_next_one_tells_of_it(session: Uploading) -> None:
    part = Spoken(session)
    begin(part)
    piece(part, 0)
    part.do("check", files=[{"id": "t2", "name": "b.wav", "size": 9}, {"id": "t3", "name": "c.txt", "size": 9}])
    part.close()
    assert left_over() == []
    assert not session.watchers
    following = Spoken(session)
    assert rows(following) == [LOST, {**LOST, "name": "b.wav"}]
    assert piece(following, 1) == {"gone": True}
    bring(following)  # the same file, chosen again
    following.wait(lambda said: said.get("say") == "media" and said["id"] == "t1")
    following.do("cancel", id="t2")
    assert rows(following) == []
    following.close()


def test_a_page_that_goes__leaves_its_files_to_be_chosen_again(part: Spoken, session: Uploading) -> None:
    other = Spoken(session)
    begin(part)
    part.do("leave", ids=["t1", "unknown"])
    for each in (part, other):
        row = each.state("stopped")
        assert (row["is_lost"], row["can_retry"]) == (True, False)
    assert left_over() == []
    assert rows(other) == [LOST]
    other.do("cancel", id="t1")
    assert rows(part) == []
    other.close()


def test_closing__while_a_file_is_sent_lets_it_arrive_and_the_next_one_tells_of_it(session: Uploading) -> None:
    session.asynchronous.holds.clear()
    part = Spoken(session)
    bring(part)
    assert session.asynchronous.begun.wait(10)
    part.do("leave", ids=["t1"])  # it is whole: nothing is lost with the page
    following = Spoken(session)
    part.close()
    assert rows(following) == [{"name": "a.wav", "state": "sending", "is_lost": False, "can_retry": True}]
    session.asynchronous.watchers.tell(Progressed(Progress("upload", 0.7, "a.wav", 3.0, "upload_1")))
    session.begin(_set(session.asynchronous.holds)).result(10)
    following.wait(lambda said: said.get("say") == "media" and said["id"] == "t1")
    assert not any("is_elsewhere" in said.get("row", {}) for said in following.messages)
    assert rows(following) == []
    wait_until(lambda: left_over() == [])
    following.close()


def test_closing__while_a_file_is_sent_that_fails_leaves_it_to_the_next_one(session: Uploading) -> None:
    session.asynchronous.holds.clear()
    session.asynchronous.error = errors.NetworkError("The connection broke.")
    part = Spoken(session)
    bring(part)
    assert session.asynchronous.begun.wait(10)
    following = Spoken(session)
    part.close()
    session.begin(_set(session.asynchronous.holds)).result(10)
    row = following.state("stopped")
    assert (row["error"], row["can_retry"]) == ("The connection broke.", True)
    session.asynchronous.error = None
    following.do("retry", id="t1")
    following.wait(lambda said: said.get("say") == "media" and said["id"] == "t1")
    assert session.asynchronous.sent == [("a.wav", DATA)] * 2
    wait_until(lambda: left_over() == [])
    following.close()


async def _set(event: asyncio.Event) -> None:
    event.set()


def test_names_with_folders__lead_nowhere_else(part: Spoken) -> None:
    (verdict,) = part.do("check", files=[{"id": "t1", "name": "../../etc/cron.d/x.wav", "size": len(DATA)}])
    assert verdict["name"] == "x.wav"
    begin(part, "..\\..\\etc\\x.wav")
    assert [path.parent.parent for path in left_over()] == [inbox()]
