"""`%nemo skills`: what one can set out to do."""

from __future__ import annotations

import html

from nemo_notebook import skills
from nemo_notebook.notebook.context import Context
from nemo_notebook.notebook.grammar import Command
from nemo_notebook.notebook.screen import Bundle


def _run(context: Context) -> Bundle:
    chosen = context.current.skill.name if context.current else context.defaults.skill
    lines: list[str] = []
    rows: list[str] = []
    for skill in skills.all_skills():
        mark = "→" if skill.name == chosen else " "
        formats = " ".join(skill.formats)
        lines.append(f'{mark} {skill.name:<22} up to {skill.max_size_mb} MB · {formats} · "{skill.example}"')
        cells = (mark, skill.name, skill.title, f"{skill.max_size_mb} MB", formats, skill.example, skill.tip)
        rows.append("".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in cells))
    head = "".join(
        f"<th style='text-align:left'>{t}</th>" for t in ("", "name", "title", "limit", "best", "say", "tip")
    )
    table = f"<table><tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
    shown = Bundle("\n".join(lines), text_html=table)
    context.screen.show(shown)
    return shown


COMMAND = Command(
    name="skills",
    takes="",
    about="List what you can set out to do, with a prompt that works for each.",
    run=lambda context, _: _run(context),
    example="%nemo connect --skill music-maker",
)
