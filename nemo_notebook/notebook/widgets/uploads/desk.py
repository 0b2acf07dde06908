"""What is on its way into a session: shared by all uploaders over it in this process, kept when one of them goes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from nemo_notebook.notebook.widgets.uploads.transfers import Transfer

Tell = Callable[[Mapping[str, Any], Sequence[bytes]], None]

_desks: Final[dict[str, Desk]] = {}


class Desk:
    """The transfers of one session, by what pages call them.

    Attributes:
        transfers: All that have not arrived.
        changing: Held by whoever changes them.
    """

    def __init__(self) -> None:
        self.transfers: dict[str, Transfer] = {}
        self.changing = threading.RLock()
        self._hearers: dict[str, Tell] = {}

    def join(self, part_id: str, tell: Tell) -> None:
        """Be told of all transfers from now on, whoever's they are."""
        with self.changing:
            self._hearers = {**self._hearers, part_id: tell}

    def leave(self, part_id: str) -> None:
        """Be told no more."""
        with self.changing:
            self._hearers = {key: tell for key, tell in self._hearers.items() if key != part_id}

    def tell(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Tell all who are here."""
        for hearer in self._hearers.values():
            hearer(content, buffers)

    def forget(self, transfer: Transfer) -> None:
        """It is on its way no more."""
        with self.changing:
            if self.transfers.get(transfer.id) is transfer:
                del self.transfers[transfer.id]


def desk_of(session_id: str) -> Desk:
    """The desk of a session."""
    return _desks.setdefault(session_id, Desk())
