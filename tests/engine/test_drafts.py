"""The drafts of a session: kept in their order, gone back and forth among, and never edited unseen."""

from __future__ import annotations

import pytest

from nemo_notebook.agent.turn import respond
from nemo_notebook.engine import store as drafts
from nemo_notebook.engine.store import LEAST_KEPT, MOST_KEPT, Store
from nemo_notebook.film.model import Situation, Version

CHAT = Version("chat", "make it", "Made it.")


def begun(store: Store, count: int = 0) -> str:
    """A session with drafts {"d": 1}, {"d": 2}, …"""
    session = store.create_session("local", "en").id
    for number in range(1, count + 1):
        assert store.drafts.add(session, {"d": number}, number - 1, CHAT) == number
    return session


def lengths(store: Store, session: str) -> tuple[list[int], int, list[int]]:
    """The `d` of the drafts before, of the one that holds, and of those after it."""
    around = store.drafts.around(session)
    return [d["d"] for d in around.earlier], around.draft.get("d", 0), [d["d"] for d in around.later]


def test_drafts__are_kept_on_top_of_what_they_were_made_from_only(stores: tuple[Store, Store]) -> None:
    one, other = stores
    session = begun(one, 1)
    assert other.drafts.add(session, {"d": 2}, 0, CHAT) is None
    assert other.drafts.add(session, {"d": 2}, 1, CHAT) == 2
    assert one.drafts.go(session, 1, 1) is None
    assert one.drafts.go_where(session, {"d": 1}, 1, CHAT, forward=False) is None
    assert lengths(one, session) == ([1], 2, [])
    assert one.drafts.add("none", {"d": 1}, 0, CHAT) is None
    assert one.drafts.now("none") == (0, {})


def test_going_back_and_forth__moves_a_pointer_and_the_version_only_grows(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    session = begun(store, 3)
    assert store.drafts.go(session, 1, 3) == 4
    assert store.drafts.now(session) == (4, {"d": 1})
    assert lengths(store, session) == ([], 1, [2, 3])
    assert store.drafts.go(session, 3, 4) == 5
    assert store.drafts.go(session, 3, 5) == 5  # it is there already
    assert lengths(store, session) == ([1, 2], 3, [])


def test_edit_after_going_back__lets_go_of_what_came_after_and_uses_no_number_again(
    stores: tuple[Store, Store],
) -> None:
    store, _ = stores
    session = begun(store, 3)
    store.drafts.go(session, 2, 3)
    assert store.drafts.add(session, {"d": 9}, 4, CHAT) == 5
    assert lengths(store, session) == ([1, 2], 9, [])
    assert [entry.number for entry in store.drafts.history(session).entries] == [0, 1, 2, 5]
    with pytest.raises(LookupError):
        store.drafts.go(session, 3, 5)
    assert store.drafts.now(session) == (5, {"d": 9})


def test_going_to_a_draft__takes_the_nearest_one_in_that_direction(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    session = begun(store)
    for version, length in enumerate((1, 2, 1, 2, 1)):
        store.drafts.add(session, {"d": length}, version, CHAT)
    store.drafts.go(session, 3, 5)
    assert store.drafts.go_where(session, {"d": 2}, 6, CHAT, forward=False) == 7
    assert lengths(store, session) == ([1], 2, [1, 2, 1])
    assert store.drafts.go_where(session, {"d": 2}, 7, CHAT, forward=True) == 8
    assert lengths(store, session) == ([1, 2, 1], 2, [1])


def test_going_to_a_draft__that_was_never_there_adds_it(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    session = begun(store, 2)
    assert store.drafts.go_where(session, {"d": 9}, 2, CHAT, forward=False) == 3
    assert lengths(store, session) == ([1, 2], 9, [])


def test_beginning__is_gone_to_while_nothing_was_let_go(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    session = begun(store, 2)
    assert store.drafts.go_where(session, {}, 2, CHAT, forward=False) == 3
    assert store.drafts.now(session) == (3, {})
    assert lengths(store, session) == ([], 0, [1, 2])
    assert store.drafts.go(session, 2, 3) == 4
    full = begun(store, MOST_KEPT + 5)
    assert lengths(store, full)[0] == list(range(6, MOST_KEPT + 5))
    assert store.drafts.history(full).entries[0].number == 6
    with pytest.raises(LookupError):
        store.drafts.go(full, 0, MOST_KEPT + 5)


def large(store: Store, count: int, kilobytes: int) -> str:
    """A session with so many different drafts of that size; the last one has the number `count`."""
    session = store.create_session("local", "en").id
    for number in range(1, count + 1):
        track = {"tt": 0, "sg": [{"id": "a", "d": number, "pad": "x" * (kilobytes << 10)}]}
        assert store.drafts.add(session, {"d": number, "t": [track]}, number - 1, CHAT) == number
    return session


def test_history__keeps_the_newest_drafts_that_fit(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = stores
    monkeypatch.setattr(drafts, "KEPT_BYTES", 1 << 20)
    session = large(store, 300, 20)
    numbers = [entry.number for entry in store.drafts.history(session).entries]
    assert numbers == list(range(301 - len(numbers), 301))
    assert LEAST_KEPT < len(numbers) < MOST_KEPT
    assert 900 << 10 < store._db.read("SELECT SUM(bytes) FROM draft WHERE session_id = ?", session)[0][0] <= 1 << 20
    assert len(store.drafts.history(large(store, 30, 200)).entries) == LEAST_KEPT


def test_steps_back_and_forth__read_as_many_drafts_as_they_need(
    stores: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, _ = stores
    session = large(store, 250, 20)
    read: list[int] = []
    parsed = drafts._parsed
    monkeypatch.setattr(drafts, "_parsed", lambda text: read.append(len(text or "")) or parsed(text))

    def step(words: str) -> int:
        """How many drafts were read for it."""
        read.clear()
        around = store.drafts.around(session)
        situation = Situation(around.draft, (), around.earlier, "en", 1, around.later, recent=around.recent)
        draft = respond(words, situation).draft
        forward = words.startswith("redo")
        assert store.drafts.go_where(session, draft, around.version, CHAT, forward=forward)
        return len(read)

    assert store.drafts.history(session).current == 250
    assert read == []
    for words, length, most in (("undo", 249, 4), ("undo 3 steps", 246, 8), ("redo", 247, 4), ("redo", 248, 4)):
        assert step(words) <= most, words
        assert store.drafts.now(session)[1]["d"] == length


def test_history__tells_when_and_how_each_came_about(stores: tuple[Store, Store]) -> None:
    store, _ = stores
    session = begun(store, 1)
    store.drafts.add(session, {"d": 2}, 1, Version("table", told="Longer."))
    store.drafts.go(session, 1, 2)
    history = store.drafts.history(session)
    assert (history.version, history.current) == (3, 1)
    _, first, second = history.entries
    assert (first.origin, first.said, first.told) == ("chat", "make it", "Made it.")
    assert (second.origin, second.told) == ("table", "Longer.")
    assert 0 < first.made_s <= second.made_s
    assert store.drafts.history(begun(store)).entries == ()
