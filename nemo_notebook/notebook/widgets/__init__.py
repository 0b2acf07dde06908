"""The studio and its parts."""
