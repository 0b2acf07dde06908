"""What is heard in a song: beats, tempo, loudness, sections, drops; and the colours of its cover."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from nemo_notebook.engine.media import beats, cover, decode, loudness, structure
from nemo_notebook.engine.media.onsets import measure_onsets

_LONGEST_S: Final = 3600.0  # of a mix of hours, the first one is listened to


def listen(path: Path, filename: str) -> dict[str, Any]:
    """Listens to a song.

    Args:
        path: The file.
        filename: What people call it, for messages.

    Returns:
        `beats_s`, `first_downbeat` (index, 0–3), `tempo` (BPM; 0 without a steady beat), `energy` (0–1 a second),
        `sections` ([start in s, loudness 0–1], …), `drops_s`, `cover_colors` (three #rrggbb, or none) and `lufs`
        (integrated loudness; None for silence), as JSON values.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it, or none that decodes.
    """
    samples = decode.mono(path, filename, longest_s=_LONGEST_S)
    samples -= samples.mean()
    onsets = measure_onsets(samples, decode.ANALYSIS_RATE)
    rhythm = beats.track_beats(samples, decode.ANALYSIS_RATE, onsets)
    form = structure.find_structure(samples, decode.ANALYSIS_RATE, onsets, rhythm.downbeats_s)
    return {
        "beats_s": list(rhythm.beats_s),
        "first_downbeat": rhythm.first_downbeat,
        "tempo": rhythm.tempo,
        "energy": list(form.energy),
        "sections": [list(section) for section in form.sections],
        "drops_s": list(form.drops_s),
        "cover_colors": list(cover.cover_colors(path, filename)),
        "lufs": loudness.integrated_lufs(path, filename, _LONGEST_S),
    }
