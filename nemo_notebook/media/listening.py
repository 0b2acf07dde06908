"""What is heard in a sound: speech or music, silences, beats, tempo, loudness, sections, drops; its cover's colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from nemo_notebook.media import beats, content, cover, decode, loudness, silences, structure
from nemo_notebook.media.onsets import measure_onsets

_LONGEST_S: Final = 3600.0  # of a mix of hours, the first one is listened to
_PEAKS_PER_S: Final = 10
_MOST_PEAKS: Final = 2000


def listen(path: Path, filename: str) -> dict[str, Any]:
    """Listens to a sound.

    Args:
        path: The file.
        filename: What people call it, for messages.

    Returns:
        `beats_s`, `first_downbeat` (index, 0–3), `tempo` (BPM; 0 without a steady beat), `energy` (0–1 a second),
        `sections` ([start in s, loudness 0–1], …), `drops_s`, `cover_colors` (three #rrggbb, or none), `lufs`
        (integrated loudness; None for silence), `peaks` and `length_s` (see `peaks_of`; the length that they span),
        `content` ("speech", "music", or "" where it is not clear), `silences_ms` ([start, end], …), as JSON values.

    Raises:
        FileMissing: There is no such file, or it is empty.
        UnsupportedMedia: There is no sound in it, or none that decodes.
    """
    samples = decode.mono(path, filename, longest_s=_LONGEST_S)
    samples -= samples.mean()
    onsets = measure_onsets(samples, decode.ANALYSIS_RATE)
    rhythm = beats.track_beats(samples, decode.ANALYSIS_RATE, onsets)
    kind = content.tell_content(samples, decode.ANALYSIS_RATE, onsets)
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
        "peaks": peaks_of(samples, decode.ANALYSIS_RATE),
        "length_s": round(len(samples) / decode.ANALYSIS_RATE, 4),
        "content": kind,
        "silences_ms": silences.find_silences(samples, decode.ANALYSIS_RATE, room_noise=kind != "music"),
    }


def peaks_of(samples: npt.NDArray[np.float32], rate: int) -> list[int]:
    """The loudest moments in equal stretches of a sound, for its waveform: ten a second, of long ones 2000 in all.

    Args:
        samples: Mono sound, shape (n,).
        rate: Samples per second, in Hz.

    Returns:
        0–100 of the loudest; zeros for silence.
    """
    count = min(_MOST_PEAKS, max(1, round(_PEAKS_PER_S * len(samples) / rate)), len(samples))
    if not count:
        return []
    starts = np.linspace(0, len(samples), count, endpoint=False).astype(np.int64)
    peaks = np.maximum.reduceat(np.abs(samples), starts)
    return [round(100 * float(peak)) for peak in peaks / max(float(peaks.max()), 1e-9)]
