"""What runs and compares the notebooks is able to find fault."""

from __future__ import annotations

import copy
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from binder_visit import changed, differences
from cases import cases
from notebook_facts import NOTEBOOKS, Page
from offline import GUARD, offline

VISIT: dict[str, Any] = {
    "name": "music-to-a",
    "table": "<table>",
    "draft": '{"t": []}',
    "files": {"film.mp4": "aa", "film.mid": "bb"},
    "outputs": [[{"text/plain": "a\nb", "text/html": "<p>"}], [{"text": "12\n"}]],
}


@pytest.fixture
def server() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_differences__of_the_same_are_none() -> None:
    assert not list(differences(VISIT, copy.deepcopy(VISIT)))


@cases
def test_differences__are_told(path: tuple[str | int, ...], value: Any, told: str) -> None:
    other = copy.deepcopy(VISIT)
    place: Any = other
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    (line,) = differences(VISIT, other)
    assert told in line


def test_changed__names_the_cells_that_say_something_else() -> None:
    page = Page(NOTEBOOKS / "music-to-a.ipynb")
    seen = [[output.get("data") or {"text": output["text"]} for output in cell["outputs"]] for cell in page.code]
    assert not changed({"outputs": seen}, page)
    (film,) = [number for number, cell in enumerate(seen) for output in cell if "<video" in str(output)]
    seen[film][-1] = {"text/plain": "music-to-a.mp4 (18.0 s, 854×480, 99.9 MB)"}
    assert not changed({"outputs": seen}, page), "an encoder's size is its own affair"
    seen[1] = []
    assert changed({"outputs": seen}, page) == [2]


def reach(folder: Path, host: str, port: int) -> subprocess.CompletedProcess[str]:
    """Try to connect from a Python that is kept from it."""
    (folder / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    code = f"import socket; socket.socket().connect(({host!r}, {port}))"
    env = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True, env=env)


def test_guard__lets_through_what_stays_here(tmp_path: Path, server: int) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert reach(tmp_path, host, server).returncode == 0


def test_guard__stops_what_would_leave(tmp_path: Path) -> None:
    assert "Network is unreachable" in reach(tmp_path, "192.0.2.1", 53).stderr
    assert "Network is unreachable" in reach(tmp_path, "example.org", 443).stderr


def test_guard__looks_up_no_name_but_ours(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(GUARD, encoding="utf-8")
    code = "import socket\nsocket.getaddrinfo('localhost', 80)\nsocket.getaddrinfo('example.org', 443)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True, env=env)
    assert "line 3" in done.stderr
    assert "Name or service not known" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has network namespaces")
def test_offline__cuts_the_network_off_and_gives_the_exit_status() -> None:
    code = (
        "import socket, sys\n"
        "with socket.create_server(('127.0.0.1', 0)) as here:\n"
        "    socket.create_connection(here.getsockname(), 2).close()\n"
        "try:\n"
        "    socket.create_connection(('192.0.2.1', 53), 2)\n"
        "except TimeoutError:\n"
        "    sys.exit(1)\n"
        "except OSError:\n"
        "    sys.exit(7)\n"
    )
    assert subprocess.run(offline(sys.executable, "-c", code), capture_output=True, check=False).returncode == 7
