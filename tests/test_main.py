"""The shell's commands, as far as they fail; that they work is shown by the README's own commands."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from cases import cases

from nemo_notebook import __version__
from nemo_notebook.__main__ import main
from nemo_notebook.session import backend
from nemo_notebook.session.results import Media, MediaList


def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if only the core were installed, which in a light environment it is."""
    monkeypatch.setattr(backend, "_NEEDED", ("a_module_that_is_not_there",))
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "jupyterlab" else real(name))


@pytest.mark.parametrize(
    ("command", "extra"), [(["demo"], "local"), (["serve"], "local"), (["lab"], "lab")], ids=["demo", "serve", "lab"]
)
def test_missing_extra__names_what_to_install(
    command: list[str], extra: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without_extras(monkeypatch)
    assert main(command) == 1
    told = capsys.readouterr().err
    assert f'pip install "nemo-notebook[{extra}]"' in told
    assert len(told.strip().splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [("loud.toml", "calm_s = 'x'", "calm_s"), ("odd.toml", "tempo = 3", "tempo"), ("loud", None, "documentary")],
)
def test_a_style__that_cannot_be_is_told_before_anything_begins(
    name: str, text: str | None, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["demo", "--style", str(path) if text else name]) == 1
    told = capsys.readouterr()
    assert words in told.err
    assert "Connecting" not in told.out


def test_auto_backend__without_the_engine_is_the_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    without_extras(monkeypatch)
    assert backend.choose("auto").url == "https://mega-api-prod.nemovideo.ai"


def test_version_and_wrong_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.strip() == __version__
    with pytest.raises(SystemExit) as ended:
        main(["dmeo"])
    assert ended.value.code == 2


@pytest.mark.parametrize("dashes", [[], ["--"]], ids=["", "--"])
def test_lab__hands_on_the_options_of_jupyterlab(
    dashes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[list[str]] = []
    monkeypatch.setattr("importlib.util.find_spec", lambda _: True)
    monkeypatch.setattr("nemo_notebook.examples.working_copy", lambda _: tmp_path)
    monkeypatch.setattr("os.execv", lambda _, command: begun.append(command))
    monkeypatch.setattr("subprocess.call", begun.append)
    main(["lab", *dashes, "--no-browser", "--port", "8899", "--ServerApp.token=x"])
    assert begun[0][-4:] == ["--no-browser", "--port", "8899", "--ServerApp.token=x"]
    assert "--" not in begun[0]


@pytest.mark.parametrize("command", [["demo", "--fast"], ["serve", "--port", "8899", "--no-browser"]])
def test_unknown_options__of_other_commands_are_refused(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(command)
    assert ended.value.code == 2
    assert f"unrecognized arguments: {command[-1]}" in capsys.readouterr().err


def test_interrupt__ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nemo_notebook.session.sync.connect", interrupted)
    assert main(["demo"]) == 130
    assert "Interrupted" in capsys.readouterr().err


class Demo:
    """A session that is given media of certain kinds, and whose timeline stays empty."""

    def __init__(self, *kinds: str) -> None:
        self.media = MediaList(Media(f"file{n}.mp4", kind, 1.0, 0, 0, 0.0, 1, "") for n, kind in enumerate(kinds))
        self.uploaded: tuple[object, ...] = ()
        self.said: list[str] = []

    def upload(self, *files: object, on_progress: object) -> MediaList:
        self.uploaded = files
        return self.media

    def chat(self, message: str) -> SimpleNamespace:
        self.said.append(message)
        return SimpleNamespace(text="Hm.")

    def timeline(self) -> SimpleNamespace:
        return SimpleNamespace(is_ready=False)

    def close(self) -> None:
        pass


@cases
def test_demo__asks_for_what_the_content_of_the_files_is_good_for(
    kinds: tuple[str, ...], words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Demo(*kinds)
    monkeypatch.setattr("nemo_notebook.session.sync.connect", lambda **_: session)
    assert main(["demo", "song.ogg", "https://host.test/clip"]) == 1
    assert session.uploaded == ("song.ogg", "https://host.test/clip")
    assert [words in said for said in session.said] == [True]
    assert '--prompt "create a video' in capsys.readouterr().err


@pytest.mark.skipif(not backend.engine_installed(), reason="needs the local engine")
@cases
def test_demo__of_nothing_usable_says_why_and_what_to_do(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_text("these are no sounds")
    ran = subprocess.run(
        [sys.executable, "-m", "nemo_notebook", "demo", name], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert name in ran.stderr
    assert words in ran.stderr
    assert "   → " in ran.stderr
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.skipif(not backend.engine_installed(), reason="needs the local engine")
def test_demo__of_a_missing_file_is_told(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "nemo_notebook", "demo", "nowhere.mp3"], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert "There is no file nowhere.mp3" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert list(tmp_path.iterdir()) == []
