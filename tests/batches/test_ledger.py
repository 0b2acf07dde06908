from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from nemo_notebook import errors
from nemo_notebook.batches import ledger as ledgers
from nemo_notebook.batches.folder import FileMark
from nemo_notebook.batches.ledger import FilmProgress, Ledger, LedgerEntry, MadeFilm
from nemo_notebook.session.backend import environment

FILM = MadeFilm("def", 9, 2.0, 0.5, poster=b"\xff\xd8")
SONG = LedgerEntry("../a.mp3", "mp4", "a.mp4", FileMark("abc", 5, 7), "done", "key", film=FILM)


def begun(folder: Path) -> Ledger:
    ledger = Ledger(folder)
    ledger.begin()
    return ledger


def test_entries__are_kept(tmp_path: Path) -> None:
    ledger = begun(tmp_path / "new")
    ledger.save([SONG, replace(SONG, place="b"), replace(SONG, ending="mov", name="a.mov")])
    ledger.save([replace(SONG, state="failed", reason="no", hint="yes")])
    again = Ledger(tmp_path / "new")
    assert again.entries() == {
        ("../a.mp3", "mp4"): replace(SONG, state="failed", reason="no", hint="yes"),
        ("../a.mp3", "mov"): replace(SONG, ending="mov", name="a.mov"),
        ("b", "mp4"): replace(SONG, place="b"),
    }
    assert again.id() == ledger.id()
    assert again.id() != begun(tmp_path / "other").id()


def test_tell__is_heard_of_whoever_makes_the_film_now(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.save([replace(SONG, state="running")], "first")
    assert ledger.report("../a.mp3", "first", FilmProgress("render", 0.5, 3.0))
    assert ledger.reports() == {"../a.mp3": FilmProgress("render", 0.5, 3.0)}
    ledger.save([replace(SONG, state="running")], "second")
    assert not ledger.report("../a.mp3", "first", FilmProgress("render", 0.9))
    assert ledger.reports() == {"../a.mp3": FilmProgress()}
    assert ledger.report("../a.mp3", "second", FilmProgress())
    ledger.save([SONG])
    assert not ledger.report("../a.mp3", "second", FilmProgress())
    assert ledger.reports() == {}


def test_tell__of_many_at_once_loses_nothing(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.save([replace(SONG, place=str(number), state="running") for number in range(8)], "claim")

    def report(number: int) -> list[bool]:
        return [ledger.report(str(number), "claim", FilmProgress("render", step / 10)) for step in range(10)]

    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(report, range(8)))
    assert heard == [[True] * 10] * 8
    assert {told.share for told in ledger.reports().values()} == {0.9}


def test_held__by_one_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 0.1)
    with Ledger(tmp_path).held():
        with pytest.raises(errors.UsageError, match="Another batch"), Ledger(tmp_path).held():
            pass
        assert Ledger(tmp_path).entries() == {}
    with Ledger(tmp_path).held():
        pass


def test_held__ends_what_was_made_for_a_batch_that_was_killed(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    ledger.save([replace(SONG, state="running"), replace(SONG, state="made", place="b")], "of another time")
    with ledger.held():
        assert ledger.reports() == {}
        assert not ledger.report("../a.mp3", "of another time", FilmProgress())


def test_held__by_a_process_that_was_killed_is_free_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 0.1)
    code = (
        "import sys; from pathlib import Path; from nemo_notebook.batches.ledger import Ledger\n"
        "with Ledger(Path(sys.argv[1])).held(): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    ) as other:
        assert other.stdout.readline().strip() == b"held"
        with pytest.raises(errors.UsageError, match="Another batch"), Ledger(tmp_path).held():
            pass
        other.kill()
        other.wait()
    monkeypatch.setattr(ledgers, "_PATIENCE_S", 5)
    with Ledger(tmp_path).held():
        pass


def test_damaged__is_told_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no database, " * 100)
    with pytest.raises(errors.InputError, match="damaged") as told:
        Ledger(tmp_path).entries()
    assert "Move" in told.value.hint


def test_gone__is_told_and_not_begun_anew(tmp_path: Path) -> None:
    ledger = begun(tmp_path / "films" / "kept")
    shutil.rmtree(tmp_path / "films")
    for use in (
        ledger.entries,
        ledger.reports,
        lambda: ledger.save([SONG]),
        lambda: ledger.report("a", "", FilmProgress()),
    ):
        with pytest.raises(errors.InputError, match="not there any more"):
            use()
    assert not (tmp_path / "films").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="only where a folder can be closed to us")
def test_folder__that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(errors.InputError, match="Permission denied"):
        Ledger(tmp_path / "new").begin()
