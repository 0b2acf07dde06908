from __future__ import annotations

import pytest
import recorded

LEAST = 0.985
"""Share of the recorded messages whose film is the same, or better."""


@pytest.mark.timeout(300)
def test_recorded_messages__lead_to_the_same_films_or_better_ones() -> None:
    found = list(recorded.play(recorded.read()))
    lost = [each.say for each in found if not each.is_same and not each.why]
    assert len(lost) <= (1 - LEAST) * len(found), lost[:40]
