"""What `binder/` says of the environment that it makes; `python -m tests binder` makes it."""

from __future__ import annotations

import os
import re
import shlex
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from traitlets.config import PyFileConfigLoader

from nemo_notebook.notebook.extension import NemoMagics

ROOT = Path(__file__).parent.parent
BINDER = ROOT / "binder"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FILES = ["ipython_config.py", "postBuild", "requirements.txt", "runtime.txt"]
COMMANDS = {"set", "pip", "settings=$(python -c 'import sys; print(sys.prefix)')/etc/ipython", "mkdir", "cp"}


def pins() -> dict[str, str]:
    """The packages that are installed, each with its one version."""
    lines = (BINDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line.partition("#")[0].strip() for line in lines]
    matches = {line: re.fullmatch(r"([a-z0-9-]+)==(\d[\w.]*)", line) for line in wanted if line}
    assert all(matches.values()), [line for line, match in matches.items() if not match]
    return {match[1]: match[2] for match in matches.values() if match}


def test_folder__holds_what_is_built_fast_and_nothing_else() -> None:
    assert sorted(path.name for path in BINDER.iterdir() if path.name != "__pycache__") == FILES
    assert not [name for name in ("environment.yml", "Dockerfile", "apt.txt") if (ROOT / name).exists()]


def test_requirements__pin_all_that_the_package_needs() -> None:
    extras = PROJECT["optional-dependencies"]
    for wanted in (*PROJECT["dependencies"], *extras["local"], *extras["lab"]):
        name = re.split(r"[<>=!\[]", wanted)[0]
        assert name in pins(), f"{wanted} is not pinned"


def test_requirements__are_versions_that_the_package_takes() -> None:
    extras, pinned = PROJECT["optional-dependencies"], pins()
    for wanted in (*PROJECT["dependencies"], *extras["local"], *extras["lab"]):
        requirement = Requirement(wanted)
        assert requirement.specifier.contains(pinned[requirement.name]), wanted


def test_files__name_no_host() -> None:
    for name in FILES:
        text = (BINDER / name).read_text(encoding="utf-8")
        assert not re.search(r"://|--(?:extra-)?index-url|--find-links|\bgit\+", text), name


def test_post_build__can_be_run_and_installs_what_is_here_only() -> None:
    path = BINDER / "postBuild"
    assert os.name == "nt" or os.access(path, os.X_OK)
    text = path.read_bytes()
    assert text.startswith(b"#!/usr/bin/env bash\n")
    assert b"\r" not in text
    lines = [line for line in text.decode().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "set -euo pipefail"
    assert {shlex.split(line)[0] for line in lines} == COMMANDS
    assert [line for line in lines if line.startswith("pip")] == ["pip install --no-cache-dir --no-deps ."]


def test_runtime__is_a_python_that_the_package_runs_on() -> None:
    match = re.fullmatch(r"python-3\.(\d+)\n", (BINDER / "runtime.txt").read_text(encoding="utf-8"))
    assert match
    assert f"Programming Language :: Python :: 3.{match[1]}" in PROJECT["classifiers"]


def test_defaults__are_settings_that_there_are() -> None:
    settings = PyFileConfigLoader("ipython_config.py", str(BINDER)).load_config()
    assert set(settings) == {"NemoMagics"}
    for name, value in settings["NemoMagics"].items():
        trait = NemoMagics.class_traits(config=True)[name]
        assert trait.validate(None, value) == value
    assert settings["NemoMagics"]["backend"] == "local", "Binder is no way to a service"


def test_readme__opens_a_notebook_that_there_is() -> None:
    link = re.search(r"^\[binder\]: (\S+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert link
    opened = re.search(r"urlpath=lab/tree/(\S+)$", link[1])
    assert opened
    assert (ROOT / opened[1]).is_file()
