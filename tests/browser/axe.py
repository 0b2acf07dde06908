"""What axe-core finds wrong with a part of a page, for those who see, hear or move in another way."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from page_scripts import scripts
from playwright.sync_api import Page

JS = scripts(__file__)
PICTURES = os.environ.get("NEMO_TEST_PICTURES", "")
_RUN = "([selector, options]) => axe.run(selector, options)"
_HAS_AXE = "typeof window.axe === 'object'"


def violations(page: Page, selector: str) -> list[str]:
    """All violations of axe-core's rules, best practices included, in the elements that a CSS selector matches.

    Each is told in one text: the rule, where it is broken, and how it can be mended. Shadow trees are looked into.
    """
    assert page.locator(selector).count(), f"nothing matches {selector}"
    if not page.evaluate(_HAS_AXE):
        page.evaluate(AXE_SCRIPT)
    page.evaluate(JS.settled, selector)
    found = page.evaluate(_RUN, [selector, {"resultTypes": ["violations"]}])
    return [_told(rule, node) for rule in found["violations"] for node in rule["nodes"]]


def picture(page: Page, name: str) -> None:
    """Keep a screenshot where someone wants to look at it."""
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


def look_at(page: Page, selector: str, name: str) -> None:
    """Take a picture of a state, and find nothing in it that shuts anybody out."""
    picture(page, name)
    found = violations(page, selector)
    assert not found, "\n".join(found)


def _told(rule: dict[str, Any], node: dict[str, Any]) -> str:
    where = " ".join(map(json.dumps, node["target"]))
    why = node["failureSummary"]
    return f"{rule['id']} ({rule['impact']}): {rule['help']}\n  at {where}: {node['html'][:200]}\n  {why}"
