"""What is to be made of an order, given what was made before; and the way of a film to its name."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.batches.ledger import DONE, MADE, WAITING, Entry
from nemo_notebook.batches.names import folded, free_name, stem_of
from nemo_notebook.batches.order import Mark, Order, key_of, look, said_of
from nemo_notebook.client.downloads import disk_error
from nemo_notebook.files import replace_durably, sync_folder
from nemo_notebook.outside import plain

_READERS: Final = 4


def plan(order: Order, known: Mapping[tuple[str, str], Entry]) -> list[Entry]:
    """How each file of an order stands: its film is there, or is to be made.

    A film is there if it was made of the same content in the same way, and has the size that it had. What failed is
    tried again. Of a file that is away it is still known what it held.

    Args:
        order: What is asked for.
        known: The films that are known, by the place of their file and their ending.
    """
    places = [order.place(source) for source in order.sources]
    old = [known.get((place, order.ending)) for place in places]
    with ThreadPoolExecutor(_READERS) as readers:
        more = [mark.sha256 for mark in readers.map(look, order.more)]
        marks = list(readers.map(look, order.sources, map(_mark, old)))
    entries = [_planned(order, *each, more) for each in zip(places, marks, old, strict=True)]
    taken = {folded(entry.name) for entry in [*known.values(), *entries] if entry.name}
    taken |= {folded(path.name) for path in order.out.glob("*")}
    for index, entry in enumerate(entries):
        if not entry.name:
            name = new_name(order, order.sources[index], taken)
            taken.add(folded(name))
            entries[index] = replace(entry, name=name)
    return entries


def _mark(entry: Entry | None) -> Mark | None:
    return Mark(entry.sha256, entry.size_bytes, entry.mtime_ns) if entry else None


def _planned(order: Order, place: str, mark: Mark, old: Entry | None, more: list[str]) -> Entry:
    if not mark.sha256:
        mark = _mark(old) or mark  # it is away
    key = key_of(order, mark.sha256, more)
    entry = old or Entry(place, key, ending=order.ending)
    film = order.out / entry.name
    is_asked = entry.film_key == key
    return replace(
        entry,
        key=key,
        said=said_of(order, mark.sha256, more),
        sha256=mark.sha256,
        size_bytes=mark.size_bytes,
        mtime_ns=mark.mtime_ns,
        state=DONE if is_asked and _is_there(film, entry) else WAITING,
        reason="",
        hint="",
        ended=entry.ended if entry.key == key else 0,
        is_anew=not is_asked and _has_its_size(film, entry),
    )


def _is_there(film: Path, entry: Entry) -> bool:
    return _has_its_size(film, entry) if entry.state == DONE else _is_ours(film, entry)


def _has_its_size(film: Path, entry: Entry) -> bool:
    with contextlib.suppress(OSError):
        return bool(entry.film_sha256) and film.is_file() and film.stat().st_size == entry.film_bytes
    return False


def _is_ours(film: Path, entry: Entry) -> bool:
    """Whether a file is the film that was made last of an entry, to the byte."""
    return bool(entry.film_sha256) and look(film).sha256 == entry.film_sha256


def _may_go(film: Path, entry: Entry) -> bool:
    """Whether a film of ours lies there that a new one replaces; also after a kill just before it was moved there."""
    return look(film).sha256 in {entry.film_sha256, entry.earlier_sha256} - {""}


def new_name(order: Order, source: Path, taken: Collection[str]) -> str:
    """A name for a film that neither another of the batch has nor any file in the folder."""

    def is_taken(name: str) -> bool:
        return folded(name) in taken or os.path.lexists(order.out / name)

    return free_name(stem_of(source), order.ending, is_taken)


def publish(working: Path, before: Entry, entry: Entry, order: Order, note: Callable[[Entry], None]) -> Entry:
    """Give a film its name. What lies there that no batch has made keeps its place, and the film takes another name.

    Args:
        working: Where it was made.
        before: How it stood before: a film that was made then, and is still as it was, makes room.
        entry: How it stands now.
        order: What was asked for.
        note: Keeps how it stands; a batch that is killed here finds the film by it.

    Raises:
        InputError: It cannot be moved there.
    """
    target = order.out / entry.name
    makes_room = os.path.lexists(target) and _may_go(target, before)
    try:
        if makes_room:
            note(replace(entry, state=MADE))
            replace_durably(working, target)
            return replace(entry, state=DONE)
        taken: set[str] = set()
        while True:
            if os.path.lexists(order.out / entry.name):
                taken.add(folded(entry.name))
                entry = replace(entry, name=new_name(order, order.out / entry.name, taken))
            note(replace(entry, state=MADE))
            with contextlib.suppress(FileExistsError):  # it came this moment
                _move(working, order.out / entry.name)
                return replace(entry, state=DONE)
    except OSError as error:
        raise disk_error(error, target) from error


def _move(working: Path, target: Path) -> None:
    """Move a file to where none is.

    Raises:
        FileExistsError: There is one.
    """
    try:
        os.link(working, target)  # unlike a rename, it never takes the place of anything
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        working.rename(target)
    else:
        working.unlink()
    sync_folder(target.parent)


def failed(entry: Entry, error: errors.NemoError) -> Entry:
    """How a file stands whose film cannot be had."""
    return replace(entry, state="failed", reason=plain(error.message), hint=plain(error.hint))


def waiting(entry: Entry) -> Entry:
    """How a file stands whose film is still to be made."""
    return replace(entry, state=WAITING, reason="", hint="")
