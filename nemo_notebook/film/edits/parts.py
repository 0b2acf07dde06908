"""Edits of parts of a film, whatever they are: shots, titles, sounds."""
