"""The fixture as its users have it: a project of their own, whose tests run in a pytest of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import wave
from pathlib import Path

import pytest

from nemo_notebook import testing
from nemo_notebook.testing.plugin import tape_of

SUPPORT = Path(__file__).parent.parent / "support"
PLUGIN = "nemo_notebook.testing.plugin"
SUITE = """
import nemo_notebook as nemo
import pytest

def test_title(nemo_tape):
    session = nemo.connect(backend="local")
    assert session.upload("song.wav")[0].kind == "audio"
    assert session.chat('add a title "Urban Dreams" for 3 seconds').text

@pytest.mark.parametrize("words", ["how long is it?", "how long is it!"])
def test_talk(nemo_tape, words):
    assert nemo.connect(backend="local").chat(words).text

def test_context():
    from nemo_notebook.testing import tape
    with tape("tapes/own.nemotape"):
        assert nemo.connect(backend="local").credits().free
"""


def run(folder: Path, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", PLUGIN, "-p", "no:cacheprovider", *options]
    ours = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **env}
    return subprocess.run(command, cwd=folder, env=ours, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose tapes are recorded."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_film.py").write_text(SUITE, encoding="utf-8")
    with wave.open(str(folder / "song.wav"), "wb") as song:
        song.setparams((1, 2, 8000, 0, "NONE", ""))
        song.writeframes(bytes(16_000))
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    done = run(folder, "--nemo-tape=record", NEMO_HOME=str(tmp_path_factory.mktemp("recorder")))
    assert done.returncode == 0, done.stdout
    return folder


def replayed(project: Path, tmp_path: Path, *options: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """The suite without a network; gives what it has tried to reach, too."""
    path = os.pathsep.join(filter(None, [str(SUPPORT / "no_network"), os.environ.get("PYTHONPATH")]))
    tried = tmp_path / "tried"
    done = run(project, *options, PYTHONPATH=path, NEMO_TEST_TRIED=str(tried), NEMO_HOME=str(tmp_path / "home"))
    return done, tried.read_text(encoding="utf-8") if tried.exists() else ""


def test_tapes__lie_beside_the_test_one_for_each(project: Path) -> None:
    names = sorted(path.name for path in (project / "tapes").iterdir())
    assert len(names) == 4
    assert "test_film-test_title.nemotape" in names
    assert sum(name.startswith("test_film-test_talk-how-long-is-it-") for name in names) == 2


def test_replay__passes_without_a_network(project: Path, tmp_path: Path) -> None:
    done, tried = replayed(project, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "4 passed" in done.stdout
    assert tried == ""


def test_other_words__fail_the_test_and_show_the_difference(project: Path, tmp_path: Path) -> None:
    suite = project / "test_other.py"
    suite.write_text(SUITE.replace("for 3 seconds", "for 4 seconds"), encoding="utf-8")
    tape = project / "tapes" / "test_other-test_title.nemotape"
    tape.write_bytes((project / "tapes" / "test_film-test_title.nemotape").read_bytes())
    try:
        done, tried = replayed(project, tmp_path, "test_other.py", "-k", "title")
        assert "1 failed" in done.stdout
        assert "TapeMismatch" in done.stdout
        assert "4 seconds" in done.stdout
        assert "test_other-test_title" in done.stdout
        assert tried == ""
        swallowed = "    try:\n        session.chat('x')\n    except nemo.NemoError:\n        pass\n"
        suite.write_text(re.sub("    assert .*Urban.*\n", swallowed, SUITE), encoding="utf-8")
        done, _ = replayed(project, tmp_path, "test_other.py", "-k", "title")
        assert "TapeMismatch" in done.stdout
        assert done.returncode == 1
    finally:
        suite.unlink()
        tape.unlink()


def test_missing_tape__is_an_error_with_the_way_on(project: Path, tmp_path: Path) -> None:
    suite = project / "test_new.py"
    suite.write_text(SUITE, encoding="utf-8")
    try:
        done, tried = replayed(project, tmp_path, "test_new.py", "-k", "title")
        assert "1 error" in done.stdout
        assert "test_new-test_title.nemotape" in done.stdout
        assert "--nemo-tape=record" in done.stdout
        assert tried == ""
    finally:
        suite.unlink()


@pytest.mark.parametrize(
    ("test", "wanted"),
    [
        ("tests/test_a.py::test_b", r"test_a-test_b"),
        ("tests/test_a.py::TestC::test_b", r"test_a-TestC-test_b"),
        ("tests/test_a.py::test_b[1]", r"test_a-test_b-1-[0-9a-f]{6}"),
        ("tests/test_a.py::test_b[../../x]", r"test_a-test_b-\.\.-\.\.-x-[0-9a-f]{6}"),
        ("tests/test_a.py::test_b[" + "长" * 300 + "]", r"test_a-test_b-[0-9a-f]{6}"),
        ("tests/test_a.py::test_" + "b" * 300, r"test_a-test_b{115}-[0-9a-f]{6}"),
    ],
)
def test_tape_of__is_a_file_in_the_folder_of_tapes(test: str, wanted: str) -> None:
    found = tape_of(Path("tests/test_a.py"), test)
    assert found.parent == Path("tests/tapes")
    assert re.fullmatch(wanted + r"\.nemotape", found.name), found.name


EARLY = """
import nemo_notebook as nemo
from nemo_notebook.testing import tape

def test_early():
    session = nemo.connect(backend="local")
    with tape("tapes/early.nemotape"):
        session.credits()
"""


def test_session_of_before_the_tape__is_told_when_it_is_recorded(project: Path, tmp_path: Path) -> None:
    suite = project / "test_early.py"
    suite.write_text(EARLY, encoding="utf-8")
    try:
        done = run(project, "--nemo-tape=record", suite.name, NEMO_HOME=str(tmp_path / "home"))
        assert "1 passed, 1 warning" in done.stdout
        assert "Nothing was asked on early.nemotape, which was not written" in done.stdout
        assert not (project / "tapes" / "early.nemotape").exists()
    finally:
        suite.unlink()


def test_package__says_where_the_plugin_is() -> None:
    project = tomllib.loads((Path(testing.__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert PLUGIN in project["project"]["entry-points"]["pytest11"].values()


def test_importing__brings_neither_pytest_nor_anything_heavy() -> None:
    code = "import sys, nemo_notebook.testing; print([m for m in ('pytest', 'httpx', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_mode__that_there_is_not_is_refused() -> None:
    with pytest.raises(testing.UsageError, match="no mode 'rewind'"), testing.tape("x.nemotape", mode="rewind"):
        pass
