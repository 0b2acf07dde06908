"""The embedded backend: a server of the HTTP contract that composes, cuts and renders on this machine."""
