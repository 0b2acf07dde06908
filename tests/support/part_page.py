"""A part of the panel on a page of its own, with its kernel's side in this process: no notebook, no waiting for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

_HTML = """<!doctype html><html lang="en"><title>A part</title><style>{css}
body {{ margin: 16px; font-family: system-ui; background: var(--jp-layout-color1, #fff); }}
body[data-jp-theme-light="false"] {{ --jp-layout-color1: #111; --jp-layout-color2: #212121; --jp-ui-font-color1: #fff;
  --jp-ui-font-color2: #bbb; --jp-border-color1: #666; --jp-border-color2: #424242; }}</style>
<body data-jp-theme-light="{light}"><main id="here"></main></body></html>"""
_SCRIPT = """async ([source, state]) => {
  const heard = new Map();
  const hear = (name, value, more) => heard.get(name)?.forEach((each) => each(value, more));
  window.model = {
    get: (name) => state[name],
    set: (name, value) => { state[name] = value; hear(`change:${name}`); },
    save_changes() {},
    on: (name, each) => heard.set(name, [...(heard.get(name) ?? []), each]),
    off: (name, each) => heard.set(name, (heard.get(name) ?? []).filter((other) => other !== each)),
    send: async (message) => {
      for (const answer of await window.nemoHears(message)) hear("msg:custom", answer, []);
    },
  };
  window.addEventListener("unhandledrejection", (event) => console.log("unhandled", event.reason?.stack));
  window.saysNemo = (content) => hear("msg:custom", content, []);
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const made = (await import(address)).default;
  window.leave = await made.render({ model: window.model, el: document.getElementById("here") });
}"""


def show_part(
    page: Page,
    esm: str,
    css: str,
    state: dict[str, Any],
    answer: Callable[[dict[str, Any]], Any],
    *,
    dark: bool = False,
) -> None:
    """Show a part.

    Args:
        page: Where; all that was on it goes.
        esm: The part's module.
        css: Its stylesheet.
        state: Its traits, with `words`.
        answer: Gives what is answered to what the page asks; what it raises is answered as an error.
        dark: Whether the page is dark.
    """

    def hears(message: dict[str, Any]) -> list[dict[str, Any]]:
        try:
            content = json.loads(json.dumps(answer(message)))
        except Exception as error:  # as the part's Python tells it
            return [{"answer": message["ask"], "error": str(error), "hint": getattr(error, "hint", "")}]
        return [{"answer": message["ask"], "content": content}]

    page.set_content(_HTML.format(css=css, light="false" if dark else "true"))
    page.expose_function("nemoHears", hears)
    page.evaluate(_SCRIPT, [esm, {"trouble": "", "session_id": "s", "kernel_id": "", "part_id": "p", **state}])
