"""Values that a JSON Schema allows, and values that it does not: generated from the schema alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

Schema = Mapping[str, Any]
NUMBERS = (0.0, 0.03, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 7.99, 8.0, 14.0, 20.0, -1.0, -2.5)


def resolved(part: Schema, whole: Schema) -> Schema:
    """A part of a schema, with what it refers to in its place."""
    name = str(part.get("$ref", "")).rpartition("/")[2]
    return resolved(whole["$defs"][name], whole) if name else part


def options(part: Schema, whole: Schema) -> list[Schema]:
    """The schemas of which one has to fit."""
    part = resolved(part, whole)
    return [deeper for each in part["anyOf"] for deeper in options(each, whole)] if "anyOf" in part else [part]


def allowed(part: Schema, whole: Schema, texts: Sequence[str]) -> st.SearchStrategy[Any]:
    """Values that fit; texts are mostly taken from those that are given, numbers are mostly small."""
    return st.one_of([_allowed(each, whole, texts) for each in options(part, whole)])


def _allowed(part: Schema, whole: Schema, texts: Sequence[str]) -> st.SearchStrategy[Any]:
    if "enum" in part:
        return st.sampled_from(part["enum"])
    low, high = part.get("minimum", -(10**6)), part.get("maximum", 10**6)
    match part["type"]:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(low, min(high, low + 10)) | st.sampled_from([low, high])
        case "number":
            usual = [number for number in (*NUMBERS, low, high) if low <= number <= high]
            return st.sampled_from(usual) | st.sampled_from(usual) | st.floats(low, high)
        case "string" if "pattern" in part:
            return st.from_regex(part["pattern"], fullmatch=True).map(str.strip)
        case "string":
            low, high = part.get("minLength", 0), part.get("maxLength", 300)
            known = [text for text in texts if low <= len(text) <= high]
            return st.sampled_from(known) | st.sampled_from(known) | st.text(min_size=low, max_size=min(high, low + 5))
        case "array":
            low = part.get("minItems", 0)
            of = allowed(part["items"], whole, texts)
            return st.lists(of, min_size=low, max_size=part.get("maxItems", low + 3))
    fields = part["properties"]
    needed = [name for name in part.get("required", ()) if "enum" not in fields[name] or len(fields[name]["enum"]) > 1]
    tags = {name: field["enum"][0] for name, field in fields.items() if name == "edit"}
    others = [name for name in fields if name not in needed and name not in tags]
    some = st.lists(st.sampled_from(others), max_size=3, unique=True) if others else st.just([])
    return some.flatmap(
        lambda names: st.fixed_dictionaries({name: allowed(fields[name], whole, texts) for name in (*needed, *names)})
    ).map(lambda values: {**tags, **values})


def example(part: Schema, whole: Schema) -> Any:
    """The simplest value that fits: what has to be there and nothing else."""
    part = options(part, whole)[0]
    if "enum" in part:
        return part["enum"][0]
    match part["type"]:
        case "number" | "integer":
            return part.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return "#102030" if "pattern" in part else "x" * max(1, part.get("minLength", 1))
        case "array":
            return [example(part["items"], whole)] * part.get("minItems", 0)
    return {name: example(part["properties"][name], whole) for name in part.get("required", ())}


def edges(
    part: Schema, whole: Schema, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], list[Any], list[Any]]]:
    """Each field of an object, at any depth: its path, values just inside its bounds, and values just outside."""
    for name, field in resolved(part, whole)["properties"].items():
        each = options(field, whole)
        inside = [value for option in each for value in _inside(option, whole)]
        outside = [value for option in each for value in _outside(option)]
        if name != "edit":
            yield (
                (*path, name),
                inside,
                [value for value in outside if not any(_fits(value, one, whole) for one in each)],
            )
        for option in each:
            if option.get("type") == "object":
                yield from edges(option, whole, (*path, name))


def _inside(part: Schema, whole: Schema) -> list[Any]:
    if "enum" in part:
        return list(part["enum"])
    match part["type"]:
        case "number" | "integer":
            return [part[key] for key in ("minimum", "maximum") if key in part] or [1]
        case "boolean":
            return [True, False]
        case "string" if "pattern" not in part:
            return ["x" * part[key] for key in ("minLength", "maxLength") if key in part] or ["x"]
        case "array":
            one = example(part["items"], whole)
            return [[one] * part[key] for key in ("minItems", "maxItems") if key in part] or [[], [one]]
        case "null":
            return [None]
    return [example(part, whole)]


def _outside(part: Schema) -> list[Any]:
    kinds: list[Any] = [None, True, "x", 1, 1.5, float("nan"), float("inf"), [[]], [None], {"no such": 1}, "", "\ud800"]
    if "enum" in part:
        return [*kinds, f"{part['enum'][0]}x"]
    match part["type"]:
        case "number" | "integer":
            step = 1 if part["type"] == "integer" else 0.001
            ends = [part[key] + sign * step for key, sign in (("minimum", -1), ("maximum", 1)) if key in part]
            return [*kinds, *ends, "1", 10**400, -(10**400)]
        case "string" if "pattern" not in part:
            return [*kinds, *("x" * (part[key] + 1) for key in ("maxLength",) if key in part)]
        case "array":
            return [*kinds, *([[]] * bool(part.get("minItems"))), [None] * (part.get("maxItems", 0) + 1)]
    return kinds


def _fits(value: Any, part: Schema, whole: Schema) -> bool:
    """Whether a value of JSON fits one option."""
    if value == "\ud800" or (isinstance(value, float) and math.isnan(value)):
        return False
    return bool(Draft202012Validator({**part, "$defs": whole["$defs"]}).is_valid(value))
