"""`%nemo connect`: open a session, or come back to one."""

from __future__ import annotations

from nemo_notebook import skills
from nemo_notebook.notebook.commands.sessions import known_sessions
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Arguments, Command, Option
from nemo_notebook.session.sync import Session


def _run(context: Context, arguments: Arguments) -> Session:
    session = context.connect(**arguments.options)
    context.screen.already_shown(session)
    return session


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
