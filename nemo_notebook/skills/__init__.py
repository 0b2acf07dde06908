"""The skill profiles: what a user sets out to do, and how the service is told of it.

A profile is a Markdown file with a YAML front matter whose values are written as JSON, one key a line, so that the
standard library reads it. It fills the attribution headers, the size limit and the help.
"""

from __future__ import annotations

import difflib
import itertools
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nemo_notebook.errors import UsageError

DEFAULT = "from-music"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Skill:
    """One profile.

    Attributes:
        name: The id that `--skill` takes and `X-Skill-Source` sends.
        version: What `X-Skill-Version` sends.
        title: The name for people.
        max_size_mb: Largest upload in megabytes (10**6 bytes).
        formats: Recommended file types, best first.
        example: A prompt that works well.
        tip: One sentence of advice.
        typical_time: How long a result takes at the cloud service.
        about: What it is for, as Markdown.
    """

    name: str
    version: str
    title: str
    max_size_mb: int
    formats: tuple[str, ...]
    example: str
    tip: str
    typical_time: str
    about: str

    @property
    def max_bytes(self) -> int:
        """Largest upload in bytes."""
        return self.max_size_mb * 1_000_000


def parse_skill(text: str) -> Skill:
    """Read one profile from its Markdown."""
    _, front, about = text.split("---\n", 2)
    values = {key: json.loads(value) for key, _, value in (line.partition(":") for line in front.splitlines())}
    values["formats"] = tuple(values["formats"])
    return Skill(**values, about=about.strip())


@cache
def all_skills() -> tuple[Skill, ...]:
    """Every profile, the default one first."""
    found = [parse_skill(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.md"))]
    return tuple(sorted(found, key=lambda skill: skill.name != DEFAULT))


def load(name: str) -> Skill:
    """The profile of that name.

    Raises:
        UsageError: There is none; the nearest name is suggested.
    """
    skills = {skill.name: skill for skill in all_skills()}
    if name in skills:
        return skills[name]
    near = difflib.get_close_matches(str(name), skills, n=1, cutoff=0.3)
    raise UsageError(
        f"There is no skill {name!r}.",
        hint=(f"Did you mean {near[0]!r}? " if near else "") + f"Skills: {', '.join(skills)}.",
    )


def platform() -> str:
    """What `X-Skill-Platform` sends: `SKILL_SOURCE`, else told from where the profiles are installed."""
    if own := os.environ.get("SKILL_SOURCE"):
        return own
    parts = _FOLDER.parts
    if ".clawhub" in parts:
        return "clawhub"
    if any(pair == (".cursor", "skills") for pair in itertools.pairwise(parts)):
        return "cursor"
    return "unknown"
