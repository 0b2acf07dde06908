from __future__ import annotations

from pathlib import Path

import pytest

from nemo_notebook.notebook.completion import candidates
from nemo_notebook.session.journal import Journal
from nemo_notebook.session.records import SessionRecord


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("%nemo ex", ["export"]),
        ("x = %nemo st", ["status", "studio"]),
        ("%nemo connect --sk", ["--skill"]),
        ("%nemo connect --skill music-t", ["music-to-a"]),
        ("%nemo export --quality ", ["preview", "low", "medium", "high"]),
        ("%nemo help sk", ["skills"]),
        ("%%nemo --o", ["--out"]),
        ("%nemo chat exp", []),
    ],
)
def test_candidates__follow_the_table(line: str, wanted: list[str]) -> None:
    found = candidates(line)
    assert found is not None
    assert found[1] == wanted


@pytest.mark.parametrize("line", ["print(1)", "%nemotest a", "y = nemo ex", "%nemo"])
def test_other_lines__are_left_alone(line: str) -> None:
    assert candidates(line) is None


def test_files__complete_with_folders_and_quotes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "my clip.mp4").touch()
    (tmp_path / "clips" / ".hidden.mp4").touch()
    (tmp_path / "song.mp3").touch()
    assert candidates("%nemo upload ")[1] == ["clips/", "song.mp3"]  # type: ignore[index]
    assert candidates("%nemo upload song.mp3 clips/")[1] == ['"clips/my clip.mp4"']  # type: ignore[index]


def test_jobs_and_sessions__complete_from_the_journal_open_ones_first() -> None:
    journal = Journal()
    journal.note_session(SessionRecord("71", "local", "from-music"))
    journal.begin("render", "71", "film.mp4", {}, "render_9")
    journal.settle(journal.begin("turn", "71", "words", {}), "done")
    assert candidates("%nemo resume ")[1] == ["render_9", "turn_2"]  # type: ignore[index]
    assert candidates("%nemo cancel r")[1] == ["render_9"]  # type: ignore[index]
    assert candidates("%nemo connect --session ")[1] == ["71"]  # type: ignore[index]
    assert candidates("%nemo export --no")[1] == ["--no-wait"]  # type: ignore[index]
    assert candidates("%nemo credits --")[1] == ["--history"]  # type: ignore[index]
