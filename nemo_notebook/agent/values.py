"""Values in a message: numbers, times, beats, shares, colours and shapes, by the patterns of `values.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

Found = re.Match[str]
_PLACE: Final = re.compile(r"\{([A-Z_]+)\}")
_LINES: Final = {"4k": 2160}


@cache
def _tables() -> Mapping[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("values.toml").read_text(encoding="utf-8"))


@cache
def _numbers(kind: str) -> Mapping[str, float]:
    pairs = (each.split("=") for each in _tables()["numbers"][kind].split())
    return {word.replace("_", " "): float(number) for word, number in pairs}


@cache
def _part(name: str) -> str:
    if name in ("WORDS", "ORDINALS"):
        kinds = ("english", "some") if name == "WORDS" else ("ordinals",)
        words = sorted((word for kind in kinds for word in _numbers(kind)), key=len, reverse=True)
        return ("{TENS}[ -](?:{ONES})|" if name == "WORDS" else "") + "|".join(map(re.escape, words))
    return str(_tables()["parts"][name])


@cache
def pattern_of(text: str) -> re.Pattern[str]:
    """Compile a pattern in which `{NAME}` stands for one of `[parts]`."""
    while _PLACE.search(text):
        text = _PLACE.sub(lambda found: _part(found[1]), text)
    return re.compile(text)


def bar_patterns(name: str) -> Iterator[re.Pattern[str]]:
    """The patterns for bars and beats of one kind."""
    return map(pattern_of, _tables()["bars"][name])


def number_of(text: str) -> float:
    """The number that digits or words stand for."""
    text = text.strip()
    words = re.split(r"[ -]", text)
    for kind in ("some", "ordinals", "times"):
        if text in _numbers(kind):
            return _numbers(kind)[text]
    if all(word in _numbers("english") for word in words):
        return sum(_numbers("english")[word] for word in words)
    if text[:1].isascii():
        return float(text)
    whole, _, rest = text.partition("点")
    total, digit = 0.0, 0.0
    for letter in whole:
        if letter in "十百":
            total, digit = total + max(digit, 1) * (10 if letter == "十" else 100), 0
        else:
            digit = _numbers("chinese")[letter]
    return total + digit + float("0." + "".join(f"{_numbers('chinese')[each]:.0f}" for each in rest or "零"))


def seconds_of(text: str) -> float:
    """The seconds that a time stands for."""
    if ":" in text:
        minutes, seconds = text.split(":")
        return 60 * int(minutes) + float(seconds)
    total, unit = 0.0, 1.0
    for found in pattern_of("{TIME_UNIT}").finditer(text):
        unit = 60.0 if found[2] else 0.001 if found[3] else 1.0
        total += unit * number_of(found[1])
    return total + (unit / 2 if pattern_of("{HALF_BEHIND}").search(text) else 0.0)


def values_in(text: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """The values in a text in lower case: where they begin and end, and what they stand for."""
    for row in _tables()["values"]:
        for found in pattern_of(row["pattern"]).finditer(text):
            yield *found.span(), dict.fromkeys(row["concept"].split("+"), _READERS[row["read"]](found))


def _number(found: Found) -> float:
    return number_of(found.groupdict().get("n") or found[0])


def _pair(found: Found) -> tuple[float, float]:
    unit = 60.0 if found.groupdict().get("unit") == "minute" else 1.0
    return unit * float(found["a"]), unit * float(found["b"])


def _range(found: Found) -> tuple[float, float]:
    """A stretch of time: a bare number before `to` has the unit of what stands behind."""
    unit = 60.0 if pattern_of("{MINUTES}").search(found["to_time"]) else 1.0
    start_s = seconds_of(found["from_time"]) if found["from_time"] else unit * number_of(found["from_number"])
    return start_s, seconds_of(found["to_time"])


def _beats(found: Found) -> float:
    """How many beats a cut comes after: `every 2 bars` is 8."""
    said = found.groupdict()
    count = number_of(said["count"]) if said.get("count") else 2 if said.get("other") else 1
    return count * (4 if pattern_of("{FOUR_BEATS}").search(found[0]) else 1)


def _shot_count(found: Found) -> int:
    """How many shots there are to be: one more than cuts, and one fewer than what is too many."""
    count = int(_number(found)) + (found["what"] in ("cuts", "刀"))
    return max(1, count + {"fewer than": -1, "less than": -1, "more than": 1}.get(found["how"], 0))


def _percent(found: Found) -> tuple[str, float]:
    said = found.groupdict()
    return said.get("sign") or "", _number(found) / (number_of(said["of"]) if said.get("of") else 100)


def _tenths(found: Found) -> tuple[str, float]:
    """A share in tenths: 八成, 打八折 (which is to be times as much)."""
    return "*" if found[0].endswith("折") else "", _number(found) / 10 + (0.05 if found[0].endswith("半") else 0)


def _aspect(found: Found) -> str:
    return ":".join(f"{number_of(side):g}" for side in re.split("[:比]", found[0]))


def _color(found: Found) -> str:
    return found[0] if len(found[0]) == 7 else "#" + "".join(2 * digit for digit in found[0][1:])


_READERS: Final[Mapping[str, Callable[[Found], Any]]] = {
    "range": _range,
    "pair": _pair,
    "number": _number,
    "seconds": lambda found: seconds_of(found[0]),
    "unit": lambda found: 60.0 if found[0].startswith("min") else 1.0,
    "beats": _beats,
    "beats_per_bar": lambda found: 4 / number_of(found["n"].partition(" ")[0]),
    "shot_count": _shot_count,
    "percent": _percent,
    "tenths": _tenths,
    "factor": lambda found: 2.0 if found["n"] == "一" else _number(found),
    "decibels": lambda found: (-1 if (found["sign"] or "")[:1] in ("-", "m") else 1) * _number(found),
    "color": _color,
    "aspect": _aspect,
    "canvas": lambda found: (int(found[1]), int(found[2])),
    "resolution": lambda found: _LINES.get(found[0]) or int(found[0].rstrip("p")),
    "whole": lambda found: int(_number(found)),
    "from_end": lambda found: -int(_number(found)),
    "few": lambda found: (1 if found[0].startswith(("前", "first", "opening")) else -1, int(_number(found))),
}
