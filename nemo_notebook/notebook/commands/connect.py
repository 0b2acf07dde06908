"""`%nemo connect`: open a session, or come back to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nemo_notebook.notebook.commands.sessions import known_sessions
from nemo_notebook.notebook.grammar import Arguments, Command, Option
from nemo_notebook.settings import MODEL_PLACES

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.session.project import AsyncSession
    from nemo_notebook.session.sync import Session


async def _connect(call: Call, arguments: Arguments) -> Session:
    session = await call.context.connect(call, **arguments.options)
    if "session" in arguments.options:
        call.screen.say(await _welcome(session.asynchronous))
    call.is_shown = True
    return session


async def _welcome(session: AsyncSession) -> str:
    """What is there in a session that was come back to."""
    left = [job for job in await session.jobs() if job.is_open]
    name = f"{session.name}: " if session.name else ""
    more = f" Open: {', '.join(job.id for job in left[:3])} (`%nemo resume`)." if left else ""
    return f"{name}{(await session.timeline()).summary}{more}"


def skill_names() -> Sequence[str]:
    """The skills there are."""
    from nemo_notebook import skills

    return [skill.name for skill in skills.all_skills()]


COMMAND = Command(
    name="connect",
    about="Open a session, or come back to one. The first other command does it by itself.",
    run=_connect,
    options=(
        Option("--skill", "NAME", "what you set out to do", skill_names),
        Option("--backend", "auto|local|cloud|URL", "where the work is done", ("auto", "local", "cloud"), True),
        Option(
            "--language",
            "auto|en|zh-CN|…",
            "of replies, where your words do not tell it",
            ("auto", "en", "zh-CN"),
            True,
        ),
        Option("--model", "URL", "a language model that reads what is unclear", ("none", *MODEL_PLACES), True),
        Option("--model-name", "N", "which model of those that are there"),
        Option("--session", "ID", "a session to come back to, by its id or its name", known_sessions, True),
        Option("--name", "TEXT", "what you call the project; exports are named after it"),
    ),
    example="%nemo connect --skill from-music",
    more=(
        "`auto` takes the cloud if `NEMO_TOKEN` or `NEMO_API_URL` is set, else the local engine: then nothing leaves "
        "this machine. `%nemo sessions` lists earlier sessions. A model (`ollama`, `lmstudio`, `llamacpp`, or the "
        "address of any service with OpenAI's chat completions) is sent your words, the names of files and the "
        "timeline, never media."
    ),
)
