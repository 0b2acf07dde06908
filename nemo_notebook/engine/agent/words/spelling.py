"""Words that are often misspelt, put right before a message is read."""

from __future__ import annotations

import re
from typing import Final

_OFTEN: Final = {
    "video": "vid|vidoe|viedo|vedio|vidio|vdeo|videio",
    "videos": "vids|vidoes|viedos|vedios|vidios",
    "create": "creat|craete|creaet",
    "make": "maek|mkae|amke",
    "music": "musik|musci|muisc|musc|mucis|musique",
    "vertical": "verticle|verticl|vertial|vertcal|virtical",
    "title": "tittle|titel|tilte|titile",
    "beginning": "begining|beggining|begginning|beginnig",
    "background": "backgroud|backround|bakground|backgrund|back ground",
    "slideshow": "slidshow|slideshwo|slide-show|sildeshow",
    "transition": "transistion|transiton|trasition|tranzition",
    "transitions": "transistions|transitons|trasitions",
    "volume": "volum|voulme|volumn",
    "seconds": "secconds|secounds|secodns|seconde|secons",
    "second": "seccond|secound|secodn",
    "remove": "remvoe|romove|remov|delet",
    "photos": "fotos|photoes|pohtos",
    "photo": "foto|pohto",
    "faster": "fastr|fasster",
    "louder": "loder|loudr|lowder",
    "black and white": "black n white|black & white|b&w|b/w|black/white",
    "rhythm": "rythm|rhytm|rithm|rythem",
    "upbeat": "up beat|upbeet",
    "subtitle": "subtitel|sub titel",
    "visualizer": "visualiser|vizualizer|visulizer|visualizr",
    "with": "whit|wiht",
    "the": "teh",
}  # fmt: skip
_MISSPELT: Final = {
    re.compile(rf"(?<![\w'.-])(?:{wrong})(?![\w'-]|\.\w)", re.IGNORECASE): right for right, wrong in _OFTEN.items()
}


def corrected(text: str) -> str:
    """The text with common slips of spelling put right."""
    for wrong, right in _MISSPELT.items():
        text = wrong.sub(right, text)
    return text
