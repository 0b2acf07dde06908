"""A pytest plugin: when the tests are through, everything that they put out is searched for tokens.

What is searched: what each test printed and logged, how it failed, what tests read of such output and of their child
processes' output, the child processes' arguments, the addresses of all requests, warnings, and every file below the
base temporary directory: homes, databases, logs, notebooks, half files, transcripts of kernels and browsers.

What is looked for: the planted token, whole or cut, and whatever has the form of a real one, such as those of the local
engine. One hit fails the run. A token may lie in `tokens.json`, where it is kept, if only its owner can read it, and in
what a test has named with `may_hold_secret`.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from planted import PLANTED

_CUT: Final = PLANTED.removeprefix("nmv_usr_")[:16]
_FORM: Final = re.compile(rf"nmv_usr_[A-Za-z0-9_-]{{20,}}|clm_[A-Za-z0-9_-]{{16,}}|{_CUT}[0-9a-f]*")
_FORM_BYTES: Final = re.compile(_FORM.pattern.encode("ascii"))
_BEGINNINGS: Final = (b"nmv_usr_", b"clm_", _CUT.encode("ascii"))
_CHUNK_BYTES: Final = 4 << 20
_OVERLAP_BYTES: Final = 64  # a token that lies across two chunks is whole in one of them
_KEPT: Final = "tokens.json"
_FOUND: Final = "secret_search"


class SecretSearch:
    """Gathers what is put out during one run, and what of it held a secret."""

    def __init__(self) -> None:
        self.allowed: list[Path] = []
        self._hits: dict[str, None] = {}
        self._outputs = self._files = self._bytes = 0
        self._has_workers = False
        self._test = "outside of tests"
        self._taps = pytest.MonkeyPatch()

    def look(self, text: str | bytes, where: str) -> None:
        """Search one piece of output."""
        if text:
            self._outputs += 1
            if (_FORM_BYTES if isinstance(text, bytes) else _FORM).search(text):
                self._hit(where)

    def _hit(self, where: str) -> None:
        self._hits[_FORM.sub("…", where)] = None

    # What tests take in themselves, so that pytest never sees it

    def tap(self) -> None:
        """Look at captured output that a test reads, at child processes, and at the addresses of requests."""
        self._tap_results(pytest.CaptureFixture, "readouterr", "output that the test read")
        self._tap_results(subprocess.Popen, "communicate", "output of a child process")
        self._tap_calls(subprocess.Popen, lambda child: str(child.args), "arguments of a child process")
        self._tap_calls(httpx.Request, lambda request: str(request.url), "address of a request")

    def untap(self) -> None:
        """Take that back."""
        self._taps.undo()

    def _tap_results(self, kind: Any, name: str, what: str) -> None:
        original = getattr(kind, name)

        def tapped(*args: Any, **options: Any) -> Any:
            result = original(*args, **options)
            for piece in result:
                self.look(piece or "", f"{self._test}: {what}")
            return result

        self._taps.setattr(kind, name, tapped)

    def _tap_calls(self, kind: Any, words: Callable[[Any], str], what: str) -> None:
        original = kind.__init__

        def tapped(made: Any, *args: Any, **options: Any) -> None:
            original(made, *args, **options)
            self.look(words(made), f"{self._test}: {what}")

        self._taps.setattr(kind, "__init__", tapped)

    # What pytest tells

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._test = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.look(report.longreprtext, f"{report.nodeid}: how it failed")
        if report.when == "teardown":  # it has the sections of all phases
            self.look(report.nodeid, f"{report.nodeid}: its name")
            for name, content in report.sections:
                self.look(content, f"{report.nodeid}: {name}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.look(report.longreprtext, f"{report.nodeid}: how its collection failed")

    def pytest_warning_recorded(self, warning_message: Any, nodeid: str) -> None:
        self.look(str(warning_message.message), f"{nodeid}: a warning")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker process has found, where tests run in several."""
        self._has_workers = True
        found = getattr(node, "workeroutput", {}).get(_FOUND)
        if found is not None:
            self._hits.update(dict.fromkeys(found["hits"]))
            self._outputs, self._files = self._outputs + found["outputs"], self._files + found["files"]
            self._bytes += found["bytes"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Search the files, now that all fixtures are down; a hit fails a run that went well."""
        base = getattr(getattr(session.config, "_tmp_path_factory", None), "_basetemp", None)
        if base is not None and not self._has_workers:  # these know what may lie where, and have looked
            self._look_through(base)
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            counts = {"outputs": self._outputs, "files": self._files, "bytes": self._bytes}
            output[_FOUND] = {"hits": list(self._hits), **counts}
        if self._hits and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        searched = f"{self._outputs:,} outputs and {self._files:,} files ({self._bytes / 1e6:.0f} MB)"
        found = f"{len(self._hits)} hit{'' if len(self._hits) == 1 else 's'}"
        terminalreporter.write_line(f"planted token: searched {searched}: {found}", red=bool(self._hits))
        for where in self._hits:
            terminalreporter.write_line(f"  a token is seen in {where}", red=True)

    # Files

    def _look_through(self, base: Path) -> None:
        allowed = {path.resolve() for path in self.allowed}
        for folder, names, files in os.walk(base):
            names[:] = [name for name in names if not allowed or Path(folder, name).resolve() not in allowed]
            for path in (Path(folder, name) for name in files):
                if not allowed or path.resolve() not in allowed:
                    self._look_into(path, base)

    def _look_into(self, path: Path, base: Path) -> None:
        try:
            about = path.lstat()
            if not stat.S_ISREG(about.st_mode):
                return
            hit = any(_FORM_BYTES.search(chunk) for chunk in self._suspicious(path))
        except OSError:  # it is gone meanwhile, or nobody may read it
            return
        self._files += 1
        is_private = os.name != "posix" or not about.st_mode & 0o077
        if _FORM.search(path.name) or (hit and not (path.name == _KEPT and is_private)):
            self._hit(str(path.relative_to(base)))

    def _suspicious(self, path: Path) -> Iterator[bytes]:
        """The stretches of a file that hold the beginning of a token; constant memory."""
        tail = b""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                self._bytes += len(chunk)
                stretch = tail + chunk
                if any(beginning in stretch for beginning in _BEGINNINGS):
                    yield stretch
                tail = stretch[-_OVERLAP_BYTES:]


_RUN: Final = pytest.StashKey[SecretSearch]()


def pytest_configure(config: pytest.Config) -> None:
    search = config.stash[_RUN] = SecretSearch()
    config.pluginmanager.register(search, "secret-search-of-this-run")
    search.tap()


def pytest_unconfigure(config: pytest.Config) -> None:
    config.stash[_RUN].untap()


@pytest.fixture
def may_hold_secret(pytestconfig: pytest.Config) -> Callable[[Path], Path]:
    """Names a file or a folder in which a token lies on purpose, and hands it back. Say why where it is used."""

    def allow(path: Path) -> Path:
        pytestconfig.stash[_RUN].allowed.append(path)
        return path

    return allow
