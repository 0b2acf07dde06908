"""What an export may be."""

from __future__ import annotations

from typing import Final

FORMATS: Final = ("mp4", "mov", "mkv", "webm", "avi", "gif", "jpg", "png", "webp", "mp3", "wav", "m4a", "aac", "mid")
QUALITIES: Final = ("preview", "low", "medium", "high")
RESOLUTIONS: Final = ("480p", "540p", "720p", "1080p", "1440p", "2k", "4k")
STILLS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp"})
