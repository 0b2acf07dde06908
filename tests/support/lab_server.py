"""A JupyterLab on loopback, with a home of its own."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

TOKEN = "for-this-test"
SETTINGS = Path("lab", "user-settings", "@jupyterlab", "apputils-extension")
PATIENCE_S = 60


@contextlib.contextmanager
def lab_server(folder: Path, home: Path, base: str = "/") -> Iterator[str]:
    """Serve a folder; gives the address, whose paths all begin with `base`.

    Args:
        folder: Where notebooks are.
        home: What belongs to the server and its kernels alone.
        base: The path of the server on its host.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (home / SETTINGS).mkdir(parents=True)
    (home / SETTINGS / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    env = {**os.environ, "NEMO_HOME": str(home / "nemo"), "IPYTHONDIR": str(home / "ipy")}
    env |= {"JUPYTER_CONFIG_DIR": str(home), "JUPYTERLAB_SETTINGS_DIR": str(home / "lab" / "user-settings")}
    env["NEMO_RECOVER_SECONDS"] = "1"  # before a turn is looked at again, where people wait half a minute
    if version := os.environ.get("NEMO_TEST_IPYKERNEL"):
        env["PYTHONPATH"] = os.pathsep.join([version, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--port-retries=0"]
    command += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", f"--ServerApp.base_url={base}"]
    command += [f"--{app}.expose_app_in_browser=True" for app in ("LabApp", "JupyterNotebookApp")]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}{base}".rstrip("/")
    try:
        _wait(f"{url}/api?token={TOKEN}", server)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            assert server.poll() is None, "the server ended"
            assert time.monotonic() < deadline_s, "the server did not start"
            time.sleep(0.1)
        else:
            return
