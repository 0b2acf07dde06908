"""Batches end with their program: they are stopped while its threads still work, and leave nothing half made."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable
from functools import cache
from typing import Final

_RUNNING: Final[dict[object, Callable[[], None]]] = {}


def before_the_end(who: object, end: Callable[[], None]) -> None:
    """Have something done when the program ends, unless `not_any_more` is said before."""
    _watch()
    _RUNNING[who] = end


def not_any_more(who: object) -> None:
    """It has ended by itself."""
    _RUNNING.pop(who, None)


@cache
def _watch() -> None:
    # What `atexit` has in hand comes when no pool of threads takes work any more, and so nobody could stop anything.
    register = getattr(threading, "_register_atexit", atexit.register)
    try:
        register(_end)
    except RuntimeError:  # the program ends this moment
        atexit.register(_end)


def _end() -> None:
    for end in list(_RUNNING.values()):
        end()


def has_prompt() -> bool:
    """Whether somebody sits before this interpreter, who goes on after an interrupt: a notebook, a console."""
    return hasattr(sys, "ps1")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_RUNNING.clear)  # the batch is the parent's
