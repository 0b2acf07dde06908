"""What this process may use of the machine, and how many workers the engine has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cases import cases

from nemo_notebook import settings
from nemo_notebook.errors import UsageError


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of eight cores without limits; its control groups are in the folder that is given."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    for name in ("CPU_LIMIT", "NEMO_ENGINE_WORKERS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "_CGROUPS", tmp_path)
    monkeypatch.setattr(settings, "_OWN_CGROUPS", tmp_path / "own")
    return tmp_path


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_cores__are_those_of_the_machine_where_nothing_limits_them(machine: Path) -> None:
    assert settings.cores() == 8


def test_cores__are_those_that_the_process_is_bound_to(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 5, 6}, raising=False)
    assert settings.cores() == 3


def test_cores__are_known_where_processes_are_not_bound(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    assert settings.cores() == 8


@cases
def test_cpu_limit__counts_where_it_is_one(
    machine: Path, monkeypatch: pytest.MonkeyPatch, limit: str, cores: int
) -> None:
    monkeypatch.setenv("CPU_LIMIT", limit)
    assert settings.cores() == cores


@cases
def test_control_groups_of_version_2__count_with_those_above(
    machine: Path, group: str, own: str, above: str, cores: int
) -> None:
    put(machine / "own", f"0::{group}\n")
    put(machine / group.strip("/") / "cpu.max", own)
    if above:
        put(machine / "user" / "cpu.max", above)
    assert settings.cores() == cores


@pytest.mark.parametrize("group", ["/", "/docker/0123"])
def test_control_groups_of_version_1__count(machine: Path, group: str) -> None:
    put(machine / "own", f"12:pids:/\n4:cpu,cpuacct:{group}\n3:cpuset:/\n")
    folder = machine / "cpu" / group.strip("/")
    put(folder / "cpu.cfs_quota_us", "150000\n")
    put(folder / "cpu.cfs_period_us", "50000\n")
    assert settings.cores() == 3
    put(folder / "cpu.cfs_quota_us", "-1\n")
    assert settings.cores() == 8


def test_a_path_of_the_host__is_looked_for_no_further_than_its_container(machine: Path) -> None:
    put(machine / "own", "4:cpu,cpuacct:/kubepods/pod1/0123\n")
    put(machine / "cpu" / "cpu.cfs_quota_us", "200000")
    put(machine / "cpu" / "cpu.cfs_period_us", "100000")
    assert settings.cores() == 2


def test_cores__are_the_least_of_all(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(machine / "own", "0::/\n")
    put(machine / "cpu.max", "400000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    assert settings.cores() == 4
    monkeypatch.setenv("CPU_LIMIT", "3")
    assert settings.cores() == 3


def test_engine_workers__are_as_many_as_cores(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CPU_LIMIT", "3")
    assert settings.engine_workers() == 3
    monkeypatch.setattr(os, "cpu_count", lambda: 500)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(500)), raising=False)
    monkeypatch.delenv("CPU_LIMIT")
    assert settings.engine_workers() == settings.MOST_WORKERS


@pytest.mark.parametrize(("own", "workers"), [("1", 1), (" 5 ", 5), ("64", 64), ("  ", 8)])
def test_engine_workers__are_what_was_set(
    machine: Path, monkeypatch: pytest.MonkeyPatch, own: str, workers: int
) -> None:
    monkeypatch.setenv("NEMO_ENGINE_WORKERS", own)
    assert settings.engine_workers() == workers


@pytest.mark.parametrize("own", ["0", "65", "-1", "1.5", "two", "1e1", "²", "9" * 40])
def test_engine_workers__that_are_none_are_told(machine: Path, monkeypatch: pytest.MonkeyPatch, own: str) -> None:
    monkeypatch.setenv("NEMO_ENGINE_WORKERS", own)
    with pytest.raises(UsageError, match="NEMO_ENGINE_WORKERS") as caught:
        settings.engine_workers()
    assert "1 to 64" in caught.value.hint


@cases
def test_model__is_an_address_in_full(url: str, base: str) -> None:
    model = settings.model(url, "small 模型")
    assert model is not None
    assert model.url == base
    assert settings.ModelAddress.from_headers({k: str(v) for k, v in model.headers().items()}) == model


@pytest.mark.parametrize("url", ["", "none"])
def test_model__is_none_unless_asked_for(url: str) -> None:
    assert settings.model(url) is None


@cases
def test_model__elsewhere_or_nowhere_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        settings.model(url)
    assert "pw" not in str(caught.value)
