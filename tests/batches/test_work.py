"""One film of a batch, made for real: by the local engine, in processes, on Dask, at a service that counts credits."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import pickle
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_stand import until
from cloud_service import Manners
from engine_server import serving
from media_files import drums, write_sound
from short_songs import PROMPT, SMALL, write_songs

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches import work as working
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.ledger import Ledger, LedgerEntry
from nemo_notebook.batches.order import BatchOrder
from nemo_notebook.batches.work import Work, make_film
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import Job
from nemo_notebook.tapes import tape as taping

pytestmark = pytest.mark.timeout(300)
FORM = {"format": "mp4", "preset": None, **SMALL}


def work_for(source: Path, prompt: str = PROMPT, form: dict[str, Any] | None = None) -> Work:
    """Work that is claimed, in a ledger beside its file."""
    folder, entry = source.parent / "kept", LedgerEntry("song", "mp4", "song.mp4", state="running")
    Ledger(folder).begin()
    Ledger(folder).save([entry], "claim")
    order = BatchOrder((), prompt, folder, "from-music", "local", form or FORM, "mp4")
    return Work(str(source), order, entry, str(folder / "song.mp4"), str(folder), "1", "claim")


def begin(tmp_path: Path, **more: Any) -> Batch:
    """A batch of the files in `songs`, into `films`."""
    how = {"prompt": PROMPT, "out": tmp_path / "films", "backend": "local", **SMALL, **more}
    return nemo.batch(str(tmp_path / "songs" / "*"), **how)


def turns() -> int:
    """How many messages were sent from here."""
    return len(Journal().jobs(kind="turn", limit=100))


def test_make__gives_the_film_and_comes_back_to_its_session(tmp_path: Path) -> None:
    (song,) = write_songs(tmp_path, 1)
    work = work_for(song)
    first = make_film(work)
    film = first.film
    assert film, first.reason
    assert film.reply.startswith("Done: a 2 s video")
    assert 1.9 < film.duration_s < 2.1
    assert 0 < len(film.poster) <= 3000
    assert film.size_bytes == Path(work.target).stat().st_size
    Path(work.target).unlink()
    second = make_film(work).film
    assert second
    assert (second.sha256, second.size_bytes, second.reply) == (film.sha256, film.size_bytes, film.reply)
    assert turns() == 1, "nothing is said twice"
    assert [(session.name, session.id) for session in Journal().sessions()] == [("song", first.session)]
    assert {job.title for job in Journal().jobs()} == {song.name, PROMPT, "song.mp4"}, "no name is one of ours"
    assert Journal().session_at(str(Path.cwd())) is None, "the notebook's own session stays what it was"


def test_make__after_a_kill_in_mid_turn_says_nothing_twice(tmp_path: Path) -> None:
    (song,) = write_songs(tmp_path, 1)
    work = work_for(song)
    assert make_film(work).film
    with closing(sqlite3.connect(Journal().path)) as db, db:  # as a worker leaves it that is killed before the answer
        db.execute("DELETE FROM job WHERE kind = 'render'")
        db.execute("UPDATE job SET state = 'open', ended_s = NULL WHERE kind = 'turn'")
    Path(work.target).unlink()
    assert make_film(work).film
    assert [job.state for job in Journal().jobs(kind="turn", limit=9)] == ["done"]


def test_begun__what_may_still_be_worked_on_is_waited_for_not_said_again() -> None:
    class Left:
        """A session whose turn nobody can tell the end of."""

        asked = 0

        async def jobs(self) -> list[Job]:
            return [Job("turn_1", "turn", "7", "a film", "open", 0.0)]

        async def resume(self, _: str) -> None:
            self.asked += 1

    left = Left()
    with pytest.raises(errors.DeadlineExceeded, match="may still be worked on"):
        asyncio.run(working._has_timeline(left))
    assert left.asked == 1


def test_make__of_a_file_that_has_gone_takes_no_other(tmp_path: Path) -> None:
    write_songs(tmp_path, 1)  # song00.m4a, which the name would match as a pattern
    assert "There is no file" in make_film(work_for(tmp_path / "song[0]0.m4a")).reason


def test_make__of_which_nothing_comes_tells_what_was_answered(tmp_path: Path) -> None:
    (song,) = write_songs(tmp_path, 1)
    result = make_film(work_for(song, prompt="hello"))
    assert result.reason.startswith("Nothing was made of it: ")
    assert len(result.reason) > 40
    assert "prompt" in result.hint


def test_make__ends_when_it_is_not_wanted_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "_EVERY_S", 0.05)
    (song,) = write_songs(tmp_path, 1, length_s=60)
    work = work_for(song, form={**FORM, "quality": "high", "resolution": "1080p"})
    ledger = Ledger(Path(work.ledger))
    results: list[LedgerEntry] = []
    thread = threading.Thread(target=lambda: results.append(make_film(work)))
    thread.start()
    until(lambda: (told := ledger.reports().get("song")) is not None and told.stage == "render", 120)
    ledger.save([LedgerEntry("song", "mp4", "song.mp4", state="running")], "another")
    thread.join(60)
    assert [(result.state, result.reason) for result in results] == [("waiting", "Its claim has ended.")]
    assert [job.state for job in Journal().jobs(kind="render", limit=9)] == ["cancelled"]
    assert not Path(work.target).exists()


def failing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception) -> Work:
    async def fail(*_: object) -> Any:
        raise error

    monkeypatch.setattr(working, "_film", fail)
    return work_for(tmp_path / "song.mp3")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (errors.UnsupportedMedia("no media"), "failed"),
        (errors.NetworkError("no network"), "waiting"),
        (errors.RateLimited("too many"), "waiting"),
        (errors.NemoError("Bearer nmv_usr_abcdefgh"), "failed"),
        (ValueError("nmv_usr_abcdefgh"), "failed"),
    ],
)
def test_make__raises_nothing_of_one_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    result = make_film(failing(monkeypatch, tmp_path, error))
    assert (result.film, result.state) == (None, state)
    assert result.reason
    assert "abcdefgh" not in result.reason


@pytest.mark.parametrize(
    "kind", [errors.OutOfCredits, errors.AuthError, errors.PlanRequired, errors.DiskFull, errors.MissingExtra]
)
def test_make__raises_what_ends_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[errors.NemoError]
) -> None:
    error = kind("Bearer nmv_usr_abcdefgh", "It") if kind is errors.MissingExtra else kind("Bearer nmv_usr_abcdefgh")
    with pytest.raises(errors.NemoError) as told:
        make_film(failing(monkeypatch, tmp_path, error))
    assert told.value.hint
    assert "abcdefgh" not in told.value.message
    again = pickle.loads(pickle.dumps(told.value))
    assert (again.message, again.hint) == (told.value.message, told.value.hint)


def test_work__goes_anywhere(tmp_path: Path) -> None:
    work = work_for(tmp_path / "song.mp3")
    assert pickle.loads(pickle.dumps((make_film, work))) == (make_film, work)
    keys = {
        replace(work, entry=LedgerEntry(place, "mp4", said=said), batch=batch).session_key
        for place in "ab"
        for said in "st"
        for batch in "xy"
    }
    assert len(keys) == 8


@contextlib.contextmanager
def process_pool(_: Path) -> Iterator[Any]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@contextlib.contextmanager
def dask_client(folder: Path) -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    how: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with (
        distributed.LocalCluster(local_directory=str(folder / "dask"), **how) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_processes_and_dask__make_the_same_films_as_threads(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 3)
    begin(tmp_path, out=tmp_path / "threads", workers=2).wait(120)
    for others in (process_pool, dask_client):
        with others(tmp_path) as executor:
            made = begin(tmp_path, out=tmp_path / others.__name__, executor=executor, workers=2).wait(120)
        assert [film.state for film in made.films] == ["done"] * 3, made.summary
        for film in made.films:
            assert film.output.read_bytes() == (tmp_path / "threads" / film.output.name).read_bytes()


def test_formats__of_one_file_are_exports_of_one_session(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 1)
    made = [begin(tmp_path, format=form).wait(120).films[0] for form in ("mp4", "gif")]
    assert [film.output.name for film in made if film.output] == ["song00.mp4", "song00.gif"]
    assert made[0].session == made[1].session
    assert turns() == 1, "nothing is paid twice"


def test_film__can_be_opened_again_for_an_edit(tmp_path: Path) -> None:
    samples, _ = drums(120, 2.0, rate=22050)
    (tmp_path / "songs").mkdir()
    write_sound(tmp_path / "songs" / "drums.flac", samples, 22050, codec="flac")  # converted on its way
    (film,) = begin(tmp_path).wait(120).films
    assert film.output is not None, film.reason
    before = film.output.read_bytes()
    with nemo.connect(session=film.session) as session:
        session.chat('add a title "Drums" for the first second')
    film.output.unlink()
    (again,) = begin(tmp_path).wait(120).films
    assert again.output == film.output
    assert again.output.read_bytes() != before


def test_service__that_counts_credits_is_asked_first_and_stops_the_batch_in_the_end(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 4)
    with serving(tmp_path / "engine", Manners(credits=250)) as engine:
        with pytest.raises(errors.UsageError, match="600 in all; 250 are available"):
            begin(tmp_path, backend=engine.url, workers=1)
        made = begin(tmp_path, backend=engine.url, workers=1, yes=True)
        with pytest.raises(errors.NemoError) as told:
            made.wait(120)
        assert "credits" in str(told.value).lower()
        assert [film.state for film in made.films] == ["done", "done", "waiting", "waiting"]
        said = turns()
        with pytest.raises(errors.NemoError):
            begin(tmp_path, backend=engine.url, workers=1, yes=True).wait(120)
        assert turns() <= said + 1, "films that are there are not paid for again"


def test_tape__plays_a_batch_again(tmp_path: Path) -> None:
    write_songs(tmp_path / "songs", 4)

    def films(out: Path) -> list[bytes]:
        made = begin(tmp_path, out=out, workers=4)
        assert "One film at a time" in made.note
        assert not made.wait().failures
        return [path.read_bytes() for path in sorted(out.glob("*.mp4"))]

    taping.record_tape(tmp_path / "batch.nemotape")
    try:
        recorded = films(tmp_path / "recorded")
        assert len(recorded) == 4
        for time_of_play in ("once", "again"):
            taping.end_tape()
            taping.replay_tape(tmp_path / "batch.nemotape", speed="once")
            assert films(tmp_path / time_of_play) == recorded
    finally:
        taping.end_tape()
