"""Which table a file holds is told by its columns; names that are not ours get the nearest that are."""

from __future__ import annotations

import pytest

from creatorlens.errors import InputError
from services.content.tables import Kind, recognise

POSTS = ["post_id", "platform", "creator_id", "published_at", "media_type"]


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        (Kind.POSTS, [*POSTS, "title", "text"]),
        (Kind.OBSERVATIONS, ["post_id", "platform", "observed_at", "views", "likes"]),
        (Kind.CREATORS, ["creator_id", "platform", "observed_at", "followers"]),
        (Kind.EXPERIMENTS, ["experiment_id", "variant_id", "headline", "impressions", "clicks"]),
    ],
)
def test_a_table_is_known_by_its_columns_in_any_order(kind: Kind, header: list[str]) -> None:
    assert recognise("table", header[::-1]).spec.kind is kind


def test_case_and_spaces_in_names_do_not_matter() -> None:
    found = recognise("table", ["Post ID", "Platform", "creator-id", "PUBLISHED_AT", "Media Type"])
    assert found.source["post_id"] == "Post ID"


def test_a_required_column_of_another_name_gets_the_nearest_one() -> None:
    header = ["post_id", "platform", "creator_id", "Publish Date", "media_type"]
    with pytest.raises(
        InputError, match=r"instagram.csv: column 'Publish Date' is not known; did you mean published_at\?"
    ):
        recognise("instagram.csv", header)


def test_several_other_names_are_all_told() -> None:
    with pytest.raises(InputError) as told:
        recognise("a.csv", ["post", "platform", "creator", "published", "media_type", "title"])
    assert "'post'" in str(told.value)
    assert "Also missing: creator_id, published_at" in str(told.value)


def test_a_missing_column_with_nothing_near_lists_what_there_should_be() -> None:
    with pytest.raises(InputError, match="column media_type is missing") as told:
        recognise("a.csv", ["post_id", "platform", "creator_id", "published_at", "zzz"])
    assert "'zzz'" in str(told.value)


def test_an_optional_column_misspelt_is_not_dropped_silently() -> None:
    with pytest.raises(InputError, match=r"column 'hashtag' is not known; did you mean hashtags\?"):
        recognise("a.csv", [*POSTS, "hashtag"])


def test_columns_that_are_something_else_are_left_out_with_a_remark() -> None:
    assert recognise("a.csv", [*POSTS, "internal note"]).remarks == ("columns not used: 'internal note'",)


def test_counts_in_a_table_of_posts_are_pointed_to() -> None:
    (remark,) = recognise("a.csv", [*POSTS, "views", "likes"]).remarks
    assert "'views', 'likes' belong to observations" in remark


def test_something_else_altogether_names_the_tables_there_are() -> None:
    with pytest.raises(InputError, match="no table of ours") as told:
        recognise("a.csv", ["colour", "weight"])
    assert "observations" in str(told.value)
