"""A vector picture that shows itself in a notebook, also where the notebook is not trusted."""

from __future__ import annotations

import base64
import html
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nemo_notebook.errors import InputError

WIDTH: Final = 960  # in CSS pixels, where there is room for it


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG with the words for those who do not see it.

    Attributes:
        svg: The whole document; nothing in it runs or refers to anything outside.
        words: What is seen on it.
    """

    svg: str = field(repr=False)
    words: str = ""

    @property
    def html(self) -> str:
        """The picture as an image element: inline SVG is taken out of untrusted notebooks, images are not."""
        data = base64.b64encode(self.svg.encode("utf-8")).decode("ascii")
        return (
            f'<img src="data:image/svg+xml;base64,{data}" alt="{html.escape(self.words)}" width="{WIDTH}" '
            'style="max-width:100%;height:auto">'
        )

    def save(self, path: str | Path) -> Path:
        """Write the SVG to a file and give its path.

        Raises:
            InputError: It cannot be written there.
        """
        target = Path(path).expanduser()
        try:
            target.write_text(self.svg, encoding="utf-8")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "that is no path"
            raise InputError(f"{target.name} cannot be written: {reason}.", hint="Choose another place.") from error
        return target

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.words, "text/html": self.html}
