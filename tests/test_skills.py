from __future__ import annotations

import pytest

from nemo_notebook import errors, media_types, skills


def test_profiles__are_the_five_with_their_limits() -> None:
    limits = {skill.name: skill.max_size_mb for skill in skills.all_skills()}
    assert limits == {
        "from-music": 200,
        "video-music-generator": 500,
        "music-ab2n-0330": 500,
        "music-to-a": 500,
        "music-maker": 200,
    }
    assert skills.all_skills()[0].name == skills.DEFAULT


@pytest.mark.parametrize("skill", skills.all_skills(), ids=lambda skill: skill.name)
def test_profile__is_complete(skill: skills.Skill) -> None:
    assert all((skill.version, skill.title, skill.example, skill.tip, skill.typical_time, skill.about))
    assert set(skill.formats) <= set(media_types.ACCEPTED)


def test_unknown_skill__suggests_the_nearest() -> None:
    with pytest.raises(errors.UsageError) as caught:
        skills.load("music-makr")
    assert "'music-maker'" in caught.value.hint


def test_platform__can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert skills.platform() == "unknown"
    monkeypatch.setenv("SKILL_SOURCE", "cursor")
    assert skills.platform() == "cursor"
