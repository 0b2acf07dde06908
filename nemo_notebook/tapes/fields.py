"""The fields of a line that anybody may have written: each is of its type and size, or an error says which is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Never

from nemo_notebook import errors
from nemo_notebook.outside import finite

LONGEST_TEXT: Final = 2000
_MOST_PAIRS: Final = 64


@dataclass(frozen=True, slots=True)
class Field:
    """A value and where in its line it is.

    Every method raises `TapeError`, whose message completes "Line 7 of film.nemotape …", where the value is not such.
    """

    value: Any
    where: str = ""

    def __getitem__(self, key: str) -> Field:
        if not isinstance(self.value, Mapping):
            self.wrong()
        return Field(self.value.get(key), f"{self.where}.{key}" if self.where else key)

    @property
    def is_there(self) -> bool:
        """Whether there is a value, and not null."""
        return self.value is not None

    def items(self) -> list[Field]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.wrong()
        return [Field(item, f"{self.where}[{index}]") for index, item in enumerate(self.value)]

    def text(self, pattern: str = "", longest: int | None = LONGEST_TEXT) -> str:
        """A text, which matches the pattern as a whole, if there is one."""
        is_fit = isinstance(self.value, str) and (longest is None or len(self.value) <= longest)
        if not is_fit or (pattern and not re.fullmatch(pattern, self.value)):
            self.wrong()
        return str(self.value)

    def number(self, most: float) -> float:
        """A number from 0 on."""
        number = finite(self.value)
        if number is None or not 0 <= number <= most:
            self.wrong()
        return number

    def whole(self, least: int, most: int) -> int:
        """A whole number."""
        if type(self.value) is not int or not least <= self.value <= most:
            self.wrong()
        return int(self.value)

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.wrong()
        return self.value

    def texts(self) -> dict[str, str]:
        """Texts by name."""
        if not isinstance(self.value, Mapping) or len(self.value) > _MOST_PAIRS:
            self.wrong()
        return {name: self[name].text() for name in self.value}

    def wrong(self) -> Never:
        """Refuse it."""
        raise errors.TapeError(f"cannot be read: its `{self.where or 'value'}` is not what it should be.")
