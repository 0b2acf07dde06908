"""Where the sessions of a tape keep what they note, while it is in use."""

from __future__ import annotations

from pathlib import Path

from nemo_notebook import errors, settings
from nemo_notebook.files import temporary_folder


def new_home() -> Path:
    """A private folder that nothing is in.

    Raises:
        TapeError: There is no place for it.
    """
    place = settings.home() / "tapes"
    try:
        return temporary_folder(place.name)
    except OSError as error:
        hint = "Set NEMO_HOME to a folder that can be written."
        raise errors.TapeError(f"There is no place to keep what a tape's sessions note: {place}.", hint=hint) from error
