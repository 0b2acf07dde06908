from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nemo_notebook import errors
from nemo_notebook.client.service import RenderStatus
from nemo_notebook.session import tape_previews
from nemo_notebook.session.backend import Backend
from nemo_notebook.session.tape_previews import with_previews
from nemo_notebook.tapes.format import Answer, Exchange, MediaRef, Medium, Request, Tape, new_header
from nemo_notebook.tapes.names import Names

_DRAFT = {"t": [1, 2, 3]}


def exchange(number: int, method: str, path: str, answer: Answer, json: Any = None) -> Exchange:
    return Exchange(number, "In [1]", number, number, 1.0, Request(method, path, {}, {}, json=json), answer)


def tape(film_at: str) -> Tape:
    """One with a film that was too large for it."""
    job = {"id": "render_tape_1", "sessionId": "session-tape-1", "draft": _DRAFT, "output": {}}
    status = {"success": True, "data": {"status": "completed", "output": {"url": "https://media.tape/1/film.mp4"}}}
    film = Medium("f" * 64, 10_000, "video/mp4", "film.mp4", None, "larger than 0.0 MB: not kept")
    header = new_header(now_s=1e9, package="0", backend="local", title="", keep_bytes=1000)
    exchanges = (
        exchange(1, "POST", "/api/render/proxy/lambda", Answer(200, {}, json={}), job),
        exchange(2, "GET", "/api/render/proxy/lambda/render_tape_1", Answer(200, {}, json=status)),
        exchange(3, "GET", film_at, Answer(200, {}, media=MediaRef(film.sha256, film.size_bytes))),
    )
    return Tape(header, exchanges, {film.sha256: film})


class Engine:
    """Renders previews of some bytes."""

    preview = b"a preview"
    submitted: list[tuple[Any, ...]]

    def __init__(self, *_: object, **__: object) -> None:
        Engine.submitted = []

    async def submit_render(self, *job: object) -> None:
        self.submitted.append(job)

    async def render_status(self, _: str) -> RenderStatus:
        return RenderStatus("completed", 100.0, "https://x/f.mp4")

    async def download(self, _: str, __: str, target: Path) -> None:
        target.write_bytes(self.preview)

    async def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape_previews, "Service", Engine)


def previewed(before: Tape) -> Tape:
    names = Names()
    names.placeholder("session", "the-real-session")
    return asyncio.run(with_previews(before, names, Backend("http://127.0.0.1:9", is_local=True)))


@pytest.mark.parametrize("film_at", ["https://media.tape/1/film.mp4", "/api/render/proxy/render_tape_1/download"])
def test_preview__takes_the_place_of_a_film(film_at: str) -> None:
    after = previewed(tape(film_at))
    film = after.media["f" * 64]
    assert film.data is None
    assert after.media[film.preview].data == Engine.preview
    session_id, draft, output, render_id = Engine.submitted[0]
    assert (session_id, draft, output) == ("the-real-session", _DRAFT, {"preview": True})
    assert render_id.startswith("preview_")


def test_preview__that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "preview", b"x" * 1001)
    before = tape("https://media.tape/1/film.mp4")
    assert previewed(before) == before
    assert len(Engine.submitted) == 1


def test_preview__stands_for_no_other_type_of_file() -> None:
    before = tape("https://media.tape/1/film.mp4")
    job = replace(before.exchanges[0].request, json={**before.exchanges[0].request.json, "output": {"format": "wav"}})
    sound = replace(before, exchanges=(replace(before.exchanges[0], request=job), *before.exchanges[1:]))
    assert previewed(sound) == sound
    assert not Engine.submitted


def test_film__of_which_nothing_is_known_gets_none() -> None:
    before = tape("https://media.tape/9/other.mp4")
    assert previewed(before) == before
    kept = replace(before, media={sha: replace(film, data=b"x") for sha, film in before.media.items()})
    assert previewed(kept) == kept
    assert not Engine.submitted


def test_engine__that_fails_is_no_reason_to_lose_the_tape(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise errors.SessionNotFound("It is gone.")

    monkeypatch.setattr(Engine, "submit_render", refuse)
    before = tape("https://media.tape/1/film.mp4")
    assert previewed(before) == before
