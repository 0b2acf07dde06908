"""From a draft to a film: plan the shots, mix the sound, render each shot once, join the parts by copy."""

from nemo_notebook.render.formats import Output, output_for
from nemo_notebook.render.job import FilmReport, Run, render_film
from nemo_notebook.render.placement import MediaFile
from nemo_notebook.render.plan import FilmPlan, make_plan

__all__ = ["FilmPlan", "FilmReport", "MediaFile", "Output", "Run", "make_plan", "output_for", "render_film"]
