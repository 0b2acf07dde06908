"""What tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cloud_service import Manners
from engine_server import Serving, serving
from media_files import write_video
from visitor import Visitor

from nemo_notebook.engine import exports
from nemo_notebook.engine.store import Store


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of tests that are coroutines."""
    return "asyncio"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    pair = Store(tmp_path), Store(tmp_path)
    yield pair
    for store in pair:
        store.close()


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An engine for all tests of a module, with the manners that it names."""
    with serving(tmp_path_factory.mktemp("served"), getattr(request.module, "MANNERS", Manners())) as running:
        yield running


@pytest.fixture
def http(server: Serving) -> Iterator[Visitor]:
    with Visitor(server.url, server.token) as opened:
        yield opened


@pytest.fixture
def session_id(http: Visitor) -> str:
    return http.begin()


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A clip of two seconds."""
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_video(path, frames=60)
    return path.read_bytes()


@pytest.fixture
def quick_pulse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines that give signs of life fifty times a second."""
    monkeypatch.setattr(exports, "BEAT_S", 0.02)
