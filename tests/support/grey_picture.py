"""A grey picture as planes, to draw on."""

from __future__ import annotations

from nemo_notebook.render.planes import Planes


def grey(width, height, light=120):
    planes = Planes.black(width, height)
    planes.y[...] = light
    return planes
