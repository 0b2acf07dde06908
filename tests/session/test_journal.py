"""The journal: what was begun is there again, for any process, whatever became of the one that began it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, settings, strategies as st

from nemo_notebook import errors
from nemo_notebook.session.journal import Journal, current_place
from nemo_notebook.session.records import SessionRecord, Sessions

SESSION = SessionRecord("71", "local", "from-music", "auto", "My film", "task", "user")


def test_session__noted_again_keeps_what_is_not_known_now() -> None:
    Journal().note_session(SESSION)
    found = Journal().session("71")
    assert (found.backend, found.skill, found.name, found.user_id) == ("local", "from-music", "My film", "user")
    Journal().note_session(SessionRecord("71", "https://x.test", "music-maker"))
    found = Journal().session("71")
    assert (found.backend, found.skill, found.name) == ("https://x.test", "music-maker", "My film")
    assert found.task_id == "task"
    assert Journal().session("72") is None


def test_jobs__have_names_states_and_details() -> None:
    journal = Journal()
    turn = journal.begin("turn", "71", "add a title", {"before": {"t": []}})
    render = journal.begin("render", "71", "film.mp4", {"target": "/x/sk-film.mp4"}, "render_9")
    assert (turn.id, render.id) == ("turn_1", "render_9")
    assert [job.id for job in journal.jobs("71")] == ["render_9", "turn_1"]
    journal.settle(turn, "done", before=None, credits_after=3)
    assert [job.id for job in journal.jobs(only_open=True)] == ["render_9"]
    found = journal.job("turn_1")
    assert (found.state, found.detail) == ("done", {"before": None, "credits_after": 3})
    assert found.ended_s >= found.begun_s
    assert str(render.target) == str(Path("/x/sk-film.mp4"))
    assert journal.job("render_9").detail["target"] == "/x/sk-film.mp4"
    assert journal.jobs("72") == []


def test_sessions__tell_their_last_words_and_open_jobs() -> None:
    journal = Journal()
    journal.note_session(SESSION)
    journal.note_session(SessionRecord("72", "local", "music-maker"))
    journal.settle(journal.begin("turn", "71", "first", {}), "done")
    journal.begin("turn", "71", "second", {})
    newest, other = journal.sessions()
    assert (newest.id, newest.last_words, newest.open_jobs) == ("71", "second", 1)
    assert (other.id, other.last_words, other.open_jobs) == ("72", "", 0)


def test_same_job__cannot_be_begun_twice() -> None:
    journal = Journal()
    journal.begin("render", "71", "a", {}, "render_1")
    with pytest.raises(errors.InputError):
        journal.begin("render", "71", "b", {}, "render_1")
    assert len(journal.jobs()) == 1


def test_secrets__are_not_noted(own_home: Path) -> None:
    secret = "nmv_usr_" + "S3CRET" * 6
    url = "https://cdn.test/a.mp4?X-Amz-Signature=5ecre7ba5e"
    Journal().begin(
        "turn", "71", f"use {secret} and {url}", {"before": {"t": [{"sg": [{"m": {"src": url, "t": secret}}]}]}}
    )
    kept = b"".join(path.read_bytes() for path in own_home.glob("journal.sqlite*"))
    assert b"cdn.test/a.mp4" in kept
    assert b"S3CRET" not in kept
    assert b"5ecre7ba5e" not in kept


def test_processes__write_at_once_and_lose_nothing() -> None:
    code = (
        "from nemo_notebook.session.journal import Journal\n"
        "for n in range(25):\n"
        "    job = Journal().begin('turn', '71', 'words', {'before': {'n': n}})\n"
        "    Journal().settle(job, 'done')\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    with ThreadPoolExecutor(2) as pool:
        for job in [pool.submit(Journal().begin, "turn", "72", "x", {}) for _ in range(50)]:
            job.result()
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    jobs = Journal().jobs(limit=1000)
    assert len(jobs) == len({job.id for job in jobs}) == 125
    assert sum(job.state == "done" for job in jobs) == 75


def test_process_killed_while_it_writes__leaves_a_journal_that_opens() -> None:
    code = (
        "import itertools\nfrom nemo_notebook.session.journal import Journal\n"
        "for n in itertools.count():\n    Journal().begin('turn', '71', 'w' * 50, {'before': {'n': 'x' * 5000}})\n"
        "    print(n, flush=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    while int(process.stdout.readline()) < 20:
        pass
    process.kill()
    process.wait()
    process.stdout.close()
    jobs = Journal().jobs(limit=10_000)
    assert len(jobs) >= 21
    assert all(len(job.detail["before"]["n"]) == 5000 for job in jobs)
    assert Journal().begin("turn", "71", "on", {}).id == f"turn_{len(jobs) + 1}"


def test_damaged_journal__is_kept_aside_and_a_new_one_begins(own_home: Path) -> None:
    (own_home / "journal.sqlite").write_bytes(b"this is no database" * 100)
    Journal().begin("turn", "71", "words", {})
    assert len(Journal().jobs()) == 1
    (aside,) = own_home.glob("journal.sqlite.aside-*")
    assert aside.read_bytes().startswith(b"this is no database")


def test_home_that_is_a_file__is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("x", encoding="ascii")
    with pytest.raises(errors.InputError, match="journal") as caught:
        Journal(tmp_path / "home").jobs()
    assert "NEMO_HOME" in caught.value.hint


def test_end__that_cannot_be_noted_is_logged_and_stands(own_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    job = Journal().begin("turn", "71", "words", {})
    for path in own_home.glob("journal.sqlite*"):
        path.unlink()
    (own_home / "journal.sqlite").mkdir()
    assert Journal().settle(job, "done").state == "done"
    assert "journal" in caplog.text


def test_journal__is_readable_by_its_owner_only(own_home: Path) -> None:
    Journal().jobs()
    if sys.platform != "win32":
        assert (own_home / "journal.sqlite").stat().st_mode & 0o077 == 0


WORDS = st.text(alphabet='aé中😀\n"\\ \ud800', max_size=30)


@settings(max_examples=40, deadline=None)
@given(
    title=WORDS, detail=st.dictionaries(WORDS, st.recursive(st.none() | WORDS | st.integers(), st.lists, max_leaves=5))
)
def test_any_words_and_details__come_back(
    title: str, detail: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    journal = Journal(tmp_path_factory.getbasetemp() / "any-words")
    job = journal.begin("turn", "71", title.replace("\ud800", ""), detail)
    found = journal.job(job.id)
    assert found == job
    assert found.detail == detail


def test_session__is_found_by_the_beginning_of_its_id_and_by_its_name() -> None:
    journal = Journal()
    journal.note_session(SessionRecord("712345", "local", "from-music", name="Evening"))
    journal.note_session(SessionRecord("712399", "local", "from-music"))
    assert journal.find_session("71234").id == "712345"
    assert journal.find_session("Evening").id == "712345"
    assert journal.find_session("7123") is None  # there are two
    assert journal.find_session("") is None
    assert journal.find_session("x") is None


@cases
def test_session__is_known_by_what_people_recognise(
    name: str, uploads: list[str], place: str, label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", place)
    journal = Journal()
    journal.note_session(SessionRecord("71", "local", "from-music", name=name))
    for upload in uploads:
        journal.begin("upload", "71", upload, {})
    journal.begin("turn", "71", "cut on the beat", {})
    (known,) = journal.sessions()
    day = time.strftime("%Y-%m-%d")
    assert known.label.startswith(label)
    assert (day in known.label) == (not name)
    assert journal.find_session(known.label).id == "71"
    assert {job.session for job in journal.recent()} == {known.label}
    assert known.label in Sessions([known]).words


def test_recent__has_all_that_is_open_however_much_came_after() -> None:
    journal = Journal()
    journal.begin("render", "71", "lost.mp4", {}, "render_1")
    for _ in range(30):
        journal.settle(journal.begin("turn", "71", "words", {}), "done")
    recent = journal.recent()
    assert len(recent) == 21
    assert recent[-1].id == "render_1"


# The place


def test_session__is_found_where_it_was_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = "/home/a/one.ipynb", "/home/a/other.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", one)
    here = Journal()
    here.note_session(SESSION)
    here.note_session(SessionRecord("72", "https://x.test", "music-maker"))
    assert here.session_at(one).id == "72"
    here.begin("turn", "71", "words", {})
    assert here.session_at(one).name == "My film"
    assert here.session_at(one, "https://x.test").id == "72"
    assert here.session_at(one, "https://y.test") is None
    assert here.session_at(other) is None
    monkeypatch.setenv("JPY_SESSION_NAME", other)
    Journal().begin("turn", "72", "words", {})  # used elsewhere, which changes nothing here
    assert here.session_at(other).id == "72"
    assert here.session_at(one).id == "71"
    here.end_session("71")
    assert here.session_at(one).id == "72"


def test_place__is_the_notebook_else_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert current_place() == str(tmp_path)
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/a/one.ipynb")
    assert current_place() == "/home/a/one.ipynb"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder that is in use cannot be removed there")
def test_place__that_is_gone_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert current_place() == ""
    Journal().note_session(SESSION)
    assert Journal().session_at("") is None


@pytest.mark.parametrize("version", [1, 99])
def test_journal_of_another_version__is_refused_and_left_as_it_is(own_home: Path, version: int) -> None:
    Journal().note_session(SESSION)
    with closing(sqlite3.connect(own_home / "journal.sqlite")) as db:
        db.execute(f"PRAGMA user_version = {version}")
    with pytest.raises(errors.InputError, match="another version") as told:
        Journal().sessions()
    assert "NEMO_HOME" in told.value.hint
    with closing(sqlite3.connect(own_home / "journal.sqlite")) as db:
        assert db.execute("SELECT id FROM session").fetchall() == [("71",)]


def test_removed_session__is_off_the_list_but_found_until_it_is_used_again(own_home: Path) -> None:
    journal = Journal()
    journal.note_session(SESSION)
    journal.remove("71")
    assert journal.sessions() == []
    assert [session.id for session in journal.sessions(removed=True)] == ["71"]
    assert journal.session_at(journal.place) is None
    assert journal.find_session("71") is not None
    journal.note_session(SESSION)
    assert [session.id for session in journal.sessions()] == ["71"]
    assert journal.sessions(removed=True) == []


def test_name__of_a_listed_session_goes_before_that_of_a_removed_one(own_home: Path) -> None:
    journal = Journal()
    for number in ("71", "72"):
        journal.note_session(replace(SESSION, id=number, name="Sea"))
    assert journal.find_session("Sea") is None
    journal.remove("71")
    assert journal.find_session("Sea").id == "72"
    journal.remove("72")
    journal.restore("71")
    assert journal.find_session("Sea").id == "71"
