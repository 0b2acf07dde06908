from __future__ import annotations

import os
from pathlib import Path

import pytest
from cases import cases
from hypothesis import given, strategies as st

from nemo_notebook.notebook import defaults
from nemo_notebook.notebook.defaults import CHOICES, Defaults, project_defaults


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in the user's home; what is written into it is its `pyproject.toml`."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    folder = tmp_path / "work" / "project"
    (folder / "notebooks" / "deep").mkdir(parents=True)
    return folder


def read(project: Path, text: str | bytes) -> tuple[dict[str, str], list[str]]:
    (project / "pyproject.toml").write_bytes(text.encode() if isinstance(text, str) else text)
    return project_defaults(project / "notebooks" / "deep")


def test_section__of_the_nearest_file_counts(project: Path) -> None:
    (project.parent / "pyproject.toml").write_text('[tool.nemo]\nquality = "low"\n')
    assert project_defaults(project) == ({"quality": "low"}, [])
    text = '[project]\nname = "x"\n[tool.nemo]\nskill = "music-maker"\nlanguage = "zh-CN"\nresolution = ""\n'
    wanted = {"skill": "music-maker", "language": "zh-CN", "resolution": ""}
    assert read(project, text) == (wanted, [])
    assert read(project, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == (wanted, [])
    assert read(project, '[tool.other]\nquality = "low"\n') == ({}, [])


def test_every_setting__can_be_set_to_each_of_its_values(project: Path) -> None:
    for key, values in CHOICES.items():
        for value in values:
            assert read(project, f'[tool.nemo]\n{key} = "{value}"') == ({key: value}, [])
    Defaults(**read(project, '[tool.nemo]\nbackend = "local"')[0])


@cases
def test_mistake__is_told_in_a_line_and_not_taken(project: Path, line: str, told: str) -> None:
    values, mistakes = read(project, f'[tool.nemo]\nloop = "nest"\n{line}\n')
    assert values == {"loop": "nest"}
    assert len(mistakes) == 1
    assert told in mistakes[0]
    assert "\n" not in mistakes[0]


@pytest.mark.parametrize(
    "address", ["https://evil.example", "http://127.0.0.1:8000", "evil.example", "//evil", "LOCAL:1", "local "]
)
def test_backend__of_a_project_is_never_an_address(project: Path, address: str) -> None:
    values, mistakes = read(project, f'[tool.nemo]\nbackend = "{address}"\n')
    assert values == {}
    assert len(mistakes) == 1


def test_backend__that_is_an_address_says_why_not(project: Path) -> None:
    _, (told,) = read(project, '[tool.nemo]\nbackend = "https://me:sk-secret99@evil.example/?token=abc"\n')
    assert "%config NemoMagics.backend" in told
    assert "anywhere" in told
    assert "sk-secret99" not in told
    assert "evil" not in told


@cases
def test_damaged_file__is_told_in_a_line(project: Path, content: str, told: str) -> None:
    values, (line,) = read(project, content.replace("{deep}", "[" * 50_000).encode("latin-1"))
    assert values == {}
    assert told in line
    assert "\n" not in line
    assert len(line) < 300


def test_file_without_a_section__is_not_even_parsed(project: Path) -> None:
    assert read(project, "this is no TOML") == ({}, [])
    for other in ('[tool.nemothing]\nquality = "low"', "# [tool.nemo]", 'tool = "x"  # [tool.nemo]'):
        assert read(project, other) == ({}, [])


def test_many_mistakes__are_counted(project: Path) -> None:
    keys = "".join(f'"k\\u001b[31m{n}" = 1\n' for n in range(40))
    values, mistakes = read(project, f"[tool.nemo]\n{keys}")
    assert values == {}
    assert len(mistakes) == 6
    assert "35 more" in mistakes[-1]
    assert not any("\x1b" in line for line in mistakes)


def test_search__ends_at_the_home_folder(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.nemo]\nquality = "low"\n')
    assert project_defaults(project) == ({"quality": "low"}, [])
    monkeypatch.setattr(Path, "home", lambda: project)
    assert project_defaults(project / "notebooks") == ({}, [])


def test_search__beside_the_home_goes_up_to_what_both_have_in_common(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "homes" / "me")
    (tmp_path / "pyproject.toml").write_text('[tool.nemo]\nquality = "low"\n')
    assert project_defaults(project) == ({}, [])
    (tmp_path / "work" / "pyproject.toml").write_text('[tool.nemo]\nquality = "low"\n')
    assert project_defaults(project) == ({"quality": "low"}, [])


def test_folder__that_is_gone_or_cannot_be_read_has_no_defaults(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert project_defaults(project / "no" / "such") == ({}, [])
    assert project_defaults(Path("a\0b")) == ({}, [])
    (project / "pyproject.toml").write_text('[tool.nemo]\nquality = "low"\n')

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    values, (line,) = project_defaults(project)
    assert values == {}
    assert "cannot be read: Permission denied" in line


def test_file__that_is_a_pipe_is_not_waited_for(project: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(project / "pyproject.toml")
    assert project_defaults(project) == ({}, [])


@given(st.text(max_size=60), st.sampled_from(list(CHOICES)))
def test_any_value__is_taken_only_if_it_is_a_choice(value: str, key: str) -> None:
    assert (defaults._mistake(key, value) is None) == (value in CHOICES[key])
