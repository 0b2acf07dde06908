"""The table of routes as an OpenAPI document, and as a page for people: no script, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from nemo_notebook.engine.routes import INTEGER, ROUTES, STRING, RouteDoc

Json = dict[str, Any]

_VERSION: Final = "1"  # of what is spoken; the package has its own
_PLACE: Final = re.compile(r"\{(\w+)\}")
_KINDS: Final = {"events": "text/event-stream", "file": "application/octet-stream", "page": "text/html"}
_WORDS: Final = {
    400: "The header X-Client-Id is missing",
    402: "Export is not part of the plan, or the attribution headers are missing",
    404: "There is no such thing",
    409: "The id is taken, or the draft is another by now",
    422: "The request cannot be read",
    429: "Too many requests: wait Retry-After",
    1001: "The token is invalid or has expired",
    1002: "There is no such session",
    2001: "Out of credits",
    4001: "Not a type that is accepted, or not readable as one",
    4002: "Too large",
}
PAGE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
_STYLE: Final = """
:root { color-scheme: light dark; --soft: color-mix(in srgb, currentColor 12%, transparent); --accent: #7a3ff2; }
@media (prefers-color-scheme: dark) { :root { --accent: #b79bff; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 52rem; margin: 3rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.9rem; letter-spacing: -0.02em; margin-bottom: 0.25rem; }
section { border: 1px solid var(--soft); border-radius: 0.75rem; padding: 1rem 1.25rem; margin: 1rem 0; }
h2 { font-size: 1.1rem; margin: 0 0 0.5rem; }
code { font: 0.875em ui-monospace, monospace; overflow-wrap: anywhere; }
.method { color: var(--accent); font-weight: 700; }
p { margin: 0.4rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.925rem; }
td { border-top: 1px solid var(--soft); padding: 0.3rem 0.75rem 0.3rem 0; vertical-align: top; }
td:first-child { width: 9rem; opacity: 0.7; }
"""


def document() -> Json:
    """The routes by OpenAPI 3.1."""
    paths: Json = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "NemoVideo local engine", "version": _VERSION, "description": _ABOUT},
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Refusal": {
                    "type": "object",
                    "properties": {"code": INTEGER, "message": STRING, "hint": STRING},
                }
            },
        },
    }


_ABOUT: Final = (
    "Music videos by chat, on this machine. Answers are {code, message, data}; a code other than 0 is a refusal, and "
    "its hint says what to do."
)


def _operation(route: RouteDoc) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.title,
        "description": route.text,
        "security": [] if route.open else [{"token": []}],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": STRING} for name in _PLACE.findall(route.path)
        ],
        "responses": {"200": _answer(route), "default": _refusal(route)},
    }
    if route.body is not None:
        kinds = {"application/json": {"schema": _object(route.body, route.required)}}
        if route.form:
            files = {"type": "array", "items": {"type": "string", "format": "binary"}}
            kinds["multipart/form-data"] = {"schema": _object({"files": files}, ("files",))}
        operation["requestBody"] = {"content": kinds}
    return operation


def _object(properties: Mapping[str, Any], required: tuple[str, ...] = ()) -> Json:
    return {"type": "object", "properties": dict(properties), **({"required": list(required)} if required else {})}


def _answer(route: RouteDoc) -> Json:
    if route.answers in _KINDS:
        return {"description": route.title, "content": {_KINDS[route.answers]: {"schema": STRING}}}
    data = _object(route.data)
    whole = data if not route.data else _object({"data": data, **(_BARE if route.bare else _ENVELOPE)})
    return {"description": route.title, "content": {"application/json": {"schema": whole}}}


_ENVELOPE: Final = {"code": INTEGER, "message": STRING}
_BARE: Final = {"success": {"type": "boolean"}}


def _refusal(route: RouteDoc) -> Json:
    schema = {"$ref": "#/components/schemas/Refusal"}
    words = "; ".join(_codes(route)) or "A refusal"
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _codes(route: RouteDoc) -> list[str]:
    codes = (*(() if route.open else (1001,)), *route.codes)
    return [f"{code}: {_WORDS[code]}" for code in codes]


def page() -> str:
    """The routes as a page of HTML."""
    sections = "\n".join(_section(route) for route in ROUTES)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>NemoVideo local engine</title><style>{_STYLE}</style></head>\n<body>"
        f"<h1>NemoVideo local engine</h1><p>{escape(_ABOUT)} "
        'The same for machines: <a href="/openapi.json">openapi.json</a>.</p>\n'
        f"{sections}\n</body></html>\n"
    )


def _section(route: RouteDoc) -> str:
    rows = [
        ("needs", "nothing" if route.open else "Authorization: Bearer <token>"),
        ("takes", _names(route.body or {}) + (" · or a form with files" if route.form else "")),
        ("gives", _KINDS.get(route.answers) or _names(route.data) or "application/json"),
        ("refuses", " · ".join(_codes(route))),
    ]
    table = "".join(f"<tr><td>{name}</td><td>{escape(words)}</td></tr>" for name, words in rows if words)
    return (
        f'<section><h2 id="{route.name}">{escape(route.title)}</h2>'
        f'<p><code><span class="method">{route.method}</span> {escape(route.path)}</code></p>'
        f"<p>{escape(route.text)}</p><table>{table}</table></section>"
    )


def _names(properties: Mapping[str, Any]) -> str:
    return ", ".join(properties)
