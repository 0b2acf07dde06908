"""What a batch is asked for: one film of each file, all in one form. Looked at before anything is made."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from nemo_notebook import errors, skills
from nemo_notebook.files import user_path
from nemo_notebook.session import uploads
from nemo_notebook.session.presets import FORMATS, choose_preset
from nemo_notebook.session.targets import choose_output

KEPT_IN: Final = ".nemo-batch"  # the folder, within that of the films, of all that is no film
_USUAL: Final = "high"  # the quality of an export where none is named
_ESCAPED: Final = "escaped://"  # no place begins so: none has two slashes within it


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for.

    Attributes:
        sources: The files that a film is made of, one each; that they are there is not sure.
        prompt: What is said of each.
        out: The folder of the films.
        skill: The skill that they are made as.
        backend: Where: `local`, `cloud`, or a URL.
        form: What an export takes: `format`, `quality`, `resolution`, `preset`; None where it is as usual.
        ending: The file type that comes of the form.
        more: Files that go into every film, after its own.
    """

    sources: tuple[Path, ...]
    prompt: str
    out: Path
    skill: str
    backend: str
    form: Mapping[str, str | None]
    ending: str
    more: tuple[Path, ...] = ()

    def place(self, source: Path) -> str:
        """What a source is known by in the ledger: where it lies, seen from the films, which may move along with it."""
        try:
            place = Path(os.path.relpath(source, self.out)).as_posix()
        except ValueError:  # another drive on Windows
            place = source.as_posix()
        try:
            place.encode()
        except UnicodeEncodeError:  # a name that is no Unicode, which no database takes
            return _ESCAPED + quote(os.fsencode(place))
        return place


@dataclass(frozen=True, slots=True)
class Mark:
    """What a file held when it was looked at; all empty where it could not be read.

    Attributes:
        sha256: Of its bytes.
        size_bytes: How many these are.
        mtime_ns: When it was changed last.
    """

    sha256: str = ""
    size_bytes: int = 0
    mtime_ns: int = 0


def read_order(
    what: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    prompt: str,
    out: str | os.PathLike[str],
    skill: str,
    backend: str,
    form: Mapping[str, str | None],
    more: Sequence[str | os.PathLike[str]] = (),
    made: frozenset[Path] = frozenset(),
) -> Order:
    """What is asked for, with patterns filled in and every word checked that can be.

    Args:
        what: Paths and patterns.
        prompt: What is said of each.
        out: The folder of the films; it need not be there.
        skill: The skill.
        backend: Where the work is done.
        form: As of an export.
        more: Paths and patterns of what goes into every film.
        made: Films that batches have made: these are not meant.

    Raises:
        UsageError: A word that cannot be meant.
        FileMissing: A pattern matches nothing, or one of `more` is not there.
    """
    if not isinstance(prompt, str) or not prompt.strip():
        example = skills.load(skill).example
        raise errors.UsageError("A batch needs a prompt: what to make of each file.", hint=f'For example: "{example}"')
    wanted = choose_output(None, form, choose_preset(form.get("preset")))
    assert wanted["format"] in FORMATS
    sources = [path for path in _files(what) if _is_given(path, made)]
    if not sources:
        raise errors.FileMissing("There is nothing to make films of.")
    folder = _folder(out)
    is_local, names = backend == "local", [os.fspath(each) for each in more]
    extra = uploads.resolve(names, skills.load(skill), is_local=is_local) if names else None
    if extra is not None and extra.urls:
        raise errors.UsageError("A batch takes files, no addresses.", hint="Download it first.")
    return Order(
        sources=tuple(dict.fromkeys(sources)),
        prompt=prompt.strip(),
        out=folder,
        skill=skills.load(skill).name,
        backend=backend,
        form=dict(form),
        ending=wanted["format"],
        more=tuple(path.resolve() for path in extra.paths if _is_given(_there(path), made)) if extra else (),
    )


def _folder(out: str | os.PathLike[str]) -> Path:
    folder = user_path(out).resolve()
    if folder.exists() and not folder.is_dir():
        raise errors.UsageError(f"{folder.name} is no folder.", hint="Name a folder for the films: --out films")
    return folder


def _files(what: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    given = list(what) if isinstance(what, Iterable) and not isinstance(what, (str, os.PathLike)) else [what]
    files: list[Path] = []
    for each in given:
        if not isinstance(each, (str, os.PathLike)):
            raise errors.UsageError(f"{each!r} is no file.", hint='Name files: batch("songs/*.mp3", …)')
        text = os.fspath(user_path(each))
        if os.fspath(each).lower().startswith(("http://", "https://")):
            raise errors.UsageError("A batch takes files, no addresses.", hint="Download them first.")
        found = uploads.expand(text)
        if found == [Path(text)] and found[0].is_dir():
            raise errors.FileMissing(f"{each} is a folder.", hint=f"Name its files: {found[0].as_posix()}/*")
        files += map(_there, found)
    return files


def _there(path: Path) -> Path:
    """One path for a file, whatever way leads to it."""
    return path.parent.resolve() / path.name


def _is_given(path: Path, made: frozenset[Path]) -> bool:
    """Whether a file is somebody's, and no batch has made it."""
    return path not in made and KEPT_IN not in path.parts


def look(path: Path, known: Mark | None = None) -> Mark:
    """What a file holds. One that has its size and time still is not read again."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return Mark()  # a pipe or a device may be read for ever
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if known and known.sha256 and (known.size_bytes, known.mtime_ns) == (found.st_size, found.st_mtime_ns):
                return known
            return Mark(hashlib.file_digest(file, "sha256").hexdigest(), found.st_size, found.st_mtime_ns)
    except OSError:
        return Mark()  # what is wrong with it is told where the film is made


def said_of(order: Order, content: str, more: Sequence[str]) -> str:
    """What is said of a file: the same content and the same words give the same, whatever form the film has.

    Args:
        order: What is asked for.
        content: The hash of its file.
        more: The hashes of what goes into every film.
    """
    return _hash([content, order.prompt, order.skill, order.backend, list(more)])


def key_of(order: Order, content: str, more: Sequence[str]) -> str:
    """What a film is known by: the same content, asked for in the same way, gives the same.

    Args:
        order: What is asked for.
        content: The hash of its file.
        more: The hashes of what goes into every film.
    """
    asked = {name: value for name, value in order.form.items() if value}
    form = sorted((asked if "preset" in asked else {"quality": _USUAL} | asked).items())
    return _hash([content, order.prompt, order.skill, order.backend, order.ending, form, list(more)])


def _hash(asked: object) -> str:
    return hashlib.sha256(json.dumps(asked).encode("ascii")).hexdigest()
