"""Cuts an event stream into its blocks, each of which ends with a blank line."""

from __future__ import annotations

import codecs
import json
from typing import Any, Final

from nemo_notebook.tapes.names import Names

_BOM: Final = "\ufeff"
_LONGEST_CHARS: Final = 64 << 20  # the client gives up at such a block anyway


class EventBlocks:
    """Takes the bytes of a stream in any pieces; gives its blocks as text, with LF for every end of a line."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._begun: list[str] = []  # of a block whose end is to come
        self._begun_chars = 0
        self._after_cr = False
        self._is_new = True

    def feed(self, chunk: bytes) -> list[str]:
        """Take the next bytes; give the blocks that they complete."""
        return self._unmarked(self._cut(self._lines(self._decoder.decode(chunk))))

    def finish(self) -> list[str]:
        """What is left at the end of the stream: a last block that nothing has ended, if there is one."""
        blocks = self._cut(self._lines(self._decoder.decode(b"", final=True)))
        rest = "".join(self._begun)
        self._begun, self._begun_chars = [], 0
        return [block for block in self._unmarked([*blocks, rest]) if block]

    def _unmarked(self, blocks: list[str]) -> list[str]:
        """Without the stream's byte order mark; of two, the second is text, which has to come behind a first."""
        if self._is_new and blocks:
            self._is_new = False
            first = blocks[0].removeprefix(_BOM)
            blocks[0] = blocks[0] if first.startswith(_BOM) else first
        return blocks

    def _lines(self, text: str) -> str:
        if self._after_cr and text:
            self._after_cr = False
            text = text.removeprefix("\n")
        if text:
            self._after_cr = text.endswith("\r")
        return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text

    def _cut(self, text: str) -> list[str]:
        blocks: list[str] = []
        if self._begun and text.startswith("\n") and self._begun[-1].endswith("\n"):
            blocks.append("".join((*self._begun, "\n")))
            self._begun, self._begun_chars, text = [], 0, text[1:]
        at = 0
        while (end := text.find("\n\n", at)) >= 0:
            blocks.append("".join((*self._begun, text[at : end + 2])))
            self._begun, self._begun_chars, at = [], 0, end + 2
        if rest := text[at:]:
            self._begun.append(rest)
            self._begun_chars += len(rest)
            if self._begun_chars > _LONGEST_CHARS:
                blocks.append("".join(self._begun))
                self._begun, self._begun_chars = [], 0
        return blocks


def shown(block: str, names: Names) -> str:
    """A block with names for what is only of the day: in the JSON of its data, where it is JSON."""
    lines = block.split("\n")
    data = [line.removeprefix("data:").removeprefix(" ") for line in lines if line.startswith("data:")]
    value = _json("\n".join(data))
    if value is None:
        named: str = names.shown(block)
        return named
    names.learn("", value)
    instead = names.shown(value)
    others = [names.shown(line) for line in lines if not line.startswith("data:")]
    if instead == value and others == [line for line in lines if not line.startswith("data:")]:
        return block
    at = next(number for number, line in enumerate(lines) if line.startswith("data:"))
    return "\n".join([*others[:at], f"data: {json.dumps(instead)}", *others[at:]])


def _json(data: str) -> Any:
    try:
        return json.loads(data) if data.lstrip()[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        return None
