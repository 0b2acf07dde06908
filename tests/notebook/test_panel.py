"""What must hold of the panel in every kernel: it is spoken to while a cell runs, and that cell is left alone.

The installed ipykernel is tested here; `python -m tests kernels` does the same with the oldest and others.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Stage

from .conftest import DRAFT, Kernel

LATER = "Still here a moment later, "
SLEEPS = "import time\ntime.sleep(4)\nprint('slept')"


def speak(kernel: Kernel, part: str, **said: object) -> None:
    """What the page does that finds the kernel busy."""
    content = {"part_id": part, "data": said}
    kernel.client.control_channel.send(kernel.client.session.msg("nemo_urgent", content))


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Kernel]:
    with Kernel(tmp_path) as running:
        yield running


def test_chat__is_spoken_to_and_stopped_while_a_cell_runs(kernel: Kernel) -> None:
    with Stage(DRAFT) as stage:
        kernel.run("import nemo_notebook as nemo\nfrom nemo_notebook.notebook.widgets.chat_panel import Chat")
        made = kernel.run(f"chat = Chat(nemo.connect(backend={stage.url!r}))\nprint(chat.part_id)")
        assert made.error is None
        part = made.streams.strip()
        busy = kernel.begin(SLEEPS)
        time.sleep(0.5)  # the cell is to be in its sleep
        begun_s = time.monotonic()
        for _ in range(2):  # what comes twice is heard once
            speak(kernel, part, do="say", ask="a1", text="first", key="k1")
        turn = stage.turn("first")
        turn.say("It begins. ")
        turn.say(LATER)
        time.sleep(0.3)
        stopped_s = time.monotonic()
        speak(kernel, part, do="stop", ask="a2")
        assert turn.gone.wait(2)
        assert turn.gone_s - stopped_s < 1.5
        kernel.until(lambda: busy.is_idle)
        assert busy.streams == "slept\n"
        assert busy.error is None
        assert busy.ended_s - begun_s > 3
        shown = "[(e.message, str(e.state), e.text()[:10]) for e in chat._log._entries.values()]"
        assert kernel.run(shown).result == {"text/plain": "[('first', 'stopped', 'It begins.')]"}
        speak(kernel, part, do="say", ask="a3", text="second", key="k2")
        stage.turn("second").end("Done.")
        done = "while len(chat._log._entries) < 2 or chat._log['k2'].state != 'done': time.sleep(0.01)"
        assert kernel.run(f"{done}\nchat._log['k2'].text()").result == {"text/plain": "'Done.'"}


COUNT = "import ipywidgets, threading\nfrom ipywidgets.widgets.widget import _instances\n"
COUNT += "print(len(_instances), len(session.asynchronous._core.watchers._watchers), threading.active_count())"


@pytest.mark.parametrize("opens", ["%nemo studio", "nemo.Studio(session)", "nemo.Chat(session)"])
def test_cell__that_is_run_again_leaves_no_panel_behind(kernel: Kernel, opens: str) -> None:
    begun = kernel.run(
        "%load_ext nemo_notebook\nimport nemo_notebook as nemo\n"
        "%config NemoMagics.backend = 'local'\nsession = %nemo connect"
    )
    assert begun.error is None, begun.text

    def shown() -> list[int]:
        shows = kernel.run(opens, cell_id="cell-1")
        assert shows.error is None, shows.text
        return [int(count) for count in kernel.run(COUNT).streams.split()]

    shown()  # what is made once is there now
    before = [shown() for _ in range(2)][-1]
    after = [shown() for _ in range(5)][-1]
    assert after[:2] == before[:2]
    assert after[2] <= before[2] + 2  # threads of pools come and go
