"""A film as an object: shots, titles and sounds that are looked at and changed, each change a typed edit.

The draft's JSON stays the truth; what is here are views of it, made when they are asked for. All verbs come from the
edits themselves: an edit `trim` with a `target` is the method `film.shots[2].trim(...)`, an edit `set_volume` with a
field `volume` makes `film.music.volume = 0.35` possible, and an edit without a target is a method of the film.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar, overload

import msgspec

from nemo_notebook import errors
from nemo_notebook.film.edit import Edit, all_edits, apply_edits, parse
from nemo_notebook.film.model import MediaItem, Situation
from nemo_notebook.film.target import ROLES, Target
from nemo_notebook.film.tracks import Json, Segment, duration_ms, read_segments

_R = TypeVar("_R")
Do = Callable[[Sequence[Edit], Json], _R]

_ADDED_BY: Final = MappingProxyType({"shots": "add_shot", "titles": "add_title", "music": "add_music"})
_TIMES: Final = ("start_s", "end_s", "duration_s")


class Film(Generic[_R]):
    """A film that is programmed.

    Args:
        read: Gives the draft as it is now.
        do: Makes edits, all or none, of the draft that they were meant for; what it returns is what the methods return.
        history: Gives the versions of the film by number, where these are kept.
    """

    def __init__(self, read: Callable[[], Json], do: Do[_R], history: Callable[[], Any] = dict) -> None:
        self._read = read
        self._do_now = do
        self._history = history
        self._batch: list[Edit] | None = None
        self._base: Json = {}

    @classmethod
    def of(cls, draft: Json | None = None, media: Sequence[MediaItem] = ()) -> Film[Json]:
        """A film that lives in memory alone; its methods return the draft afterwards."""
        state: dict[str, Json] = {"draft": draft or {}}

        def do(edits: Sequence[Edit], _: Json) -> Json:
            state["draft"] = apply_edits(state["draft"], edits, Situation(state["draft"], tuple(media))).draft
            return state["draft"]

        return Film(lambda: state["draft"], do)

    def run_by(self, run: Callable[[Any], Any], history: Callable[[], Any]) -> Film[Any]:
        """The same film for callers that do not await: `run` brings what the methods return to its end."""
        return Film(self._read, lambda edits, base: run(self._do_now(edits, base)), history)

    @property
    def history(self) -> Any:
        """The versions of the film by number: `film.history[3].restore()`."""
        return self._history()

    @property
    def draft(self) -> Json:
        """The draft's JSON."""
        return self._read()

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return duration_ms(self.draft) / 1000

    @property
    def shots(self) -> FilmParts[_R]:
        """The clips and photos, in the order of time."""
        return FilmParts(self, "shots")

    @property
    def titles(self) -> FilmParts[_R]:
        """The titles, in the order of time."""
        return FilmParts(self, "titles")

    @property
    def sounds(self) -> FilmParts[_R]:
        """Songs, voices and composed music, in the order of time."""
        return FilmParts(self, "sounds")

    @property
    def music(self) -> FilmParts[_R]:
        """Songs and composed music."""
        return FilmParts(self, "music")

    @property
    def songs(self) -> FilmParts[_R]:
        """Uploads that are heard as music."""
        return FilmParts(self, "songs")

    @property
    def speech(self) -> FilmParts[_R]:
        """Uploads that are heard as voices."""
        return FilmParts(self, "speech")

    def edit(self, name: str, /, **fields: Any) -> _R | None:
        """Make an edit by its name; in a batch it is kept for the end.

        Raises:
            InvalidEdit: There is no such edit, or a field is missing, unknown or out of bounds.
        """
        edit = parse({"edit": name, **fields})
        if self._batch is not None:
            self._batch.append(edit)
            return None
        return self._do_now([edit], self.draft)

    def batch(self) -> EditBatch[_R]:
        """Make several edits one step of the history, all or none; until the end the film looks as before."""
        return EditBatch(self, self._begin_batch, self._end_batch)

    def _begin_batch(self) -> None:
        if self._batch is not None:
            raise errors.UsageError("A batch is open already.", hint="Leave the first `with film.batch()` before.")
        self._batch, self._base = [], self.draft

    def _end_batch(self, make: bool) -> _R | None:
        """Make the edits that were kept, of the film as it was when the batch began; or forget them."""
        edits, self._batch = self._batch, None
        return self._do_now(edits, self._base) if make and edits else None

    def __getattr__(self, name: str) -> Callable[..., _R | None]:
        kind = all_edits().get(name)
        if kind is None:
            raise AttributeError(f"A film has no {name!r}.", name=name, obj=self)
        return _method(kind, self.edit)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *all_edits()})

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(getattr(self, name))} {name}" for name in ("shots", "titles", "sounds"))
        return f"Film({self.duration_s:g} s: {counts})"


class EditBatch(Generic[_R]):
    """Edits that are one step: `with` where the film's methods return at once, `async with` where they are awaited."""

    def __init__(self, film: Film[_R], begin: Callable[[], None], end: Callable[[bool], _R | None]) -> None:
        self._film = film
        self._begin = begin
        self._end = end

    def __enter__(self) -> Film[_R]:
        self._begin()
        return self._film

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        done = self._end(failed is None)
        if inspect.iscoroutine(done):
            done.close()
            raise errors.UsageError(
                "Nothing was changed: in an asynchronous session a batch is awaited.",
                hint="Write `async with film.batch():`.",
            )

    async def __aenter__(self) -> Film[_R]:
        return self.__enter__()

    async def __aexit__(self, failed: type[BaseException] | None, *_: object) -> None:
        done = self._end(failed is None)
        if inspect.isawaitable(done):
            await done


class _Editable(Generic[_R]):
    """Something in a film that edits have as their target."""

    _film: Film[_R]

    _target: dict[str, str]

    @property
    def _role(self) -> str:
        """The role of what it is about: what decides by which edit a value is set."""
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            kind = all_edits().get(name)
            if kind is not None and "target" in kind.__struct_fields__:
                return _method(kind, self._film.edit, target=self._target)
            if _setter(name, self._role):
                return self._value(name)
        raise AttributeError(f"{type(self).__name__} has no {name!r}.", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        setter = _setter(name, self._role)
        if setter is None:
            raise AttributeError(f"{name!r} cannot be set.", name=name, obj=self)
        done = self._film.edit(setter[0], target=self._target, **{setter[1]: value})
        if inspect.iscoroutine(done):
            done.close()
            hint = f"Write `await ….{setter[0]}({setter[1]}=…)`, or set it within `async with film.batch():`."
            raise errors.UsageError(f"{name!r} cannot be set at once in an asynchronous session.", hint=hint)

    def __dir__(self) -> list[str]:
        verbs = [name for name, kind in all_edits().items() if "target" in kind.__struct_fields__]
        return sorted({*super().__dir__(), *verbs})

    def _value(self, name: str) -> Any:
        raise NotImplementedError


class FilmPart(_Editable[_R]):
    """One shot, title or sound; it is known by its id, and looks the same after other parts have changed."""

    def __init__(self, film: Film[_R], part_id: str) -> None:
        self._film = film
        self._id = part_id
        self._target = {"id": part_id}

    @property
    def id(self) -> str:
        """Its id, as in the column `segment` of the table."""
        return self._id

    @property
    def segment(self) -> Segment:
        """What the draft says of it now.

        Raises:
            UsageError: It is not in the film any more.
        """
        found = next((s for s in read_segments(self._film.draft) if s.id == self._id), None)
        if found is None:
            raise errors.UsageError(f"{self._id} is not in the film any more.", hint="Look at the film again.")
        return found

    @property
    def name(self) -> str:
        """What people call it."""
        return self.segment.name

    @property
    def start_s(self) -> float:
        """Where it begins, in seconds."""
        return self.segment.start_ms / 1000

    @property
    def end_s(self) -> float:
        """Where it ends, in seconds."""
        return self.segment.end_ms / 1000

    @property
    def duration_s(self) -> float:
        """How long it lasts, in seconds."""
        return self.segment.duration_ms / 1000

    @property
    def _role(self) -> str:
        return self.segment.role

    def _value(self, name: str) -> Any:
        segment = self.segment
        volume = 1.0 if segment.volume is None else segment.volume
        known = {"volume": volume, "speed": segment.speed, "text": segment.text}
        return known[name] if name in known else segment.meta.get(name)

    def __repr__(self) -> str:
        segment = self.segment
        return f"{segment.text or segment.name} ({segment.start_ms / 1000:g}–{segment.end_ms / 1000:g} s, {self._id})"


class FilmParts(_Editable[_R], Sequence[FilmPart[_R]]):
    """All parts of a kind, in the order of time: by place from 0 on, or by name or id. An edit of it is of all."""

    def __init__(self, film: Film[_R], name: str) -> None:
        self._film = film
        self._name = name
        self._kind = name.removesuffix("s")
        self._target = {"kind": self._kind}

    def add(self, *what: Any, **fields: Any) -> _R | None:
        """Add one: a title's words, an upload, or a kind of music, and the fields of the edit."""
        if self._kind in ("song", "speech"):
            fields.setdefault("role", self._kind)
        add: Callable[..., _R | None] = getattr(self._film, _ADDED_BY.get(self._name, "add_sound"))
        return add(*what, **fields)

    @overload
    def __getitem__(self, at: int | str) -> FilmPart[_R]: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[FilmPart[_R]]: ...

    def __getitem__(self, at: int | str | slice) -> FilmPart[_R] | Sequence[FilmPart[_R]]:
        found = self._segments
        if not isinstance(at, str):
            return [FilmPart(self._film, segment.id) for segment in found][at]
        named = [s for s in found if at in (s.id, s.name, s.text, s.source)]
        if not named:
            names = ", ".join(dict.fromkeys(s.text or s.name for s in found)) or "nothing"
            raise errors.UsageError(f"There is no {at!r} among the {self._name}.", hint=f"There is {names}.")
        return FilmPart(self._film, named[0].id)

    def __len__(self) -> int:
        return len(self._segments)

    @property
    def _segments(self) -> list[Segment]:
        found = [s for s in read_segments(self._film.draft) if s.role in ROLES[self._kind]]
        return sorted(found, key=lambda s: (s.start_ms, s.track))

    @property
    def _role(self) -> str:
        return ROLES[self._kind][0]

    def _value(self, name: str) -> Any:
        return getattr(self[0], name) if len(self) else None

    def __repr__(self) -> str:
        return repr(list(self))


def _setter(name: str, role: str) -> tuple[str, str] | None:
    """The edit and its field that set an attribute of parts with a role; None where it cannot be set."""
    edits = {key: kind for key, kind in all_edits().items() if "target" in kind.__struct_fields__}
    if (kind := edits.get(f"set_{name}")) is not None:
        fields = [field for field in kind.__struct_fields__ if field != "target"]
        return f"set_{name}", name if name in fields else fields[0]
    if name == "target" or (name in _TIMES and role != "title"):  # elsewhere a stretch, or the length of a transition
        return None
    setters = (key for key, kind in edits.items() if key.startswith("set_") and name in kind.__struct_fields__)
    found = next((key for key in setters if role in ROLES[_kind_of(edits[key])]), None)
    return (found, name) if found else None


def _kind_of(edit: type[Edit]) -> str:
    """The kind of parts that an edit is about where no other one is named; shots if it names none itself."""
    default = next(field.default for field in msgspec.structs.fields(edit) if field.name == "target")
    kind = default.kind if isinstance(default, Target) else default
    return kind if isinstance(kind, str) and kind in ROLES else "shot"


def _method(kind: type[Edit], edit: Callable[..., Any], **given: Any) -> Callable[..., Any]:
    """A function that makes an edit, with the signature and the description of the edit; some fields are given."""
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in given]
    fields.sort(key=lambda field: not field.required)
    empty, place = inspect.Parameter.empty, inspect.Parameter.POSITIONAL_OR_KEYWORD
    defaults = {field.name: empty if field.required else field.default for field in fields}
    signature = inspect.Signature([inspect.Parameter(name, place, default=usual) for name, usual in defaults.items()])

    def method(*args: Any, **fields: Any) -> Any:
        try:
            return edit(kind.tag, **given, **signature.bind(*args, **fields).arguments)
        except TypeError as error:
            raise errors.UsageError(f"{kind.tag}: {error}.", hint=f"It takes {signature}.") from None

    method.__name__ = method.__qualname__ = kind.tag
    method.__doc__ = kind.__doc__
    method.__signature__ = signature  # type: ignore[attr-defined]
    return method
