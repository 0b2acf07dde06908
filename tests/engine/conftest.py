"""What tests of the engine share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nemo_notebook.engine.store import Store


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    pair = Store(tmp_path), Store(tmp_path)
    yield pair
    for store in pair:
        store.close()
