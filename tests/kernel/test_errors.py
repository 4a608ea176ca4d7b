from __future__ import annotations

from creatorlens.errors import InputError, NotFoundError, nearest


def test_an_input_error_says_where_what_and_what_to_do() -> None:
    error = InputError("is in the future.", field="planned_at", hint="Give a time before 2030.")
    assert str(error) == "planned_at: is in the future. Give a time before 2030."


def test_a_thing_not_found_is_bad_input() -> None:
    assert issubclass(NotFoundError, InputError)


def test_the_nearest_names_come_best_first_and_far_ones_not_at_all() -> None:
    known = ["published_at", "post_id", "platform"]
    assert nearest("Publish Date", known)[0] == "published_at"
    assert nearest("zzz", known) == []
