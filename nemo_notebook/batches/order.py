"""What a batch is asked for, checked before any work begins, and the plan: which films are there, and which are not."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

from nemo_notebook import errors, skills
from nemo_notebook.batches.folder import FileMark, folded, free_name, mark_of, stem_of
from nemo_notebook.batches.ledger import LedgerEntry
from nemo_notebook.client.service import Service
from nemo_notebook.files import user_path
from nemo_notebook.outside import finite, redact
from nemo_notebook.session import backend as backends, sync, uploads
from nemo_notebook.session.presets import EXPORT_FORMATS, choose_preset
from nemo_notebook.session.results import near
from nemo_notebook.session.targets import choose_output

KEPT_IN: Final = ".nemo-batch"  # the folder, within that of the films, for all that is no film
_QUALITY: Final = "high"  # of an export where none is named
_FILM: Final = 150  # credits, at most as a rule: a generated clip 100, the edits of a session 50, its export none
_READERS: Final = 4
_MOST_NAMED: Final = 8


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What is asked for: one film of each source.

    Attributes:
        sources: The files; they need not exist.
        prompt: What to make of each.
        out: The folder of the films.
        skill: The skill that is used.
        backend: `local`, `cloud`, or a URL.
        form: Options of an export: `format`, `quality`, `resolution`, `preset`; None for the default.
        ending: The file type that follows from the form.
        more: Files that go into every film.
    """

    sources: tuple[Path, ...]
    prompt: str
    out: Path
    skill: str
    backend: str
    form: Mapping[str, str | None]
    ending: str
    more: tuple[Path, ...] = ()

    def without(self, made: Collection[Path]) -> BatchOrder:
        """The same order but for films that batches have made, and what is kept beside them: patterns mean no such.

        Raises:
            FileMissing: Nothing is left.
        """

        def is_given(path: Path) -> bool:
            return path not in made and KEPT_IN not in path.parts

        sources = tuple(filter(is_given, self.sources))
        if not sources:
            raise errors.FileMissing("There is nothing to make films of.")
        return replace(self, sources=sources, more=tuple(filter(is_given, self.more)))

    def place(self, source: Path) -> str:
        """The ledger's key of a source: its path relative to the films, quoted, as names need not be Unicode."""
        try:
            path = os.path.relpath(source, self.out)
        except ValueError:  # another drive on Windows
            path = str(source)
        return quote(os.fsencode(Path(path).as_posix()))

    def keys(self, content: str, more: Sequence[str]) -> tuple[str, str]:
        """Cache keys of a film, and of the session that it is made in, which films in several formats share.

        Args:
            content: The hash of the source.
            more: The hashes of what goes into every film.
        """
        asked = [content, self.prompt, self.skill, self.backend, list(more)]
        form = {name: value for name, value in self.form.items() if value}
        form = form if "preset" in form else {"quality": _QUALITY} | form
        return _hash([*asked, self.ending, sorted(form.items())]), _hash(asked)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode("ascii")).hexdigest()


def read_order(
    what: object,
    more: object = (),
    *,
    prompt: str,
    out: str | os.PathLike[str],
    skill: str,
    backend: str,
    form: Mapping[str, str | None],
) -> BatchOrder:
    """Expand the patterns and check every argument.

    Args:
        what: Paths and patterns.
        more: Paths and patterns of what goes into every film.
        prompt: What to make of each.
        out: The folder of the films; it need not exist.
        skill: The skill.
        backend: `local`, `cloud`, or a URL.
        form: Options of an export.

    Raises:
        UsageError: An argument that makes no sense.
        FileMissing: See `find_files`.
    """
    found = skills.load(skill)
    if not isinstance(prompt, str) or not prompt.strip():
        hint = f'For example: "{found.example}"'
        raise errors.UsageError("A batch needs a prompt: what to make of each file.", hint=hint)
    ending = choose_output(None, form, choose_preset(form.get("preset")))["format"]
    assert ending in EXPORT_FORMATS
    sources, extra = find_files(what, more)
    folder = user_path(out).resolve()
    if folder.exists() and not folder.is_dir():
        raise errors.UsageError(f"{folder.name} is no folder.", hint="Name a folder for the films: --out films")
    if extra:
        uploads.resolve_files(extra, found, is_local=backend == "local")
    clips = tuple(path.resolve() for path in extra)
    return BatchOrder(sources, prompt.strip(), folder, found.name, backend, dict(form), ending, clips).without(())


def find_files(what: object, more: object = ()) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """The files behind paths and patterns, each once.

    Args:
        what: Those that films are made of. A path need not exist: until it appears, its row says that it is missing.
        more: Those that go into every film.

    Raises:
        UsageError: One that is no path.
        FileMissing: Patterns that match nothing, and files of `more` that do not exist: it names them all.
    """
    unmatched: list[str] = []
    sources = _expand(what, unmatched)
    extra = _expand(more, unmatched)
    absent = [near(path).as_posix() for path in extra if not path.exists()]
    are = "is no file" if len(absent) == 1 else "are no files"
    problems = (("Nothing matches", unmatched), (f"There {are}", absent))
    if sentences := [f"{words} {_listed(names)}." for words, names in problems if names]:
        raise errors.FileMissing(" ".join(sentences))
    return tuple(sources), tuple(extra)


def _expand(what: object, unmatched: list[str]) -> dict[Path, None]:
    """The files of paths and patterns, in order; patterns that match nothing are added to `unmatched`."""
    files: dict[Path, None] = {}
    several = what if isinstance(what, Iterable) and not isinstance(what, (str, os.PathLike)) else [what]
    for each in several:
        if not isinstance(each, (str, os.PathLike)):
            raise errors.UsageError(f"{each!r} is no file.", hint='Name files: batch("songs/*.mp3", …)')
        name = os.fspath(each)
        if name.lower().startswith(("http://", "https://")):
            raise errors.UsageError("A batch takes files, no addresses.", hint="Download them first.")
        try:
            found = uploads.expand(os.fspath(user_path(name)))
        except errors.FileMissing:
            unmatched.append(name)
            continue
        if len(found) == 1 and found[0].is_dir():
            raise errors.FileMissing(f"{name} is a folder.", hint=f"Name its files: {found[0].as_posix()}/*")
        files |= dict.fromkeys(path.parent.resolve() / path.name for path in found)  # whatever way leads to it
    return files


def _listed(names: list[str]) -> str:
    words, more = ", ".join(redact(name) for name in names[:_MOST_NAMED]), len(names) - _MOST_NAMED
    return f"{words} and {more} more" if more > 0 else words


def check_cost(order: BatchOrder, count: int, *, yes: bool) -> str:
    """What a number of films cost, as a sentence; empty if they are free.

    Raises:
        UsageError: They cost credits, and the user has not agreed.
        NemoError: The balance cannot be read.
    """
    if order.backend == "local" or not count:
        return ""
    available = sync.shared_bridge().run(_available(order))
    have = "" if available is None else f"; {available:g} are available"
    films = f"{count} films" if count != 1 else "1 film"
    words = f"{films} at up to about {_FILM} credits each: {count * _FILM} in all{have}."
    if not yes:
        raise errors.UsageError(words, hint="Add --yes to begin (in Python: yes=True), or use --backend local: free.")
    return words


async def _available(order: BatchOrder) -> float | None:
    backend = backends.choose(order.backend)
    service = Service(backend.url, skills.load(order.skill), token=backend.token)
    try:
        return finite((await service.credits()).get("available"))
    finally:
        await service.close()


def plan(order: BatchOrder, known: Mapping[tuple[str, str], LedgerEntry]) -> list[LedgerEntry]:
    """The entry of each source: its film is there, or is to be made.

    A film is there if it was made of the same content with the same options, and still has its size. Failed films are
    to be made again. A source that is away counts as what it was when it was last seen.

    Args:
        order: What is asked for.
        known: The ledger's entries, by place and file type.
    """
    places = [order.place(source) for source in order.sources]
    old = [known.get((place, order.ending)) for place in places]
    with ThreadPoolExecutor(_READERS) as readers:
        more = [mark.sha256 for mark in readers.map(mark_of, order.more)]
        marks = list(readers.map(mark_of, order.sources, (each.source if each else None for each in old)))
    entries = [
        _planned(order, each or LedgerEntry(place, order.ending), mark, more)
        for place, each, mark in zip(places, old, marks, strict=True)
    ]
    taken = {folded(entry.name) for entry in [*known.values(), *entries] if entry.name}
    taken |= {folded(path.name) for path in order.out.glob("*")}
    for index, entry in enumerate(entries):
        if not entry.name:
            name = free_name(order.out, stem_of(order.sources[index]), order.ending, taken)
            taken.add(folded(name))
            entries[index] = replace(entry, name=name)
    return entries


def _planned(order: BatchOrder, entry: LedgerEntry, mark: FileMark, more: Sequence[str]) -> LedgerEntry:
    mark = mark if mark.sha256 else entry.source
    key, said = order.keys(mark.sha256, more)
    is_asked, has_size = entry.film_key == key, entry.has_film(order.out)
    # Of a film that was not noted as done it is not known whether it was moved to its name.
    is_there = has_size and (entry.state == "done" or entry.has_content(order.out))
    return replace(
        entry,
        key=key,
        said=said,
        source=mark,
        state="done" if is_asked and is_there else "waiting",
        reason="",
        hint="",
        ended=entry.ended if entry.key == key else 0,
        is_anew=not is_asked and has_size,
    )


def remade(entries: Sequence[LedgerEntry], known: Mapping[tuple[str, str], LedgerEntry]) -> str:
    """How many films are replaced by new ones and why, as a sentence; empty if none is.

    Args:
        entries: The plan.
        known: The ledger's entries before it.
    """
    anew = [entry for entry in entries if entry.is_anew]
    if not anew:
        return ""
    changed = {each.source.sha256 != known[each.place, each.ending].source.sha256 for each in anew}
    what = " or ".join(what for is_file, what in ((True, "the file"), (False, "the request")) if is_file in changed)
    films, are = "film" if len(entries) == 1 else "films", "is" if len(anew) == 1 else "are"
    return f"{len(anew)} of {len(entries)} {films} {are} made anew: {what} has changed."
