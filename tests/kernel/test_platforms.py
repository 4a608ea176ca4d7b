from __future__ import annotations

import pytest

from creatorlens.errors import InputError
from creatorlens.platforms import SPECS, Platform, channel_id, parse_platform


def test_every_platform_says_what_it_counts() -> None:
    assert set(SPECS) == set(Platform)
    assert SPECS[Platform.YOUTUBE].primary_metric == "views"
    assert SPECS[Platform.REDDIT].primary_metric == "likes"


def test_a_misspelt_platform_names_the_nearest() -> None:
    assert parse_platform(" YouTube ") is Platform.YOUTUBE
    with pytest.raises(InputError, match="Did you mean tiktok"):
        parse_platform("tiktock")


def test_a_channel_is_an_account_on_one_platform() -> None:
    assert channel_id("youtube", "UC1") == "youtube:UC1"
