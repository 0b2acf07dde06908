"""A film is made again from its edits alone, to the byte, at each of its versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cases import cases
from engine_server import Serving
from media_files import RATE, drums, write_sound, write_video
from PIL import Image
from voices import RATE as VOICE_RATE, make_speech

import nemo_notebook as nemo
from nemo_notebook.engine import conversation, store as drafts
from nemo_notebook.film.edit import replay
from nemo_notebook.film.model import MediaItem, Version

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    write_sound(folder / "song.mp3", drums(120, 12.0)[0], RATE, codec="libmp3lame", tags={"title": "Night Drive"})
    write_video(folder / "city.mp4", frames=150, sound_s=5.0)
    write_video(folder / "sea.mp4", frames=120)
    Image.linear_gradient("L").convert("RGB").resize((320, 200)).save(folder / "photo.png")
    write_sound(folder / "voice.wav", make_speech([0.4, 0.3])[0], VOICE_RATE, codec="pcm_s16le")
    return folder


@contextmanager
def opened(server: Serving, monkeypatch: pytest.MonkeyPatch, **how: Any) -> Iterator[nemo.Session]:
    monkeypatch.setenv("NEMO_TOKEN", server.token)
    with nemo.connect(backend=server.url, **how) as session:
        yield session


def line(server: Serving, session: str) -> tuple[list[Version], list[MediaItem]]:
    """How the draft that holds was made, as it is read from the service, and the uploads."""
    rows = server.store.media(session)
    return server.store.drafts.versions(session), list(server.api.analyses.items(rows))


def bytes_of(draft: Any) -> str:
    return json.dumps(draft, ensure_ascii=False)


def check(server: Serving, session: str) -> list[Version]:
    """Hold the film that is made again against the one that is kept, at each version."""
    versions, media = line(server, session)
    again = replay(versions, media)
    sql = "SELECT json FROM draft WHERE session_id = ? AND version = ?"
    for version, draft in zip(versions, again, strict=True):
        (row,) = server.store._db.read(sql, session, version.number)
        assert bytes_of(draft) == row["json"], version
    return versions


@cases
def test_conversation__is_made_again_from_its_edits(
    server: Serving, files: Path, monkeypatch: pytest.MonkeyPatch, uploads: tuple[str, ...], messages: tuple[str, ...]
) -> None:
    with opened(server, monkeypatch) as session:
        session.upload(*(files / name for name in uploads))
        for message in messages:
            session.chat(message)
        assert server.store.drafts.history(session.id).version > 0.9 * len(messages)  # nearly all changed something
        assert sum(len(version.edits) for version in check(server, session.id)) > 10


def test_edits_of_all_kinds__are_made_again(server: Serving, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(server, monkeypatch) as session:
        assert session.chat("compose a dark track, 10 seconds").timeline.is_ready  # named after its mood
        session.chat("放慢一点")
        session.upload(files / "city.mp4")
        session.chat("use my clips")
        session.upload(files / "sea.mp4", files / "voice.wav", files / "song.mp3")
        film = session.film
        with film.batch():
            film.add_shot(media="sea.mp4", place="start", duration_s=2)
            film.titles.add("Urban Dreams", start_s=0, end_s=3)
            film.titles.add("第二", start_s=3, end_s=4, color="#ff8800")
        film.sounds.add("voice.wav", role="speech", at_s=0.5)
        film.music.volume = 0.35
        (shot, *_) = film.shots
        shot.trim(end_s=1.5)
        session.edit([{"edit": "set_volume", "volume": 0}, {"edit": "set_volume", "restore": True}])
        there = session.history()[0].number
        session.edit("set_look", filter="sepia")
        session.undo()
        session.redo()
        session.restore(there)
        session.edit("set_title", target={"number": -1}, size="larger")
        session.edit("remove", target={"kind": "title", "touched": True})
        session.edit("use_song", media="song.mp3")
        frame = session.timeline().frame
        frame.loc[frame.kind == "text", "text"] = "From the table"
        earlier = session.apply(frame).timeline
        session.chat("make it black and white")
        session.apply(earlier)  # put in whole
        session.chat("make it warmer")
        versions = check(server, session.id)
        assert [version.origin for version in versions].count("edit") >= 5
        assert versions[0].uploads == 0 < versions[2].uploads < versions[-1].uploads
        assert not any(name in str([version.edits for version in versions]) for name in ("sea.mp4", "song.mp3"))
        (put,) = [version for version in versions[-3:] if version.draft is not None]
        assert put.draft == earlier.draft


def test_history_whose_beginning_was_let_go__is_made_again_from_there(
    server: Serving, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "MOST_KEPT", 4)
    with opened(server, monkeypatch) as session:
        session.upload(files / "city.mp4", files / "sea.mp4")
        for message in ("use my clips", "make it sepia", 'add a title "Hi" for 1 second', "bigger", "make it red"):
            session.chat(message)
        versions = check(server, session.id)
        assert [version.number for version in versions] == [2, 3, 4, 5]
        assert [version.draft is None for version in versions] == [False, True, True, True]


def test_beginning_that_is_gone_back_to__is_kept_when_something_else_follows(
    server: Serving, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(server, monkeypatch) as session:
        session.upload(files / "city.mp4")
        session.chat("use my clips")
        session.undo()
        session.chat("compose a dark track, 5 seconds")
        (version,) = check(server, session.id)
        assert (version.number, version.draft) == (3, None)
        assert [step.number for step in session.history()] == [3, 0]
        assert not session.undo().timeline.is_ready


def test_situation__knows_what_was_said_last_with_its_edits(
    server: Serving, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(server, monkeypatch) as session:
        session.upload(files / "city.mp4")
        messages = ["use my clips", *(f'add a title "T{number}" for 1 second' for number in range(drafts.RECENT))]
        for message in messages:
            session.chat(message)
        session.edit("set_look", filter="sepia")
        row = server.store.session(session.id, server.store.session_user(session.id))
        assert row is not None
        recent = conversation.situation_of(row, server.store.drafts.around(session.id), ()).recent
        assert [version.said for version in recent] == [*messages[-drafts.RECENT + 1 :], ""]
        assert [version.edits[0]["edit"] for version in recent] == ["add_title"] * (drafts.RECENT - 1) + ["set_look"]
        assert recent[0].edits[0]["text"] == f"T{1}"
        session.undo()
        recent = conversation.situation_of(row, server.store.drafts.around(session.id), ()).recent
        assert [version.said for version in recent] == messages[-drafts.RECENT :]
