"""A token in a kernel whose user does whatever shows things: verbose tracebacks, logs, reprs, pickles, history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from planted import PLANTED, VARIABLE

if TYPE_CHECKING:
    from .conftest import Cell, Kernel

SETUP = f"""
import logging, os, pickle, sys
os.environ["NEMO_TOKEN"] = os.environ["{VARIABLE}"]
os.environ["NEMO_API_URL"] = "http://127.0.0.1:9"
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)
%load_ext nemo_notebook
%xmode Verbose
"""
BROKEN = """
import httpx, h11, nemo_notebook
def fail(*_, **__):
    raise RuntimeError("a bug below")
kept, {name} = {name}, fail
try:
    nemo_notebook.connect(backend="cloud")
finally:
    {name} = kept
"""
SERVER = """
import http.server, threading
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["NEMO_API_URL"] = f"http://127.0.0.1:{server.server_port}"
"""
WALK = """
import asyncio, nemo_notebook
from nemo_notebook.client.service import Service
from nemo_notebook.session import backend
from nemo_notebook import settings, skills

def parts(thing, depth=0):
    print(repr(thing)[:2000])
    names = set(getattr(thing, "__dict__", ())) | set(getattr(type(thing), "__slots__", ()))
    if depth < 4 and type(thing).__module__.startswith("nemo_notebook"):
        for name in sorted(names):
            part = getattr(thing, name, None)
            if not isinstance(part, str) or not name.startswith("_value"):
                parts(part, depth + 1)

chosen = backend.choose("cloud")
client = nemo_notebook.AsyncClient("cloud")
parts(chosen); parts(client); parts(get_ipython().magics_manager.registry["NemoMagics"])
"""


@pytest.fixture(scope="module", autouse=True)
def ready(kernel: Kernel) -> None:
    assert kernel.run(SETUP).error is None


def shown(cell: Cell) -> str:
    return json.dumps([cell.streams, cell.displays, cell.result, cell.error])


def test_refused_connection__is_told_without_the_token(kernel: Kernel) -> None:
    cell = kernel.run("%nemo connect --backend cloud")
    assert cell.error is not None
    assert "could not be reached" in cell.text
    assert PLANTED not in shown(cell)
    assert "httpcore.connection" in shown(cell)  # the log is loud
    assert PLANTED not in shown(kernel.run("%tb Verbose"))


@pytest.mark.parametrize("name", ["httpx.AsyncClient.send", "h11.Connection.send"])
def test_verbose_traceback_of_a_bug__shows_locals_and_no_token(kernel: Kernel, name: str) -> None:
    assert kernel.run(SERVER).error is None
    cell = kernel.run(BROKEN.replace("{name}", name))
    assert "RuntimeError" in cell.text
    assert PLANTED not in shown(cell)


def test_every_part_of_a_client__has_a_repr_without_the_token(kernel: Kernel) -> None:
    cell = kernel.run(WALK)
    assert cell.error is None
    assert "AsyncClient" in cell.text
    assert PLANTED not in shown(cell)


def test_backend__is_not_pickled_with_its_token(kernel: Kernel) -> None:
    cell = kernel.run("try:\n    print(pickle.dumps(chosen))\nexcept TypeError as error:\n    print(error)")
    assert cell.error is None
    assert PLANTED not in shown(cell)
