"""Where a batch is made, and what that costs: told before anything is spent."""

from __future__ import annotations

from typing import Final

from nemo_notebook import errors, settings, skills
from nemo_notebook.batches.order import Order
from nemo_notebook.client.service import Service
from nemo_notebook.outside import finite
from nemo_notebook.session import backend as backends
from nemo_notebook.session import loop

_FILM: Final = 150  # credits, at most as a rule: a generated clip 100, the edits of a session 50, its export none


def where(name: str) -> str:
    """The backend that a name stands for: `local`, `cloud`, or a URL. Nothing is started or contacted.

    Raises:
        MissingExtra: The local engine is asked for and not installed.
        UsageError: There is none of that name.
    """
    if name == "auto":
        name = "local" if backends.engine_installed() and not settings.wants_cloud() else "cloud"
    if name == "local" and not backends.engine_installed():
        raise errors.MissingExtra("local", "The local engine")
    if name != "local":
        backends.choose(name)  # refuses what is no backend
    return name


def check_cost(order: Order, count: int, *, yes: bool) -> str:
    """What a number of films cost, as a sentence to be told; nothing where they are free.

    Raises:
        UsageError: They cost credits, and nobody has agreed to that.
        NemoError: The balance cannot be read.
    """
    if order.backend == "local" or not count:
        return ""
    available = loop.shared().run(_available(order))
    have = "" if available is None else f"; {available:g} are available"
    films = f"{count} films" if count != 1 else "1 film"
    words = f"{films} at up to about {_FILM} credits each: {count * _FILM} in all{have}."
    if not yes:
        raise errors.UsageError(words, hint="Add --yes to begin (in Python: yes=True), or use --backend local: free.")
    return words


async def _available(order: Order) -> float | None:
    backend = backends.choose(order.backend)
    service = Service(backend.url, skills.load(order.skill), token=backend.token)
    try:
        return finite((await service.credits()).get("available"))
    finally:
        await service.close()
