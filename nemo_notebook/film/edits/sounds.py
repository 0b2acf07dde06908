"""Edits of what is heard: music, songs, voices and their levels."""
