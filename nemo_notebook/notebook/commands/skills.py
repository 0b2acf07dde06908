"""`%nemo skills`: what one can set out to do."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from nemo_notebook.notebook.grammar import Arguments, Command

if TYPE_CHECKING:
    from nemo_notebook.notebook.call import Call
    from nemo_notebook.notebook.outlet import Bundle


def _skills(call: Call, _: Arguments) -> Bundle:
    from nemo_notebook import skills
    from nemo_notebook.notebook.outlet import Bundle

    context = call.context
    chosen = context.current.skill.name if context.current else call.defaults.skill
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
    return Bundle("\n".join(lines), text_html=table)


COMMAND = Command(
    name="skills",
    about="List what you can set out to do, with a prompt that works for each.",
    run=_skills,
    example="%nemo connect --skill music-maker",
)
