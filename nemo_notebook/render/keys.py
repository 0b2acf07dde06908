"""By what the cache knows shots and sounds: all that makes a difference to what they look or sound like."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from nemo_notebook.render.layers import Output, Shot, SoundPlan, to_json

SHOT_VERSION: Final = 5  # raise it when the same shot would come out as another picture
SOUND_VERSION: Final = 5  # likewise for the mix
# Where a thing is says nothing about how it looks.
_PLACES: Final = frozenset({"path", "cover_path", "name", "first_frame"})
_ONLY_IF_GIVEN: Final = frozenset({"x", "y"})  # what came later counts where it is used: other shots keep their keys


@lru_cache(maxsize=1)
def drawn_with() -> tuple[str, ...]:
    """The versions of the libraries that pictures and sound depend on: others give others, a little."""
    found = []
    for name in ("av", "numpy", "pillow"):
        with contextlib.suppress(PackageNotFoundError):  # it may be there in another way than as a wheel
            found.append(f"{name} {version(name)}")
    return tuple(found)


def shot_key(shot: Shot, output: Output, spectrum_digest: str = "") -> str:
    """Hash of all that is seen in a shot; where it lies on the timeline does not count.

    Args:
        shot: The shot.
        output: Size, rate and quality; the container does not count.
        spectrum_digest: Digest of the spectrum's slice, for a shot that is drawn from the sound.
    """
    form = (output.quality, output.width, output.height, output.fps)
    return _hash(["shot", SHOT_VERSION, drawn_with(), form, to_json(shot), spectrum_digest])


def sound_key(plan: SoundPlan) -> str:
    """Hash of all that is heard in a film; of a mix, which is kept without one, a loudness does not count."""
    heard = {key: value for key, value in to_json(plan).items() if key != "lufs" or value is not None}
    return _hash(["sound", SOUND_VERSION, drawn_with(), heard])


def _hash(value: object) -> str:
    text = json.dumps(_placeless(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]


def _placeless(value: object) -> object:
    if isinstance(value, Mapping):
        seen = {key: item for key, item in value.items() if key not in _PLACES}
        return {k: _placeless(item) for k, item in seen.items() if item is not None or k not in _ONLY_IF_GIVEN}
    if isinstance(value, (tuple, list)):
        return [_placeless(item) for item in value]
    return value
