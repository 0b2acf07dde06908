"""What the engine knows of where a draft came from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nemo_notebook.engine.analyses import Analyses
from nemo_notebook.engine.editing import Editing
from nemo_notebook.engine.exports import Exports
from nemo_notebook.engine.pool import WorkerPool
from nemo_notebook.engine.store import SessionRow, Store, uploads_in
from nemo_notebook.film.model import MOST_SAID, Version, clean_prompt
from nemo_notebook.film.provenance import MOST_EDITS_TOLD

LONG = "make it slower, " * 500


def draft(*media: str, **meta: Any) -> dict[str, Any]:
    segments = [{"s": 0, "d": 1000, "m": {"role": "clip", "media": each}} for each in media]
    return {"d": 1000, "m": meta, "t": [{"tt": 0, "sg": segments}]}


@pytest.fixture
def session(stores: tuple[Store, Store]) -> SessionRow:
    store, _ = stores
    session = store.create_session("local", "en")
    for name in ("first", "second", "third", "cover"):
        store.add_media(session.id, f"hash of {name}", f"{name}.mp4", {"kind": "video"})
    return session


@pytest.fixture
def edit(stores: tuple[Store, Store], session: SessionRow) -> Callable[[Version], None]:
    def add(made: Version) -> None:
        version = stores[0].drafts.history(session.id).version
        assert stores[0].drafts.add(session.id, draft(title=str(version)), version, made) is not None

    return add


def test_media__are_those_in_the_draft_in_the_order_in_which_they_came(
    stores: tuple[Store, Store], session: SessionRow
) -> None:
    shown = draft("hash of third", "hash of first", "hash of third", "hash of nothing here")
    shown["t"][0]["sg"].append({"s": 0, "d": 9, "m": {"role": "backdrop", "cover": "hash of cover"}})
    assert uploads_in(shown) == {"hash of third", "hash of first", "hash of cover", "hash of nothing here"}
    found = stores[0].provenance(session.id, shown, "music-maker")
    assert [name for name, _ in found.media] == ["first.mp4", "third.mp4", "cover.mp4"]
    assert dict(found.media)["third.mp4"] == "hash of third"
    assert found.skill == "music-maker"


def test_prompts__are_those_that_led_to_the_draft(
    stores: tuple[Store, Store], session: SessionRow, edit: Callable[[Version], None]
) -> None:
    def told() -> tuple[str, ...]:
        return stores[1].provenance(session.id, draft()).prompts

    assert told() == ()
    edit(Version("chat", "make a video", "Done."))
    edit(Version("table", told="Title: 0–3 s → 0–2 s"))
    edit(Version("chat", "black and white"))
    assert told() == ("make a video", "(table) Title: 0–3 s → 0–2 s", "black and white")
    drafts = stores[0].drafts
    drafts.go(session.id, 2, drafts.history(session.id).version)
    assert told() == ("make a video", "(table) Title: 0–3 s → 0–2 s")
    edit(Version("chat", "sepia"))
    assert told() == ("make a video", "(table) Title: 0–3 s → 0–2 s", "sepia")
    drafts.go(session.id, 0, drafts.history(session.id).version)
    assert told() == ()


def test_edits__are_those_of_the_versions_that_led_to_the_draft(
    stores: tuple[Store, Store], session: SessionRow, edit: Callable[[Version], None]
) -> None:
    made = [{"edit": "add_title", "text": str(number)} for number in range(MOST_EDITS_TOLD + 5)]
    edit(Version("chat", edits=made[:2]))
    edit(Version("edit", edits=made[2:3]))
    assert list(stores[1].provenance(session.id, draft()).edits) == made[:3]
    drafts = stores[0].drafts
    drafts.go(session.id, 1, drafts.history(session.id).version)
    assert list(stores[1].provenance(session.id, draft()).edits) == made[:2]
    edit(Version("table", edits=made[2:]))
    found = stores[1].provenance(session.id, draft())
    assert (list(found.edits), found.edits_left_out) == (made[:MOST_EDITS_TOLD], 5)


def test_prompt__is_whole_where_the_history_tells_its_beginning(
    stores: tuple[Store, Store], session: SessionRow, edit: Callable[[Version], None], tmp_path: Path
) -> None:
    edit(Version("chat", clean_prompt(LONG), "Done."))
    (prompt,) = stores[0].provenance(session.id, draft()).prompts
    assert (prompt[:50], len(prompt)) == (LONG[:50], MOST_SAID)
    pool = WorkerPool(1)
    analyses = Analyses(stores[0], pool)
    editing = Editing(stores[0], Exports(stores[0], pool, pool, analyses), analyses)
    shown = asyncio.run(editing.history(session))["drafts"][-1]["said"]
    assert shown.startswith("make it slower,")
    assert len(shown) == 200
