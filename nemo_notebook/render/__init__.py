"""From a draft to a film: plan the shots, mix the sound, render each shot once, join the parts by copy."""

from nemo_notebook.render.form import output_for
from nemo_notebook.render.job import FilmReport, Run, render_film
from nemo_notebook.render.layers import Output
from nemo_notebook.render.plan import FilmPlan, MediaFile, make_plan

__all__ = ["FilmPlan", "FilmReport", "MediaFile", "Output", "Run", "make_plan", "output_for", "render_film"]
