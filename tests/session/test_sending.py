"""No upload sent twice: noted before it is sent, looked for where its end was not heard, sent again only if lost."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from pathlib import Path

import httpx
import pytest
from cases import cases
from fake_service import EMPTY, Answer, Fake, lost, sse, unreachable

from nemo_notebook import errors
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.results import MediaList, Progress

POST, STATE = "POST /api/upload", "GET /api/state"


class Taking(Fake):
    """Keeps uploads and shows them in its state.

    Args:
        answers: What the first uploads are answered with.
        digest: The service's content hash of bytes.
    """

    def __init__(self, *answers: Answer | httpx.Response, digest: str = "sha256") -> None:
        super().__init__(sse(), [EMPTY])
        self.digest = digest
        self.answers[POST] = list(answers)
        self.kept: list[dict[str, object]] = []
        self.state["video_infos"] = self.kept

    @property
    def posts(self) -> int:
        """How often something was uploaded."""
        return sum(request.url.path.startswith("/api/upload") for request in self.seen)

    def more(self, request: httpx.Request) -> httpx.Response:
        name = re.search(rb'filename="([^"]*)"', request.content)[1].decode()
        body = request.content.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]
        record = {"filename": name, "hash": hashlib.new(self.digest, body).hexdigest(), "file_type": "audio"}
        self.kept.append(record)
        return httpx.Response(200, json={"code": 0, "data": {"files": [record]}})

    def take_and_go(self, request: httpx.Request) -> httpx.Response:
        """Take an upload, and be unreachable from then on."""
        self.answers[STATE] = [unreachable] * 99
        return self.lose(request)


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "song.mp3"
    path.write_bytes(b"ID3 la la " * 40)
    return path


def begun(path: Path) -> dict[str, object]:
    """What the journal has of an upload that was not seen to its end."""
    found = path.stat()
    size, mtime_ns = found.st_size, found.st_mtime_ns
    return {"path": str(path.resolve()), "size": size, "mtime_ns": mtime_ns, "sent_as": path.name, "seen": []}


def upload(fake: Fake, *paths: Path, told: list[Progress] | None = None) -> MediaList:
    return asyncio.run(fake.session().upload(*paths, on_progress=None if told is None else told.append))


def test_upload__is_noted_before_it_is_sent_and_its_id_comes_first(song: Path) -> None:
    def look(_: httpx.Request) -> None:
        (job,) = Journal().jobs(only_open=True)
        assert (job.id, job.title) == ("upload_1", "song.mp3")

    told: list[Progress] = []
    assert upload(Taking(look), song, told=told)[0].filename == "song.mp3"
    assert (told[0].job, told[0].done) == ("upload_1", 0)
    (job,) = Journal().jobs()
    assert job.state == "done"
    assert job.detail["sha256"] == hashlib.sha256(song.read_bytes()).hexdigest()


def test_lost_upload__that_was_taken_is_not_sent_again(song: Path) -> None:
    fake = Taking()
    fake.answers[POST] = [fake.lose]
    assert upload(fake, song)[0].filename == "song.mp3"
    assert (fake.posts, len(fake.kept), Journal().jobs()[0].state) == (1, 1, "done")


def test_lost_upload__that_was_not_taken_is_sent_again_from_its_start(song: Path) -> None:
    fake = Taking(lost, lost)
    upload(fake, song)
    assert (fake.posts, len(fake.kept), Journal().jobs()[0].state) == (3, 1, "done")


def test_lost_upload__is_given_up_after_three_tries_and_stays_open(song: Path) -> None:
    fake = Taking(lost, lost, lost)
    with pytest.raises(errors.NetworkError):
        upload(fake, song)
    assert fake.posts == 3
    assert Journal().jobs()[0].is_open


def test_lost_upload__of_which_nothing_can_be_told_is_not_repeated(song: Path) -> None:
    fake = Taking()
    fake.answers[POST] = [fake.take_and_go]
    with pytest.raises(errors.NetworkError):
        upload(fake, song)
    fake.answers.clear()
    assert fake.sync_session().resume()[0].was_there
    assert fake.posts == 1


@cases
def test_refusal__is_not_repeated(song: Path, status: int, code: int, kind: str) -> None:
    fake = Taking(httpx.Response(status, json={"code": code}))
    with pytest.raises(getattr(errors, kind)):
        upload(fake, song)
    assert fake.posts == 1
    assert Journal().jobs()[0].state == "failed"


@pytest.mark.parametrize("digest", ["sha256", "md5"])
def test_same_bytes__are_not_sent_again_and_other_bytes_are(song: Path, digest: str) -> None:
    fake = Taking(digest=digest)
    upload(fake, song)
    again = upload(fake, song)
    assert (fake.posts, again[0].was_there) == (1, True)
    assert "was there already" in again.words
    song.write_bytes(b"ID3 lo lo " * 40)  # as long as before
    assert not upload(fake, song)[0].was_there
    assert fake.posts == 2


def test_same_bytes__that_the_service_has_let_go_are_sent_again(song: Path) -> None:
    fake = Taking()
    upload(fake, song)
    fake.kept.clear()
    assert not upload(fake, song)[0].was_there
    assert fake.posts == 2


@pytest.mark.parametrize("digest", ["sha256", "md5"])
def test_upload_of_a_process_that_was_killed__is_found_at_the_service(song: Path, digest: str) -> None:
    fake = Taking(digest=digest)
    Journal().begin("upload", "7", "song.mp3", begun(song))
    fake.kept.append(
        {"filename": "song.mp3", "hash": hashlib.new(digest, song.read_bytes()).hexdigest(), "file_type": "audio"}
    )
    found = asyncio.run(fake.session().resume("upload_1"))
    assert (found[0].was_there, fake.posts) == (True, 0)
    assert Journal().job("upload_1").state == "done"


def test_another_file_of_that_name__is_not_taken_for_it(song: Path) -> None:
    fake = Taking()
    Journal().begin("upload", "7", "song.mp3", begun(song))
    fake.kept.append({"filename": "song.mp3", "hash": "0" * 64, "file_type": "audio"})
    assert not upload(fake, song)[0].was_there
    assert fake.posts == 1


def test_file_that_is_gone__cannot_be_resumed_and_says_so(song: Path) -> None:
    Journal().begin("upload", "7", "song.mp3", {"path": str(song.with_name("gone.mp3")), "size": 1})
    with pytest.raises(errors.FileMissing, match="where it was"):
        asyncio.run(Taking().session().resume())


def test_signed_address__is_not_noted() -> None:
    fake = Fake(sse(), [EMPTY])
    answer = httpx.Response(200, json={"code": 0, "data": {"files": [{"filename": "a.mp4"}]}})
    fake.answers["POST /api/upload"] = [answer]
    media = asyncio.run(fake.session().upload("https://cdn.test/a.mp4?Signature=5ecre7"))
    assert media[0].filename == "a.mp4"
    (job,) = Journal().jobs()
    assert "5ecre7" not in f"{job.title} {job.detail}"
    assert job.state == "done"


def test_another_upload_at_the_same_time__is_not_taken_for_it(song: Path) -> None:
    def lose_while_another_came(request: httpx.Request) -> httpx.Response:
        fake.kept.append({"filename": "two.mp3", "hash": "1" * 64, "file_type": "audio"})
        return lost(request)

    fake = Taking(lose_while_another_came)
    assert upload(fake, song)[0].filename == "song.mp3"
    assert fake.posts == 2
    assert [each["filename"] for each in fake.kept] == ["two.mp3", "song.mp3"]


@pytest.mark.parametrize("digest", ["sha256", "md5"])
def test_file_of_the_same_name_elsewhere__is_not_taken_for_it(song: Path, tmp_path: Path, digest: str) -> None:
    fake = Taking(lost, lost, lost, digest=digest)
    with pytest.raises(errors.NetworkError):
        upload(fake, song)
    (tmp_path / "b").mkdir()
    twin = tmp_path / "b" / "song.mp3"
    twin.write_bytes(b"ID3 lo lo " * 40)
    upload(fake, twin)
    assert not upload(fake, song)[0].was_there
    assert len(fake.kept) == 2


def test_new_bytes_in_the_same_place__are_sent_though_an_upload_was_left(song: Path) -> None:
    fake = Taking(digest="md5")
    fake.answers[POST] = [fake.take_and_go]
    with pytest.raises(errors.NetworkError):
        upload(fake, song)
    fake.answers.clear()
    song.write_bytes(b"ID3 lo lo " * 40)
    os.utime(song, ns=(1, 1))
    assert not upload(fake, song)[0].was_there
    assert fake.posts == 2


def test_resumed_upload__is_over_then_whatever_became_of_the_file(song: Path) -> None:
    fake = Taking()
    Journal().begin("upload", "7", "song.mp3", {**begun(song), "size": 1})
    asyncio.run(fake.session().resume("upload_1"))
    assert fake.posts == 1
    assert Journal().jobs(only_open=True) == []
    with pytest.raises(errors.UsageError, match="over"):
        asyncio.run(fake.session().resume("upload_1"))


def test_addresses__are_looked_for_before_they_are_sent_again() -> None:
    fake = Fake(sse(), [EMPTY])
    fake.state["video_infos"], fake.answers["POST /api/upload"] = [], [lost] * 9
    session = fake.sync_session()
    with pytest.raises(errors.NetworkError):
        session.upload("https://cdn.test/a.mp4?Signature=5ecre7")
    posts = len(fake.answers["POST /api/upload"])
    fake.state["video_infos"] = [{"filename": "a.mp4", "hash": "1"}]
    assert session.resume()[0].was_there
    assert len(fake.answers["POST /api/upload"]) == posts < 9
    assert Journal().jobs(only_open=True) == []


def test_signed_address__that_did_not_arrive_has_to_be_given_again() -> None:
    fake = Taking()
    Journal().begin("upload", "7", "https://cdn.test/a.mp4?Signature=…", {"urls": [], "seen": []})
    with pytest.raises(errors.InputError, match="did not arrive"):
        asyncio.run(fake.session().resume())
    assert Journal().jobs(only_open=True) == []


def test_uploads_of_one_session__wait_for_each_other(song: Path) -> None:
    fake = Taking()

    async def both() -> list[MediaList]:
        session = fake.session()
        return list(await asyncio.gather(session.upload(song), session.upload(song)))

    first, second = asyncio.run(both())
    assert (first[0].was_there, second[0].was_there, fake.posts) == (False, True, 1)
