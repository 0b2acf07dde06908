"""kill -9 of the kernel at the worst moments, then a new kernel: everything can be come back to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
from engine_server import Serving, serving
from fault_proxy import FaultProxy
from faults import Stall

from nemo_notebook import examples

from .conftest import Kernel

MEDIA = examples.folder() / "media"
PATIENCE_S = 60.0


@dataclass
class Place:
    """An engine that outlives kernels, a proxy before it, and a home that kernels share."""

    engine: Serving
    proxy: FaultProxy
    folder: Path

    def kernel(self) -> Kernel:
        return loaded(self.folder)

    def uploads(self) -> list[str]:
        rows = self.engine.store.media(self.session_id)
        return [row.filename for row in rows]

    @property
    def session_id(self) -> str:
        return next(each.path.split("/")[5] for each in self.proxy.log if each.path.startswith("/api/state"))


def loaded(folder: Path) -> Kernel:
    kernel = Kernel(folder)
    kernel.run("%load_ext nemo_notebook")
    return kernel


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with serving(tmp_path / "engine") as engine, FaultProxy(engine.url) as proxy:
        monkeypatch.setenv("NEMO_API_URL", proxy.url)
        monkeypatch.setenv("NEMO_POLL_SECONDS", "0.05")
        yield Place(engine, proxy, tmp_path)


def kill_in_the_middle(kernel: Kernel, code: str, is_there: Callable[[], bool]) -> None:
    """Run a cell and kill the kernel as soon as the moment is there."""
    kernel.client.execute(code)
    deadline_s = time.monotonic() + PATIENCE_S
    while not is_there():
        assert time.monotonic() < deadline_s, "the moment never came"
        time.sleep(0.01)
    kernel.kill()


def stalled(proxy: FaultProxy, path: str, count: int, *, request: bool = False) -> Callable[[], bool]:
    """Whether a transfer of that path has come to where it stalls."""

    def is_there() -> bool:
        found = [each for each in proxy.log if path in each.path and each.fault is not None]
        return any((each.request_bytes if request else each.response_bytes) >= count for each in found)

    return is_there


def test_killed_in_mid_chat__the_change_is_told_by_the_next_kernel(place: Place) -> None:
    first = place.kernel()
    first.run("%nemo connect --name Evening")
    _film(first)
    sent = place.proxy.passed("/run_sse")
    place.proxy.plan(Stall(300), "/run_sse")
    kill_in_the_middle(first, '%nemo chat add a title "Killed" for 3 s', stalled(place.proxy, "/run_sse", 300))
    second = place.kernel()
    listed = second.run("%nemo sessions").text
    assert "Evening" in listed
    assert "Killed" in listed
    assert "turn_3 " in second.run("%nemo jobs").text
    cell = second.run("%nemo resume")
    assert 'Title added: "Killed" (0-3s)' in cell.text, cell.text
    assert place.proxy.passed("/run_sse") == sent + 1
    assert "open" not in second.run("%nemo jobs").text
    second.close()


def test_killed_in_mid_upload__only_what_is_missing_is_sent(place: Place) -> None:
    first = place.kernel()
    first.run("%nemo connect")
    place.proxy.plan(Stall(20_000, "request"), "/api/upload")
    song = (MEDIA / "song.mp3").as_posix()
    kill_in_the_middle(first, f"%nemo upload {song}", stalled(place.proxy, "/api/upload", 20_000, request=True))
    second = place.kernel()
    assert "song.mp3" in second.run("%nemo resume").text
    assert place.uploads() == ["song.mp3"]
    passed = place.proxy.passed("/api/upload")
    assert "was there already" in second.run(f"%nemo upload {song}").text
    assert place.proxy.passed("/api/upload") == passed
    # and where the service has taken all of it, but the answer was never heard
    clip = next(MEDIA.glob("*.mp4")).as_posix()
    place.proxy.plan(Stall(0), "/api/upload")
    kill_in_the_middle(second, f"%nemo upload {clip}", lambda: len(place.uploads()) == 2)
    passed = place.proxy.passed("/api/upload")
    third = place.kernel()
    assert "was there already" in third.run("%nemo resume").text
    assert (len(place.uploads()), place.proxy.passed("/api/upload")) == (2, passed)
    third.close()


def _film(kernel: Kernel) -> None:
    kernel.run(f"%nemo upload {MEDIA.as_posix()}/song.mp3")
    kernel.run("%nemo chat make a music video with a visualizer")


def test_killed_in_mid_render__the_render_goes_on_and_is_saved_by_the_next_kernel(place: Place) -> None:
    first = place.kernel()
    _film(first)
    kill_in_the_middle(first, "%nemo export film.mp4 --quality low", lambda: place.proxy.passed("/lambda/render_") > 1)
    assert not (place.folder / "film.mp4").exists()
    second = place.kernel()
    assert "<video" in second.run("%nemo resume").html
    with av.open(str(place.folder / "film.mp4")) as film:
        assert film.duration / 1e6 > 5
    submitted = [each for each in place.proxy.log if each.path == "/api/render/proxy/lambda"]
    assert len(submitted) == 1
    second.close()


def test_killed_in_mid_download__no_half_film_is_there_and_the_whole_one_comes(place: Place) -> None:
    first = place.kernel()
    _film(first)
    place.proxy.plan(Stall(60_000), "/film.mp4")
    kill_in_the_middle(first, "%nemo export film.mp4 --quality low", stalled(place.proxy, "/film.mp4", 60_000))
    assert not (place.folder / "film.mp4").exists()
    second = place.kernel()
    assert "<video" in second.run("%nemo resume").html
    job = next(each.path.split("/")[-1] for each in place.proxy.log if "/lambda/render_" in each.path)
    rendered = place.engine.api.exports.path(place.engine.store.jobs.find(job))  # type: ignore[arg-type]
    assert (place.folder / "film.mp4").read_bytes() == rendered.read_bytes()
    second.close()


def test_killed_with_its_own_engine__the_render_is_taken_up_by_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEMO_API_URL", raising=False)
    first = loaded(tmp_path)
    first.run("%nemo connect --backend local")
    _film(first)
    job = first.run("%nemo export film.mp4 --quality low --no-wait").text
    assert "%nemo resume render_" in job
    first.kill()
    second = loaded(tmp_path)
    assert "<video" in second.run("%nemo resume").html
    assert (tmp_path / "film.mp4").stat().st_size > 10_000
    assert "done" in second.run("%nemo jobs").text
    second.close()
