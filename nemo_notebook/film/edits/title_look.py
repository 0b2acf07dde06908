"""How titles look: what can be asked for, how it is written and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, cast

from nemo_notebook.film.colors import color_told
from nemo_notebook.film.drafting import Draft
from nemo_notebook.film.model import Language
from nemo_notebook.film.phrasing import say
from nemo_notebook.film.telling import NotPossible

Position = Literal["top", "center", "bottom", "lower-third"]
Size = Literal["small", "medium", "large"]
SizeWish = Literal["small", "medium", "large", "larger", "smaller"]
Style = Literal["plain", "box", "outline"]
Animation = Literal["fade", "slide", "pop", "type", "none"]

_ALL_SIZES: Final[tuple[Size, ...]] = ("small", "medium", "large")
_PLACES: Final = {
    "top": ("stands at the top", "位于顶部"),
    "center": ("stands in the centre", "位于中间"),
    "bottom": ("stands at the bottom", "位于底部"),
    "lower-third": ("stands in the lower third", "位于下三分之一处"),
}
_SIZES: Final = {"small": ("small", "小号"), "medium": ("medium-sized", "中号"), "large": ("large", "大号")}
_STYLES: Final = {
    "plain": ("is plain", "没有边框"),
    "box": ("has a box behind it", "带底框"),
    "outline": ("is outlined", "带描边"),
}
_MOVES: Final = {
    "fade": ("fades", "淡"),
    "slide": ("slides", "滑"),
    "pop": ("pops", "弹"),
    "type": ("types itself", "打字"),
    "none": ("cuts straight", "直接"),
}
_KEYS: Final = ("position", "color", "style", "animate_in", "animate_out")


@dataclass(frozen=True, slots=True)
class Look:
    """How a title looks; None leaves what is or what is usual.

    Attributes:
        position: Where it stands.
        size: How large it is; `larger` and `smaller` are one step from what it was.
        color: `#rrggbb`.
        style: What stands behind or around its letters.
        animate_in: How it comes.
        animate_out: How it goes.
    """

    position: Position | None = None
    size: SizeWish | None = None
    color: str | None = None
    style: Style | None = None
    animate_in: Animation | None = None
    animate_out: Animation | None = None

    @property
    def is_given(self) -> bool:
        """Whether anything is asked for."""
        return self != Look()

    def over(self, other: Look) -> Look:
        """This look, and where it says nothing the other one."""
        return Look(
            self.position or other.position,
            self.size or other.size,
            self.color or other.color,
            self.style or other.style,
            self.animate_in or other.animate_in,
            self.animate_out or other.animate_out,
        )


USUAL_LOOK: Final = Look()
CAPTION_LOOK: Final = Look("bottom", "small", None, "box")
LOWER_THIRD_LOOK: Final = Look("lower-third", "small", None, "box", "slide", "fade")


def resize(own: Draft, wish: SizeWish, lang: Language, *, alone: bool) -> tuple[str, str]:
    """Writes a title's size; returns what to say of it.

    Args:
        own: The title's metadata.
        wish: A size, or one step from what it was.
        lang: Language of the refusal.
        alone: Whether nothing else of the title changes.

    Raises:
        NotPossible: It is as large or as small as titles get, and nothing else was asked for.
    """
    now = own.get("size") if own.get("size") in _ALL_SIZES else "medium"
    if wish in _ALL_SIZES:
        own["size"] = wish
    else:
        at = _ALL_SIZES.index(cast("Size", now)) + (1 if wish == "larger" else -1)
        if alone and not 0 <= at < len(_ALL_SIZES):
            en = f"The title is already {_SIZES[str(now)][0]}, which is as {'large' if at else 'small'} as titles get."
            raise NotPossible(say(lang, en, f"标题已经是{_SIZES[str(now)][1]}，不能再{'大' if at > 0 else '小'}了。"))
        own["size"] = _ALL_SIZES[min(max(at, 0), len(_ALL_SIZES) - 1)]
    said = _SIZES[own["size"]]
    return f"is {said[0]}", said[1]


def size_told(look: Look) -> list[tuple[str, str]]:
    """What to say of the size of a new title that was asked for."""
    size = {"larger": "large", "smaller": "small"}.get(look.size or "", look.size)
    return [(f"is {_SIZES[size][0]}", _SIZES[size][1])] if size in _SIZES else []


def dress(own: Draft, look: Look) -> list[tuple[str, str]]:
    """Writes all of a look but the size; returns what to say of it."""
    for key in _KEYS:
        if getattr(look, key) is not None:
            own[key] = getattr(look, key)
    told = [_PLACES[look.position]] if look.position else []
    if look.color:
        name = color_told(look.color)
        told.append((f"has the colour {name[0]}", f"颜色 {name[1]}"))
    if look.style:
        told.append(_STYLES[look.style])
    if look.animate_in:
        told.append((f"{_MOVES[look.animate_in][0]} in", f"{_MOVES[look.animate_in][1]}入"))
    if look.animate_out:
        told.append((f"{_MOVES[look.animate_out][0]} out", f"{_MOVES[look.animate_out][1]}出"))
    return told
