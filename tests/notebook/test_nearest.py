from nemo_notebook.notebook.commands.table import COMMANDS
from nemo_notebook.notebook.nearest import nearest


def test_nearest__asks_for_what_was_meant() -> None:
    assert nearest("expo", COMMANDS) == "Did you mean export?"
    assert nearest("EXPROT", COMMANDS) == "Did you mean export?"
    assert nearest("变快", COMMANDS) is None
    assert nearest("x" * 100_000, COMMANDS) is None
