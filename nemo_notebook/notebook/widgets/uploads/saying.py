"""What a page says of files: it may be anything, and is read for what can be used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def objects(content: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    value = content.get(key)
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def texts(content: Mapping[str, Any], key: str) -> list[str]:
    """The texts of a list."""
    value = content.get(key)
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def text(content: Mapping[str, Any], key: str) -> str:
    """A text; empty where there is none."""
    value = content.get(key)
    return value if isinstance(value, str) else ""


def number(content: Mapping[str, Any], key: str) -> int:
    """A whole number from 0; 0 where there is none."""
    value = content.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0
