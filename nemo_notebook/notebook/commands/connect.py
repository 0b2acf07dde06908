"""`%nemo connect`: open a session, or come back to one."""

from __future__ import annotations

from nemo_notebook import skills
from nemo_notebook.notebook.commands.sessions import known_sessions
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command, Option
from nemo_notebook.session.sync import Session


def _run(context: Context, arguments: Arguments) -> Session:
    session = context.connect(**arguments.options)
    if "session" in arguments.options:
        context.screen.say(_welcome(session))
    context.screen.already_shown(session)
    return session


def _welcome(session: Session) -> str:
    """What is there in a session that was come back to."""
    left = [job for job in session.jobs() if job.is_open]
    name = f"{session.name}: " if session.name else ""
    more = f" Open: {', '.join(job.id for job in left[:3])} (`%nemo resume`)." if left else ""
    return f"{name}{session.timeline().summary}{more}"


COMMAND = Command(
    name="connect",
    takes="",
    about="Open a session, or come back to one. The first other command does it by itself.",
    run=_run,
    options=(
        Option("--skill", "NAME", "what you set out to do", lambda: [skill.name for skill in skills.all_skills()]),
        Option("--backend", "auto|local|cloud|URL", "where the work is done", ("auto", "local", "cloud"), True),
        Option("--language", "auto|en|zh-CN|…", "the language of the replies", ("auto", "en", "zh-CN"), True),
        Option("--session", "ID", "a session to come back to", known_sessions, True),
        Option("--name", "TEXT", "what you call the project; exports are named after it"),
    ),
    example="%nemo connect --skill from-music",
)
