"""The film in work and its files: `%nemo upload`, `status`, `apply`, `undo`, `export`, `jobs` and more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from nemo_notebook.errors import JobNotFound, UsageError
from nemo_notebook.notebook.grammar import did_you_mean
from nemo_notebook.outside import plain
from nemo_notebook.session.journal import Journal

if TYPE_CHECKING:
    from nemo_notebook.film.timeline import Timeline
    from nemo_notebook.notebook.commands.chat import ReplyStream
    from nemo_notebook.notebook.defaults import Defaults
    from nemo_notebook.notebook.execution import Call
    from nemo_notebook.notebook.grammar import Arguments
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.records import History, Job, Jobs
    from nemo_notebook.session.results import MediaList, Reply, Video

_TABLES: Final = frozenset({"DataFrame", "Timeline"})


async def run_upload(call: Call, arguments: Arguments) -> MediaList:
    """Upload with progress."""
    session = await call.session()
    with call.outlet.meter() as meter:
        return await session.upload(*arguments.words, on_progress=meter)


async def run_status(call: Call, _: Arguments) -> Timeline:
    """The timeline."""
    session = await call.session()
    if session.model is not None:
        call.outlet.say(f"Behind the chat: {session.model}.")
    return await session.timeline()


async def run_apply(call: Call, arguments: Arguments) -> Reply:
    """Put an edited table back into the timeline."""
    names, (name,) = call.context.shell.user_ns, arguments.words
    if not _is_table(names.get(name)):
        hint = did_you_mean(name, _tables(names)) or "For example: %nemo apply frame"
        raise UsageError(f"There is no table {name!r}.", hint=hint)
    return await (await call.session()).apply(names[name])


def is_apply_meant(rest: str, names: Mapping[str, Any]) -> bool:
    """Whether a variable is named, or a table with a slip; `%nemo apply a sepia filter` is for the editor."""
    return not rest or rest in names or did_you_mean(rest, _tables(names)) is not None


def table_names(_: str) -> list[str]:
    """The user's variables that can be applied."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return _tables(shell.user_ns if shell else {})


def _is_table(value: object) -> bool:
    return type(value).__name__ in _TABLES


def _tables(names: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, value in list(names.items()) if _is_table(value) and not name.startswith("_"))


async def run_style(call: Call, arguments: Arguments) -> Reply | None:
    """Give the film a style, or list the styles."""
    from nemo_notebook.film.style import all_styles, style_fields

    if not arguments.words:
        call.outlet.say(f"Styles: {', '.join(all_styles())}; or the path of a TOML file.")
        return None
    fields = style_fields(arguments.words[0])
    return await (await call.session()).edit("set_style", **fields)


def is_style_meant(rest: str, _: Mapping[str, Any]) -> bool:
    """Whether a style or a file is named; `%nemo style it like a western` is for the editor."""
    return not rest or rest.endswith(".toml") or rest in style_names("")


def style_names(_: str) -> list[str]:
    """The names of all styles."""
    from nemo_notebook.film.style import all_styles

    return sorted(all_styles())


async def run_undo(call: Call, _: Arguments) -> Reply:
    """Take the last edit back."""
    return await (await call.session()).undo()


async def run_redo(call: Call, _: Arguments) -> Reply:
    """Bring back what was undone last."""
    return await (await call.session()).redo()


async def run_history(call: Call, _: Arguments) -> History:
    """The undo history."""
    return await (await call.session()).history()


def export_options(asked: Mapping[str, str], defaults: Defaults) -> dict[str, str | None]:
    """The form of a film: what was asked for, else the user's defaults unless a preset says more."""
    usual = (None, None) if asked.get("preset") else (defaults.quality, defaults.resolution or None)
    return {
        "format": asked.get("format"),
        "quality": asked.get("quality") or usual[0],
        "resolution": asked.get("resolution") or usual[1],
        "preset": asked.get("preset"),
    }


async def run_export(call: Call, arguments: Arguments) -> Video | Job:
    """Export with progress; or begin an export without waiting for it, and say how to come back."""
    session, asked = await call.session(), arguments.options
    path = arguments.words[0] if arguments.words else None
    how = export_options(asked, call.defaults)
    if "no_wait" in asked:
        return await session.submit(path, **how)
    with call.outlet.meter() as meter:
        return await session.export(path, on_progress=meter, **how)


async def run_jobs(call: Call, _: Arguments) -> Jobs:
    """What was begun, and what of it is open."""
    from nemo_notebook.session import sync

    current = call.context.current
    return await current.asynchronous.jobs(everywhere=True) if current else sync.jobs()


async def run_resume(call: Call, arguments: Arguments) -> Video | Reply | MediaList:
    """Come back to a turn, an upload or an export."""
    from nemo_notebook.notebook.commands.chat import show_turn

    job = _choose(call, arguments.words, "resume", kinds=("turn", "upload", "render"), everywhere=True)
    async with _session_of(call, job) as session:
        if job.kind != "turn":
            with call.outlet.meter() as meter:
                return await session.resume(job.id, on_progress=meter)

        async def turn(stream: ReplyStream) -> Reply:
            return cast("Reply", await session.resume(job.id, on_event=stream))

        return await show_turn(call, turn)


async def run_cancel(call: Call, arguments: Arguments) -> Job:
    """Stop an export."""
    job = _choose(call, arguments.words, "cancel", kinds=("render",), everywhere=False)
    if not job.is_open:
        raise UsageError(f"{job.id} ({plain(job.title)}) is over: {job.state}.", hint="There is nothing to stop.")
    async with _session_of(call, job) as session:
        return await session.cancel(job.id)


def _choose(call: Call, words: Sequence[str], verb: str, kinds: Sequence[str], *, everywhere: bool) -> Job:
    """The job that is meant: by its id, else the newest open one of this session, else perhaps of another."""
    journal, current = Journal(), call.context.current.id if call.context.current else None
    if words:
        job = journal.job(words[0])
        if job is None:
            raise JobNotFound(f"There is no job {words[0][:60]!r}.")
        return job
    candidates = [job for job in journal.jobs(only_open=True) if job.kind in kinds]
    here = [job for job in candidates if job.session_id == current]
    if not here and candidates and not everywhere and current is not None:
        other = candidates[0]
        hint = f"In another project, {plain(other.title)} is: `%nemo {verb} {other.id}`"
        raise JobNotFound(f"There is nothing to {verb} in this session.", hint=hint)
    if not candidates:
        raise JobNotFound(f"There is nothing open to {verb}.", hint="`%nemo jobs` lists what was begun.")
    return (here or candidates)[0]


@asynccontextmanager
async def _session_of(call: Call, job: Job) -> AsyncIterator[AsyncSession]:
    """The session of a job. In a new kernel it becomes the current one; else the current one stays what it is."""
    current = call.context.current
    if current is None:
        yield (await call.context.connect(call, session=job.session_id)).asynchronous
    elif current.id == job.session_id:
        yield await call.session()
    else:
        from nemo_notebook.session.project import AsyncClient

        known = Journal().session(job.session_id)
        call.outlet.say(f"In another project, {plain(known.label) if known else job.session_id}:")
        async with AsyncClient() as client:
            yield await client.connect(session=job.session_id)


def known_jobs(_: str) -> list[str]:
    """The ids of jobs, open ones first."""
    return [job.id for job in sorted(Journal().jobs(limit=50), key=lambda job: not job.is_open)]
