"""A real kernel, driven as a notebook drives it."""

from __future__ import annotations

import json
import os
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from jupyter_client.manager import KernelManager
from stage import Stage

DRAFT = {"d": 3000, "t": [{"tt": 7, "sg": [{"id": "t1", "s": 0, "d": 3000, "m": {"text": "Urban Dreams"}}]}]}


@dataclass
class Cell:
    """What one cell put out, displays as they are after all updates, also those that came after its end."""

    id: str = ""
    streams: str = ""
    displays: list[dict[str, str]] = field(default_factory=list)
    result: dict[str, str] | None = None
    error: list[str] | None = None
    updates: int = 0
    is_idle: bool = False
    is_answered: bool = False
    ended_s: float = 0.0

    @property
    def text(self) -> str:
        """All that can be read, as plain text."""
        return "\n".join([self.streams, *self._shown("text/plain"), *(self.error or [])])

    @property
    def html(self) -> str:
        """All HTML that is shown."""
        return "\n".join(self._shown("text/html"))

    def _shown(self, kind: str) -> list[str]:
        return [data.get(kind, "") for data in [*self.displays, *filter(None, [self.result])]]


class Kernel:
    """Runs cells and gathers what they put out; all that the kernel publishes is written down, to be searched.

    The kernel is that of the folder which `NEMO_TEST_IPYKERNEL` names, if it does, else the installed one.
    """

    def __init__(self, folder: Path, home: Path | None = None, **more: str) -> None:
        home = home or folder / "home"
        home.mkdir(exist_ok=True)
        env = {**os.environ, "NEMO_HOME": str(home), "IPYTHONDIR": str(home / "ipython"), **more}
        if version := os.environ.get("NEMO_TEST_IPYKERNEL"):
            env["PYTHONPATH"] = os.pathsep.join([version, *filter(None, [os.environ.get("PYTHONPATH")])])
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder), env=env)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self._transcript = home / "transcript.jsonl"  # not in the kernel's own folder, whose files cells look at
        self._displays: dict[str, dict[str, str]] = {}
        self._cells: dict[str, Cell] = {}
        while self.reply_to(self.client.kernel_info(), within_s=2) is None:
            pass  # what was asked while the kernel started is answered now, too

    def run(self, code: str, timeout_s: float = 240, cell_id: str = "") -> Cell:
        """Run a cell to its end; front ends name theirs by an id."""
        cell = self.begin(code, cell_id)
        self.until(lambda: cell.is_idle, timeout_s)
        return cell

    def begin(self, code: str, cell_id: str = "") -> Cell:
        """Hand a cell to the kernel and go on.

        The replies of cells that have ended are waited for first: ipykernel 7.0 overlooks a request that comes in
        while it sends one (https://github.com/ipython/ipykernel/pull/1529).
        """
        for ended in [cell for cell in self._cells.values() if cell.is_idle and not cell.is_answered]:
            assert self.reply_to(ended.id) is not None, "a cell has ended without a reply"
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content["allow_stdin"] = self.client.allow_stdin
        message = self.client.session.msg(
            "execute_request", {**content, "stop_on_error": True}, metadata={"cellId": cell_id} if cell_id else {}
        )
        self.client.shell_channel.send(message)
        cell = Cell(message["header"]["msg_id"])
        self._cells[cell.id] = cell
        return cell

    def until(self, is_so: Callable[[], object], timeout_s: float = 60) -> None:
        """Gather output until something is so."""
        deadline_s = time.monotonic() + timeout_s
        while not is_so():
            message = self._next(max(0.1, deadline_s - time.monotonic()))
            cell = self._cells.get(message["parent_header"].get("msg_id", ""))
            if cell is not None:
                self._take(cell, message["msg_type"], message["content"])

    def reply_to(self, request: str, within_s: float = 60) -> dict[str, Any] | None:
        """What the kernel replied to a request; none if it did not."""
        deadline_s = time.monotonic() + within_s
        try:
            while True:
                reply = self.client.get_shell_msg(timeout=max(0, deadline_s - time.monotonic()))
                answered = reply["parent_header"].get("msg_id", "")
                if cell := self._cells.get(answered):
                    cell.is_answered = True
                if answered == request:
                    return reply
        except queue.Empty:
            return None

    def interrupt(self) -> float:
        """Interrupt the running cell; gives when, on the monotonic clock."""
        begun_s = time.monotonic()
        self.manager.interrupt_kernel()
        return begun_s

    def _next(self, timeout_s: float) -> dict[str, Any]:
        message = self.client.get_iopub_msg(timeout=timeout_s)
        with self._transcript.open("a", encoding="utf-8") as transcript:
            transcript.write(json.dumps(message, default=repr) + "\n")
        return message

    def _read_rest(self) -> None:
        """Write down what came after the last cell, or outside of any."""
        try:
            while True:
                self._next(0)
        except queue.Empty:
            self.client.stop_channels()

    def _take(self, cell: Cell, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            cell.streams += content["text"]
        elif kind == "status" and content["execution_state"] == "idle":
            cell.is_idle, cell.ended_s = True, time.monotonic()
        elif kind == "error":
            cell.error = content["traceback"]
        elif kind == "execute_result":
            cell.result = content["data"]
        elif kind == "display_data":
            cell.displays.append(content["data"])
            if key := content.get("transient", {}).get("display_id"):
                self._displays[key] = content["data"]
        elif kind == "update_display_data":
            cell.updates += 1
            shown = self._displays[content["transient"]["display_id"]]
            shown.clear()
            shown.update(content["data"])

    def kill(self) -> None:
        """End the kernel as `kill -9` does."""
        self.manager.provisioner.process.kill()
        self.manager.provisioner.process.wait()
        self._read_rest()
        self.manager.cleanup_resources()

    def close(self) -> None:
        self._read_rest()
        self.manager.shutdown_kernel(now=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with Kernel(tmp_path_factory.mktemp("notebook"), tmp_path_factory.mktemp("kernel-home")) as running:
        yield running


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leave kernels without a network; what they try to reach or to begin is noted in this file."""
    folder = Path(__file__).parent.parent / "support" / "no_network"
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")])))
    monkeypatch.setenv("NEMO_TEST_TRIED", str(tmp_path / "tried"))
    return tmp_path / "tried"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(DRAFT) as playing:
        yield playing


__all__ = ["DRAFT", "Cell", "Kernel"]
