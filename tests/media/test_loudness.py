"""Loudness, against what EBU Tech 3341 says of a sine."""

from __future__ import annotations

import numpy as np
import pytest
from media_files import write_sound

from nemo_notebook.media.analysis import integrated_lufs


@pytest.mark.parametrize("peak_dbfs", [-23.0, -33.0])
def test_a_sine_in_both_channels_is_as_loud_as_its_peak_says(tmp_path, peak_dbfs):
    sine = 10 ** (peak_dbfs / 20) * np.sin(2 * np.pi * 1000 * np.arange(48_000 * 4) / 48_000)
    write_sound(tmp_path / "sine.wav", sine, 48_000, codec="pcm_s16le")
    assert integrated_lufs(tmp_path / "sine.wav", "sine.wav", 60) == pytest.approx(peak_dbfs, abs=0.2)


def test_silence_has_no_loudness(tmp_path):
    write_sound(tmp_path / "still.wav", np.zeros(48_000), 48_000, codec="pcm_s16le")
    assert integrated_lufs(tmp_path / "still.wav", "still.wav", 60) is None


def test_no_more_is_measured_than_was_asked_for(tmp_path):
    loud = np.concatenate([np.zeros(48_000 * 2), 0.5 * np.sin(np.arange(48_000 * 2) * 0.13)])
    write_sound(tmp_path / "late.wav", loud, 48_000, codec="pcm_s16le")
    assert integrated_lufs(tmp_path / "late.wav", "late.wav", 1.5) is None
