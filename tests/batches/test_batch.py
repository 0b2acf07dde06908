"""A batch from its beginning to its end, with workers that make no films."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from batch_stand import Stand, is_wanted, until, write_files, write_film

import nemo_notebook as nemo
from nemo_notebook import errors
from nemo_notebook.batches import conducting, cost
from nemo_notebook.batches import ledger as ledgers
from nemo_notebook.batches.batch import Batch
from nemo_notebook.batches.work import Result, Work


def begin(tmp_path: Path, executor: Any, **more: Any) -> Batch:
    how: dict[str, Any] = {"prompt": "a film", "out": tmp_path / "films", "backend": "local", "workers": 2}
    return nemo.batch(str(tmp_path / "songs" / "*"), executor=executor, **{**how, **more})


def songs(tmp_path: Path, count: int) -> list[Path]:
    return write_files(tmp_path / "songs", *(f"s{number:02d}.mp3" for number in range(count)))


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "films").glob("*.mp4"))


def test_batch__makes_all_with_so_many_at_once(tmp_path: Path) -> None:
    songs(tmp_path, 12)
    meeting = threading.Barrier(3)

    def meet(work: Work) -> Result:
        meeting.wait(60)  # fewer than three at once would never come past it
        return write_film(work)

    stand = Stand(meet)
    made = begin(tmp_path, stand, workers=3).wait(120)
    assert made.status == "done"
    assert stand.most == 3
    assert stand.names == [f"s{number:02d}.mp3" for number in range(12)]
    assert names(tmp_path) == [f"s{number:02d}.mp4" for number in range(12)]
    assert (tmp_path / "films" / "s03.mp4").read_text() == "s03.mp3a film"
    assert (len(made), made.failures, made.left_s) == (12, (), None)
    assert "12 of 12 films are in" in made.summary


def test_batch__one_bad_file_stops_no_other(tmp_path: Path) -> None:
    songs(tmp_path, 5)

    def make(work: Work) -> Result:
        if work.source.endswith("s01.mp3"):
            return Result(reason="s01.mp3 is empty.", hint="Record it again.")
        if work.source.endswith("s02.mp3"):
            raise MemoryError
        return write_film(work)

    made = begin(tmp_path, Stand(make)).wait(60)
    assert [film.state for film in made.films] == ["done", "failed", "failed", "done", "done"]
    assert [film.reason for film in made.failures] == ["s01.mp3 is empty.", "Its worker ended: MemoryError."]
    assert made.failures[0].hint == "Record it again."
    assert list(made.frame.reason)[1] == "s01.mp3 is empty."
    assert "⚠️ s01.mp3 is empty." in made.summary


def test_batch__again_makes_only_what_is_not_there(tmp_path: Path) -> None:
    songs(tmp_path, 4)
    good = {"s00.mp3", "s03.mp3"}
    stand = Stand(lambda work: write_film(work) if Path(work.source).name in good else Result(reason="no"))
    assert len(begin(tmp_path, stand).wait(60).failures) == 2
    again = Stand()
    made = begin(tmp_path, again).wait(60)
    assert again.names == ["s01.mp3", "s02.mp3"]
    assert [film.reason for film in made.films] == [""] * 4
    none = Stand()
    begin(tmp_path, none).wait(60)
    assert none.names == []
    (tmp_path / "songs" / "s02.mp3").write_text("another song")
    (tmp_path / "films" / "s03.mp4").unlink()
    begin(tmp_path, none).wait(60)
    assert none.names == ["s02.mp3", "s03.mp3"]
    assert (tmp_path / "films" / "s02.mp4").read_text() == "another songa film"
    begin(tmp_path, none, prompt="another film").wait(60)
    assert len(none.names) == 6
    assert names(tmp_path) == ["s00.mp4", "s01.mp4", "s02.mp4", "s03.mp4"]


def test_batch__says_which_films_it_makes_anew(tmp_path: Path) -> None:
    write_files(tmp_path / "songs", "a.mp3", "b.mp3")
    begin(tmp_path, Stand()).wait(60)
    write_files(tmp_path / "songs", "c.mp3")
    (tmp_path / "songs" / "a.mp3").write_text("another song")
    made = begin(tmp_path, Stand()).wait(60)
    assert made.note == "1 of 3 films is made anew: the file is another."
    assert "3 of 3 films are in" in made.summary
    assert ": 1 new, 1 as it was, 1 made anew." in made.summary
    assert [(film.is_anew, film.was_there) for film in made.films] == [(True, False), (False, True), (False, False)]
    made = begin(tmp_path, Stand(), prompt="another film").wait(60)
    assert made.note == "3 of 3 films are made anew: what is asked for is another."
    assert "3 made anew" in made.summary
    made = begin(tmp_path, Stand(), prompt="another film").wait(60)
    assert made.note == ""
    assert ", as they were." in made.summary


def test_rows__that_stand_as_before_are_not_made_again(tmp_path: Path) -> None:
    songs(tmp_path, 5)
    goes_on = threading.Event()

    def make(work: Work) -> Result:
        if "s03" in work.source:
            goes_on.wait(60)
        return write_film(work)

    made = begin(tmp_path, Stand(make), workers=1)
    until(lambda: made.films[3].state == "running")
    before, changes = made.films, made.changes
    assert [one is other for one, other in zip(before, made.films, strict=True)] == [True, True, True, False, True]
    goes_on.set()
    made.wait(60)
    assert made.changes > changes
    assert before[3].state == "running", "a row is as things stood then"
    assert [film.state for film in made.films] == ["done"] * 5


def test_reason__names_the_file_as_people_here_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    songs(tmp_path, 1)
    made = begin(tmp_path, Stand(lambda work: Result(reason=f"There is no file {work.source}."))).wait(60)
    assert made.failures[0].reason == f"There is no file {Path('songs', 's00.mp3').as_posix()}."
    assert str(tmp_path) not in made.summary + made._repr_html_() + made.frame.to_string()


def test_page__says_how_it_stands_also_below_a_note(tmp_path: Path, balance: list[str]) -> None:
    songs(tmp_path, 2)
    made = begin(tmp_path, Stand(), backend="cloud", yes=True).wait(60)
    assert balance
    for words in ("2 films at up to about 150 credits each", "2 of 2 films are in"):
        assert words in made._repr_html_()


def test_answer__of_what_a_prompt_did_not_come_to_is_shown_and_kept(tmp_path: Path) -> None:
    songs(tmp_path, 2)
    said = 'Done. I did not understand "<neon> colours".'
    made = begin(tmp_path, Stand(lambda work: replace(write_film(work), reply=said))).wait(60)
    assert f"The answer for s00.mp3: {said}" in made.summary
    assert "I did not understand &quot;&lt;neon&gt; colours&quot;." in made._repr_html_()
    assert [film.reply for film in begin(tmp_path, Stand()).wait(60).films] == [said, said]


def test_batch__leaves_nothing_but_films_and_its_ledger(tmp_path: Path) -> None:
    songs(tmp_path, 2)

    def half(work: Work) -> Result:
        Path(work.target).with_suffix(".part").write_text("half of a film")
        return write_film(work) if "s00" in work.source else Result(reason="no")

    begin(tmp_path, Stand(half)).wait(60)
    assert sorted(path.name for path in (tmp_path / "films" / ".nemo-batch").iterdir()) == [
        "ledger.sqlite",
        "running.sqlite",
    ]


def test_iteration__gives_each_film_once_as_it_ends(tmp_path: Path) -> None:
    songs(tmp_path, 4)
    goes_on = threading.Event()

    def make(work: Work) -> Result:
        if "s00" in work.source:
            goes_on.wait(60)
        return write_film(work)

    seen = []
    for film in begin(tmp_path, Stand(make)):
        seen.append(film.source.name)
        if len(seen) == 3:
            goes_on.set()
    assert sorted(seen) == ["s00.mp3", "s01.mp3", "s02.mp3", "s03.mp3"]
    assert seen[-1] == "s00.mp3"


def test_cancel__ends_what_is_made_and_begins_nothing_more(tmp_path: Path) -> None:
    songs(tmp_path, 6)
    stopped: list[str] = []

    def make(work: Work) -> Result:
        if "s00" in work.source:
            return write_film(work)
        until(lambda: not is_wanted(work))
        stopped.append(Path(work.source).name)
        return Result(was_stopped=True)

    stand = Stand(make)
    made = begin(tmp_path, stand)
    until(lambda: len(stand.works) == 3)
    assert made.status == "running"
    until(lambda: any(film.doing == "rendering 50%" for film in made.films))
    made.cancel()
    made.wait(60)
    assert made.status == "cancelled"
    assert sorted(stopped) == ["s01.mp3", "s02.mp3"]
    assert [film.state for film in made.films] == ["done"] + 5 * ["waiting"]
    assert "5 not made yet" in made.summary
    assert "goes on where it stopped" in made.summary
    assert begin(tmp_path, Stand()).wait(60).status == "done"


def test_wait__for_so_long(tmp_path: Path) -> None:
    songs(tmp_path, 1)
    goes_on = threading.Event()

    def make(work: Work) -> Result:
        goes_on.wait(60)
        return write_film(work)

    made = begin(tmp_path, Stand(make))
    with pytest.raises(errors.DeadlineExceeded):
        made.wait(0.05)
    goes_on.set()
    assert made.wait(60) is made


def test_lack_of_credits__ends_all_and_the_rest_waits(tmp_path: Path) -> None:
    songs(tmp_path, 5)
    left = 2

    def make(work: Work) -> Result:
        nonlocal left
        left -= 1
        return write_film(work) if left >= 0 else Result(reason="No credits are left.", hint="Top up.", ends_all=True)

    made = begin(tmp_path, Stand(make), workers=1)
    with pytest.raises(errors.NemoError, match="No credits are left") as told:
        made.wait(60)
    assert told.value.hint == "Top up."
    assert made.status == "stopped"
    assert [film.state for film in made.films] == ["done", "done", "waiting", "waiting", "waiting"]
    rest = Stand()
    begin(tmp_path, rest).wait(60)
    assert rest.names == ["s02.mp3", "s03.mp3", "s04.mp3"]


def test_lack_of_credits__leaves_to_their_end_those_that_are_paid(tmp_path: Path) -> None:
    songs(tmp_path, 4)
    both = threading.Barrier(2)

    def make(work: Work) -> Result:
        both.wait(60)
        if "s00" in work.source:
            return Result(reason="No credits are left.", hint="Top up.", ends_all=True, others_may_end=True)
        until(lambda: made.films[0].state == "waiting")
        return write_film(work) if is_wanted(work) else Result(was_stopped=True)

    stand = Stand(make)
    made = begin(tmp_path, stand)
    with pytest.raises(errors.NemoError, match="No credits are left"):
        made.wait(60)
    assert sorted(stand.names) == ["s00.mp3", "s01.mp3"]
    assert [film.state for film in made.films] == ["waiting", "done", "waiting", "waiting"]


def test_what_passes__is_tried_three_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conducting, "_GROWTH", 1.0)
    songs(tmp_path, 3)
    tries: list[str] = []

    def make(work: Work) -> Result:
        name = Path(work.source).name
        tries.append(name)
        if name == "s00.mp3" or (name == "s01.mp3" and tries.count(name) < 3):
            return Result(reason="The connection broke.", again_s=0.01)
        return write_film(work)

    made = begin(tmp_path, Stand(make)).wait(60)
    assert [film.state for film in made.films] == ["failed", "done", "done"]
    assert sorted(tries) == 3 * ["s00.mp3"] + 3 * ["s01.mp3"] + ["s02.mp3"]
    assert made.failures[0].reason == "The connection broke."


def test_executor__that_is_closed_is_told(tmp_path: Path) -> None:
    songs(tmp_path, 2)
    closed = ThreadPoolExecutor(1)
    closed.shutdown()
    made = begin(tmp_path, closed)
    with pytest.raises(errors.NemoError, match="takes no more work") as told:
        made.wait(60)
    assert "fresh" in told.value.hint
    assert [film.state for film in made.films] == ["waiting", "waiting"]


class DaskLike:
    """What a Dask client looks like from here."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand

    def get_executor(self) -> Stand:
        return self.stand

    def ncores(self) -> dict[str, int]:
        return {"tcp://one": 1, "tcp://two": 2}

    def submit(self, *_: object) -> Future[Result]:
        raise AssertionError("its executor is to be used")


def test_dask__gives_its_executor_and_as_many_as_it_has_cores(tmp_path: Path) -> None:
    songs(tmp_path, 6)
    meeting = threading.Barrier(3)

    def meet(work: Work) -> Result:
        meeting.wait(60)
        return write_film(work)

    client = DaskLike(Stand(meet))
    assert begin(tmp_path, client, workers=None).wait(60).status == "done"
    assert client.stand.most == 3


def test_folder__takes_one_batch_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 0.1)
    songs(tmp_path, 1)
    goes_on = threading.Event()

    def make(work: Work) -> Result:
        goes_on.wait(60)
        return write_film(work)

    first = begin(tmp_path, Stand(make))
    with pytest.raises(errors.UsageError, match="Another batch is making films in films"):
        begin(tmp_path, Stand())
    goes_on.set()
    first.wait(60)
    begin(tmp_path, Stand()).wait(60)


@pytest.mark.parametrize("workers", [0, -1, 65, 1.5, True, "2"])
def test_workers__are_a_number(tmp_path: Path, workers: object) -> None:
    songs(tmp_path, 1)
    with pytest.raises(errors.UsageError, match="workers cannot be"):
        begin(tmp_path, Stand(), workers=workers)


def test_executor__that_is_none_is_refused(tmp_path: Path) -> None:
    songs(tmp_path, 1)
    with pytest.raises(errors.UsageError, match="str runs no work"):
        begin(tmp_path, "dask")


# In the cloud


@pytest.fixture
def balance(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    async def available(order: Any) -> float:
        asked.append(order.backend)
        return 100.0

    monkeypatch.setattr(cost, "_available", available)
    return asked


def test_cloud__tells_the_cost_first_and_begins_nothing_unasked(tmp_path: Path, balance: list[str]) -> None:
    songs(tmp_path, 4)
    stand = Stand()
    with pytest.raises(errors.UsageError, match="4 films at up to about 150 credits each: 600 in all; 100") as told:
        begin(tmp_path, stand, backend="cloud")
    assert "--yes" in told.value.hint
    assert (stand.names, balance, names(tmp_path)) == ([], ["cloud"], [])
    made = begin(tmp_path, stand, backend="cloud", yes=True, workers=8).wait(60)
    assert stand.most <= 2, "a service bears two at a time"
    assert made.note.startswith("4 films at up to about 150 credits each")
    balance.clear()
    begin(tmp_path, stand, backend="cloud").wait(60)
    assert balance == [], "what is there costs nothing"


def test_auto__is_the_cloud_where_the_environment_says_so(
    tmp_path: Path, balance: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    songs(tmp_path, 1)
    monkeypatch.setenv("NEMO_API_URL", "https://cloud.test")
    with pytest.raises(errors.UsageError, match="1 film at up to"):
        begin(tmp_path, Stand(), backend="auto")
    assert balance == ["cloud"]
    with pytest.raises(errors.UsageError, match="no backend 'nowhere'"):
        begin(tmp_path, Stand(), backend="nowhere")
