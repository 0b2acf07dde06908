"""What an exported film was made of: as it says itself, else as the journal knows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from nemo_notebook import errors
from nemo_notebook.film.provenance import Provenance, provenance, said
from nemo_notebook.session.core import Core
from nemo_notebook.session.records import Job

_MOST: Final = 1000  # turns and uploads of a session


def made_of(path: Path, core: Core, job: Job) -> Provenance | None:
    """What a film was made of; None where that cannot be told. Reads the file and the journal: call it in a thread.

    A service in the cloud writes no record, and its films are left as they are. Of those it is known what was uploaded,
    and said before the export, including what was taken back later.

    Args:
        path: The film.
        core: Whose it is.
        job: The export.
    """
    try:
        return provenance(path) or _noted(path, core, job)
    except errors.NemoError:
        return None  # an ornament: the film is there


def _noted(path: Path, core: Core, job: Job) -> Provenance:
    def before(kind: str) -> list[Job]:
        jobs = core.journal.jobs(job.session_id, kind=kind, limit=_MOST)[::-1]
        return [each for each in jobs if each.state == "done" and each.begun_s <= job.begun_s]

    uploads = [
        (each.title, str(each.detail.get("sha256") or each.detail.get("hash") or "")) for each in before("upload")
    ]
    asked = job.detail.get("output")
    form = {"format": path.suffix.lstrip(".").lower(), **(asked if isinstance(asked, dict) else {})}
    return Provenance(
        skill=core.skill.name,
        media=tuple(uploads),
        prompts=tuple(said(str(each.detail.get("said") or each.title)) for each in before("turn")),
        draft_sha256=str(job.detail.get("draft") or ""),
        output=tuple((str(name), str(value)) for name, value in form.items()),
    )
