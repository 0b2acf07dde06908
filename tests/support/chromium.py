"""The browser that is installed here."""

from __future__ import annotations

import os
import shutil

import pytest


def chromium() -> str:
    """Its program; without one the test is skipped, or fails where a browser is required."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if os.environ.get("NEMO_TEST_BROWSER") == "required":
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    return found
