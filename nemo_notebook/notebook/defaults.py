"""What is used where a command does not say it, and what a project's `pyproject.toml` says of that.

A project may be somebody else's, cloned a minute ago. So its file is untrusted: it chooses among what is known here,
and it never names an address that media and tokens would go to.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from traitlets import Enum, Unicode
from traitlets.config import Configurable

from nemo_notebook.outside import redact
from nemo_notebook.session.presets import EXPORT_QUALITIES, RESOLUTIONS
from nemo_notebook.settings import MODEL_PLACES

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "backend": ("auto", "local", "cloud"),
    "quality": EXPORT_QUALITIES,
    "resolution": ("", *RESOLUTIONS),
    "loop": ("thread", "nest"),
    "model": ("", "none", *MODEL_PLACES),
}
"""The values of those settings that have few."""

_FILE: Final = "pyproject.toml"
_SECTION: Final = "[tool.nemo"
_MOST_TOLD: Final = 5
_LANGUAGE: Final = re.compile(r"auto|[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")


class Defaults(Configurable):
    """The settings of `%config NemoMagics`; a command keeps to those with which it was begun."""

    skill = Unicode("from-music", help="The skill that a session is opened with.").tag(config=True)
    backend = Unicode("auto", help="auto, local, cloud, or a URL.").tag(config=True)
    language = Unicode("auto", help="auto, or a tag such as en or zh-CN.").tag(config=True)
    model = Unicode("", help="The address of a language model behind the chat, or ollama, lmstudio, llamacpp.").tag(
        config=True
    )
    model_name = Unicode("", help="Which model of those that are there.").tag(config=True)
    quality = Enum(CHOICES["quality"], "high", help="The quality of exports.").tag(config=True)
    resolution = Enum(CHOICES["resolution"], "", help="The resolution of exports; empty for the timeline's own.").tag(
        config=True
    )
    loop = Enum(
        CHOICES["loop"],
        "thread",
        help="How a cell waits: on a background thread's event loop, or nested in the kernel's own by nest-asyncio.",
    ).tag(config=True)


def project_defaults(folder: Path) -> tuple[dict[str, str], list[str]]:
    """What the section `[tool.nemo]` of the nearest `pyproject.toml` says.

    Args:
        folder: Where the search begins; it goes upwards, and not beyond the user's home.

    Returns:
        The settings that can be taken, and a line for each that cannot.
    """
    path = _nearest_file(folder)
    if path is None:
        return {}, []
    try:
        section = _read_section(path)
    except OSError as error:
        return {}, [f"{_FILE} cannot be read: {redact(error.strerror or type(error).__name__)}."]
    except (ValueError, RecursionError) as error:
        return {}, [f"{_FILE} cannot be understood, so nothing of it is taken: {redact(str(error), 120)}"]
    if not isinstance(section, Mapping):
        return {}, [f"{_FILE}: tool.nemo has to be one table, written as [tool.nemo]."]
    found = {key: _mistake(key, value) for key, value in section.items()}
    mistakes = [f"{_FILE}, [tool.nemo]: {mistake}" for mistake in found.values() if mistake]
    if len(mistakes) > _MOST_TOLD:
        mistakes[_MOST_TOLD:] = [f"{_FILE}, [tool.nemo]: {len(mistakes) - _MOST_TOLD} more cannot be taken."]
    return {key: section[key] for key, mistake in found.items() if mistake is None}, mistakes


def _nearest_file(folder: Path) -> Path | None:
    with contextlib.suppress(OSError, RuntimeError, ValueError):  # a folder that is gone, or a home that there is not
        folder, home = folder.resolve(), Path.home().resolve()
        for place in (folder, *folder.parents):
            if home.is_relative_to(place) and place != home:
                return None  # what lies beside or above the homes is not this user's
            if (place / _FILE).is_file():
                return place / _FILE
    return None


def _read_section(path: Path) -> Any:
    """The section as it is written; empty where there is none, also in a file that is no TOML.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no text or no TOML.
    """
    text = path.read_text(encoding="utf-8-sig")
    if _SECTION not in text:
        return {}
    import tomllib

    tool = tomllib.loads(text).get("tool")
    return tool.get("nemo", {}) if isinstance(tool, Mapping) else {}


def _mistake(key: str, value: object) -> str | None:
    """Why a setting is not taken; None where it is."""
    from nemo_notebook.notebook.grammar import did_you_mean

    names = Defaults.class_trait_names(config=True)
    if key not in names:
        near = did_you_mean(key, names) or f"There are: {', '.join(names)}."
        return f"there is no setting {redact(key, 40)!r}. {near}"
    if not isinstance(value, str):
        return f'{key} has to be a text, such as {key} = "{getattr(Defaults(), key)}".'
    if key == "model_name" or (key == "language" and _LANGUAGE.fullmatch(value)):
        return None
    choices = _choices(key)
    if value in choices:
        return None
    if key in ("backend", "model") and re.search(r"[:/.]", value):
        return (
            f"{key} may be {_listed(choices)} here, no address: a file that comes with a project could send what is "
            f"yours anywhere. Use %config NemoMagics.{key} for one that you trust."
        )
    hint = did_you_mean(value, choices) or f"Choose one of: {_listed(choices)}."
    return f"{key} cannot be {redact(value, 60)!r}. {hint}"


def _choices(key: str) -> tuple[str, ...]:
    from nemo_notebook import skills

    if key == "language":
        return "auto", "en", "zh-CN"
    return tuple(skill.name for skill in skills.all_skills()) if key == "skill" else CHOICES[key]


def _listed(choices: tuple[str, ...]) -> str:
    return ", ".join(choice or '""' for choice in choices)
