"""The edit of effects: what is done to pictures beside their colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

from nemo_notebook.film.draft import Draft, Raw
from nemo_notebook.film.edit import Edit, Meta, OfEngine, begin_film
from nemo_notebook.film.edits.looks import pictures_meant
from nemo_notebook.film.model import EffectKind, Seconds, Situation
from nemo_notebook.film.target import Which
from nemo_notebook.film.wording import Told, refuse_if
from nemo_notebook.outside import finite

USUAL_AMOUNT: Final = 0.5
_USUAL: Final = {"letterbox": 1.0}  # the shape of the cinema, and nothing in between
_Amount = Annotated[float, Meta(ge=-1, le=1)]
_Share = Annotated[float, Meta(ge=0, le=1)]
_Region = Annotated[tuple[_Share, ...], Meta(min_length=4, max_length=4)]
_IN_PARTS: Final = ("blur", "pixelate")


class SetEffect(OfEngine, Edit, frozen=True, kw_only=True):
    """Add an effect to pictures, change how strong it is, or remove it; others stay.

    Shake, pulse, flash and glitch come with the beats of the music.
    """

    kind: Annotated[Literal[EffectKind, "none"], Meta(description="Which; `none` removes all effects.")]
    amount: Annotated[_Amount | None, Meta(description="How strong, 0 to 1; 0 removes it; added, also below.")] = None
    relative: Annotated[bool, Meta(description="Whether the amount is added to what is set.")] = False
    target: Annotated[Which | None, Meta(description="Which shots; the whole film where none is named.")] = None
    region: Annotated[
        _Region | None, Meta(description="Left, top, width and height, 0 to 1, of what is blurred or pixelated.")
    ] = None
    start_s: Annotated[Seconds | None, Meta(description="Where on the timeline it begins; shots are split.")] = None
    end_s: Annotated[Seconds | None, Meta(description="Where on the timeline it ends; shots are split.")] = None

    def apply(self, film: Draft, situation: Situation) -> Sequence[Told]:
        told = begin_film(film, situation)
        refuse_if(self.region is not None and self.kind not in _IN_PARTS, "set_effect.no_region", "region")
        meant, is_part, where = pictures_meant(film, situation, self.target, self.start_s, self.end_s)
        places = [part.meta for part in meant]
        if not is_part:
            places = [film.meta, *(own for own in places if "effects" in own)]
        before = [_amount_of(_effects_of(own, film.meta), self.kind) for own in places]
        before += [_take_from_camera(part.meta, self.kind) for part in meant]
        now = [self._put(own, film.meta) for own in places]
        if self.kind == "none":
            return [*told, Told("set_effect.cleared" if any(before) else "set_effect.no_effects", where=where)]
        keys = {True: ("added", "changed"), False: ("none", "removed")}[any(now)]
        return [*told, Told(f"set_effect.{keys[any(before)]}", kind=self.kind, amount=max(now), where=where)]

    def _put(self, own: Raw, film: Raw) -> float:
        """Note the effect in the metadata of the film or of a shot; give how strong it is."""
        effects = _effects_of(own, film)
        was = _amount_of(effects, self.kind)
        left = [effect for effect in effects if effect.get("kind") != self.kind] if self.kind != "none" else []
        wanted = _USUAL.get(self.kind, USUAL_AMOUNT) if self.amount is None else self.amount
        now = round(min(1.0, max(0.0, wanted + (was if self.relative else 0.0))), 3)
        if self.kind != "none" and now > 0:
            known = next((effect for effect in effects if effect.get("kind") == self.kind), {})
            region = list(self.region) if self.region else known.get("region")
            left.append({"kind": self.kind, "amount": now, **({"region": region} if region else {})})
        if left or own is not film:
            own["effects"] = left
        else:
            own.pop("effects", None)
        return now if self.kind != "none" else 0.0


def _take_from_camera(own: Raw, kind: str) -> float:
    """Take what the cut had the camera do at beats from a shot; give how strong it was."""
    camera = own.get("camera")
    kinds = ("shake", "pulse") if kind == "none" else (kind,)
    amounts = [finite(camera.pop(each, 0.0)) for each in kinds] if isinstance(camera, dict) else []
    return max((float(amount or 0.0) for amount in amounts), default=0.0)


def _effects_of(own: Raw, film: Raw) -> list[dict[str, Any]]:
    value = own.get("effects", film.get("effects"))
    return [dict(effect) for effect in value if isinstance(effect, dict)] if isinstance(value, list) else []


def _amount_of(effects: Sequence[dict[str, Any]], kind: str) -> float:
    """How strong an effect is, the strongest of all for `none`; 0 where there is none."""
    amounts = (finite(effect.get("amount", USUAL_AMOUNT)) for effect in effects if kind in (effect.get("kind"), "none"))
    return max((float(amount or 0.0) for amount in amounts), default=0.0)
