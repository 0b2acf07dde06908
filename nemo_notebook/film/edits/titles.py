"""Edits of titles."""
