"""What an installed copy carries, beyond what an editable one finds in the folder."""

from __future__ import annotations

import tomllib
from pathlib import Path

from setuptools import find_packages

ROOT = Path(__file__).parents[2]


def test_every_python_file_of_our_rooms_lies_in_a_listed_package():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    packages = {ROOT / name.replace(".", "/") for name in find_packages(str(ROOT), include=listed["include"])}

    rooms = {name.removesuffix("*") for name in listed["include"]}
    unlisted = [
        str(file.relative_to(ROOT))
        for room in rooms
        for file in (ROOT / room).rglob("*.py")
        if file.parent not in packages
    ]

    assert unlisted == []
