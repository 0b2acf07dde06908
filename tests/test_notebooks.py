"""The notebooks as they are handed out: whole, with their outputs, and telling nothing of where they were made."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from notebook_facts import NOTEBOOKS, SKILLS, Page, joined, pages, source
from saved_outputs import MADE_ELSEWHERE, tidy
from talk import CITY, SEA, SONG, UPLOADS, Talk

from nemo_notebook import examples, skills
from nemo_notebook.notebook.commands.registry import COMMANDS
from nemo_notebook.notebook.dispatch import read_line

PAGES = pages()
STORIES = [page for page in PAGES if page.name not in MADE_ELSEWHERE]
LARGEST_BYTES = 400_000
MOST_CELLS = 20
EARLY = 8  # code cells
TOKEN = re.compile(
    r"nmv_usr_\w+|eyJ[\w-]{10,}\.[\w-]{10,}|Bearer\s+\S{8,}|NEMO_TOKEN\s*=|[?&](?:token|sig|signature)=\w+", re.I
)
PLACE = re.compile(r"(?:^|[\s\"'=(>:])(?:file://|/(?:home|root|Users|tmp|private|var|work|srv|mnt|opt)/|[A-Z]:\\\\)")
SERVER = re.compile(r"https?://(?!www\.w3\.org/)\S+")

every = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_story = pytest.mark.parametrize("page", STORIES, ids=lambda page: page.name)


def test_skills__have_a_notebook_each() -> None:
    assert set(SKILLS) == {skill.name for skill in skills.all_skills()} <= {page.name for page in PAGES}


@every
def test_page__was_run_once_from_the_top_and_nothing_failed(page: Page) -> None:
    assert page.code
    assert [cell["execution_count"] for cell in page.code] == list(range(1, len(page.code) + 1))
    assert not [output for output in page.outputs if output["output_type"] == "error"]
    assert not [output for output in page.outputs if output.get("name") == "stderr"]
    assert len(page.outputs) >= len(page.code) // 2


@every
def test_page__needs_no_kernel_to_be_read(page: Page) -> None:
    assert not page.widgets
    assert "widgets" not in page.raw["metadata"]
    for output in page.outputs:
        if output["output_type"] != "stream":
            assert "text/plain" in output["data"]


@every
def test_page__names_its_language_as_a_kernel_does(page: Page) -> None:
    assert page.raw["metadata"]["language_info"].keys() == {
        *("codemirror_mode", "file_extension", "mimetype", "name", "nbconvert_exporter", "pygments_lexer", "version")
    }
    assert page.raw["metadata"]["kernelspec"]["name"] == "python3"


@every
def test_page__tells_nothing_of_where_it_was_made(page: Page) -> None:
    for text in (*page.shown, *map(source, page.raw["cells"])):
        assert not TOKEN.search(text), TOKEN.search(text)
        assert not PLACE.search(text), PLACE.search(text)
    for text in page.shown:
        assert not SERVER.search(text), SERVER.search(text)
    assert str(Path.home()) not in page.text


@every
def test_page__is_as_it_would_be_written_again(page: Page) -> None:
    notebook = nbformat.reads(page.text, as_version=4)
    nbformat.validate(notebook)
    if page in STORIES:
        assert nbformat.writes(tidy(notebook)) == page.text.rstrip("\n")


@every
def test_page__is_small(page: Page) -> None:
    assert page.path.stat().st_size < LARGEST_BYTES


@every_story
def test_story__is_short_and_begins_with_a_title_and_the_extension(page: Page) -> None:
    first, second = page.raw["cells"][:2]
    assert re.match(r"# \S", source(first))
    assert source(second).splitlines()[0] == "%load_ext nemo_notebook"
    assert len(page.raw["cells"]) <= MOST_CELLS
    assert all(len(line) <= 100 for cell in page.code for line in source(cell).splitlines())


@every_story
def test_story__works_on_this_machine_alone(page: Page) -> None:
    if any(source(cell).startswith("%nemo tape replay ") for cell in page.code):
        return  # nothing is asked of anybody then: `tests/notebook/test_cloud_session.py`
    connected = [line for cell in page.code for line in source(cell).splitlines() if re.search(r"\bconnect\b", line)]
    assert connected
    for line in connected:
        assert any(words in line for words in ("--backend local", 'backend="local"', "session="))


@every_story
def test_story__shows_a_picture_early_and_a_film(page: Page) -> None:
    assert min(page.pictures) <= EARLY
    assert page.films
    for film in page.films:
        assert re.search(r'<video autoplay loop muted [^>]* src="data:video/mp4;base64,', film), "within the notebook"
        assert "controls" not in film
        assert 'poster="data:image/jpeg;base64,' in film


@pytest.mark.parametrize("name", SKILLS)
def test_story__says_what_its_skill_says(name: str) -> None:
    page, skill = Page(NOTEBOOKS / f"{name}.ipynb"), skills.load(name)
    typed = "\n".join(map(source, page.code))
    assert f"--skill {name} " in typed
    assert re.search(rf"^(%nemo )?{re.escape(skill.example)}$", typed, re.MULTILINE)
    assert "**Quick**" in page.prose
    assert "**Again and again**" in page.prose


@every
def test_links_and_media__are_there(page: Page) -> None:
    for link in page.links:
        assert (NOTEBOOKS / link).is_file(), link
    for pattern in page.media:
        assert list(NOTEBOOKS.glob(pattern)), pattern
    assert examples.folder() == NOTEBOOKS


@every_story
def test_suggestions__are_read_as_they_are_meant(page: Page) -> None:
    for words in page.suggestions:
        wanted = read_line(words, {"frame": None, "first": None})
        first = words.split()[0]
        assert (wanted.command.name == first) if first in COMMANDS else wanted.command.name == "chat", words


@every_story
def test_suggestions__are_understood_and_do_something(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    example = skills.load(page.name if page.name in SKILLS else "from-music").example
    songs = [replace(SONG, id=name, filename=f"{name}.mp3") for name in ("song", "ab2n 0330")]
    has_song = "this music" in example or "for track" in example
    monkeypatch.setitem(UPLOADS, "brought", (*(songs if has_song else ()), CITY, SEA))
    for words in page.suggestions:
        if words.split()[0] not in COMMANDS:
            talk = Talk("brought", example, 'add a title "One" for the first 3 seconds')
            before = talk.draft
            said = talk.say(words).reply
            assert talk.draft != before, (words, said)
            assert "not understand" not in said
            assert "?" not in said


def test_stories__are_all_found_from_the_quickstart() -> None:
    links = set(Page(NOTEBOOKS / "quickstart.ipynb").links)
    assert {page.path.name for page in PAGES} - links == {"quickstart.ipynb"}


def test_facts__find_what_they_look_for() -> None:
    assert TOKEN.search("nmv_usr_abc")
    assert TOKEN.search("https://x/?token=abc")
    assert PLACE.search('src="/home/me/film.mp4"')
    assert PLACE.search("/tmp/film.mp4")
    assert PLACE.search(r"C:\\Users")
    assert not PLACE.search("media/song.mp3 12/home")
    assert SERVER.search("http://127.0.0.1:8765/x")
    assert joined(["a", "b"]) == "ab"
