"""What all tests share: a home of their own, and nothing of the user's environment."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# What is slow here is the machine's other work, not the property.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

pytest_plugins = ["secret_search"]


@pytest.fixture(scope="session", autouse=True)
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home for what is set up before a test begins, so that nothing of the user's is read or written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEMO_HOME", str(tmp_path_factory.mktemp("first-home")))
        yield


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path_factory.mktemp("home")
    names = "NEMO_TOKEN NEMO_API_URL NEMO_WEB_URL NEMO_CLIENT_ID SKILL_SOURCE NEMO_MODEL_URL NEMO_MODEL NEMO_MODEL_KEY"
    for name in names.split():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NEMO_HOME", str(home))
    monkeypatch.setenv("NEMO_RETRY_SECONDS", "0")
    monkeypatch.setenv("NEMO_RECOVER_SECONDS", "0")
    return home
