"""Files of every sort: told apart by what is in them, read, or refused with what to do."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pandas as pd
import pytest

from creatorlens.errors import InputError
from services.content.conforming import conform
from services.content.reading import find_tables, inspect, read

LIMIT = 10**9
HEADER = "post_id,platform,creator_id,published_at,media_type,title,hashtags"
ROW = 'p1,instagram,c1,2024-01-05T10:00:00Z,photo,Crème brûlée,"a,b"'


def _load(path: Path) -> pd.DataFrame:
    return conform(read(inspect(path, LIMIT)))


def _refused(path: Path) -> str:
    with pytest.raises(InputError) as told:
        read(inspect(path, LIMIT))
    return str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "latin-1"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "t.csv"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    path.write_bytes(mark + f"{HEADER}\n{ROW}\n".encode(encoding))
    frame = _load(path)
    assert frame.at[1, "title"] == "Crème brûlée"
    assert frame.at[1, "hashtags"] == ["a", "b"]


def test_letters_of_other_code_pages(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    title = "Сегодня мы готовим новый пирог с яблоками и рассказываем как это было"
    path.write_bytes(f"{HEADER}\n{ROW.replace('Crème brûlée', title)}\n".encode("cp1251", "replace"))
    assert _load(path).at[1, "title"] == title


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "t.csv"
    pd.DataFrame({"post_id": ["1"], "platform": ["x"], "observed_at": [""], "likes": ["7"]}).to_csv(
        path, sep=separator, index=False
    )
    frame = _load(path)
    assert (frame.at[1, "post_id"], frame.at[1, "likes"]) == ("1", 7.0)


def test_the_name_does_not_matter(tmp_path: Path) -> None:
    table = pd.DataFrame({"post_id": ["1"], "platform": ["x"], "observed_at": [None], "likes": [7]})
    table.to_parquet(tmp_path / "export.csv")
    table.to_csv(tmp_path / "export.parquet", index=False)
    assert _load(tmp_path / "export.csv").equals(_load(tmp_path / "export.parquet"))


def test_titles_that_look_like_nothing_stay_titles(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}\n{ROW.replace('Crème brûlée', 'NA')}\n{ROW.replace('Crème brûlée', 'null')}\n")
    assert _load(path)["title"].tolist() == ["NA", "null"]


def test_a_line_break_in_a_title_is_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    broken = ROW.replace("Crème brûlée", '"one\ntwo, ""three"""')
    path.write_text(f"{HEADER}\n{broken}\n")
    assert _load(path)["title"].tolist() == ['one\ntwo, "three"']


@pytest.mark.parametrize(
    ("values", "read_as"),
    [('["a","#b"]', ["a", "b"]), ("#a #b", ["a", "b"]), ("a, b", ["a", "b"]), ("", []), ("[]", [])],
)
def test_hashtags_in_csv(tmp_path: Path, values: str, read_as: list[str]) -> None:
    path = tmp_path / "t.csv"
    fields = dict(zip(HEADER.split(","), ROW.split(",")[:6], strict=False)) | {"hashtags": values}
    pd.DataFrame([fields]).to_csv(path, index=False)
    assert _load(path).at[1, "hashtags"] == read_as


def test_whole_numbers_as_ids_keep_every_digit(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    ids = pd.array([9_007_199_254_740_993, None], dtype="Int64")
    pd.DataFrame({"post_id": ids, "platform": "x", "observed_at": None, "likes": 1.0}).to_parquet(path)
    assert _load(path)["post_id"].tolist() == ["9007199254740993", None]


@pytest.mark.parametrize("value", ["yesterday", "05/01/2024 10:00", "1704448800", "inf"])
def test_a_time_that_is_not_iso_is_told_and_not_guessed(tmp_path: Path, value: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}\n{ROW.replace('2024-01-05T10:00:00Z', value)}\n")
    frame = _load(path)
    assert pd.isna(frame.at[1, "published_at"])
    assert frame.at[1, "unreadable"] == f"published_at = {value!r} is not an ISO 8601 time"


def test_times_with_an_offset_become_utc_and_without_one_are_utc(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [
        ROW.replace("2024-01-05T10:00:00Z", time)
        for time in ("2024-01-05T10:00:00+09:00", "2024-01-05 10:00", "2024-01-05")
    ]
    path.write_text("\n".join([HEADER, *rows]))
    assert [time.isoformat() for time in _load(path)["published_at"]] == [
        "2024-01-05T01:00:00+00:00",
        "2024-01-05T10:00:00+00:00",
        "2024-01-05T00:00:00+00:00",
    ]


# --- files that cannot be read -------------------------------------------------------------------


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    path = tmp_path / "posts.parquet"
    rows = {
        "post_id": [str(n) for n in range(5000)],
        "platform": "x",
        "observed_at": None,
        "likes": range(5000),
    }
    pd.DataFrame(rows).to_parquet(path)
    return path


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.01])
def test_a_parquet_file_cut_short(parquet: Path, kept: float) -> None:
    content = parquet.read_bytes()
    parquet.write_bytes(content[: max(8, int(len(content) * kept))])
    assert "posts.parquet: is a Parquet file, but damaged or cut short. Copy or export it again." in _refused(
        parquet
    )


def test_a_parquet_file_damaged_inside(parquet: Path) -> None:
    content = bytearray(parquet.read_bytes())
    content[200:3000] = os.urandom(2800)
    parquet.write_bytes(content)
    assert "damaged" in _refused(parquet)


def test_an_excel_workbook_says_how_to_save_it(tmp_path: Path) -> None:
    for name, magic in (
        ("a.xlsx", b"PK\x03\x04" + b"\x00" * 200),
        ("b.csv", b"\xd0\xcf\x11\xe0" + b"\x00" * 200),
    ):
        (tmp_path / name).write_bytes(magic)
        told = _refused(tmp_path / name)
        assert name in told
        assert "Excel" in told
        assert "CSV UTF-8" in told


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    assert "t.csv: is empty" in _refused(tmp_path / "t.csv")


def test_a_compressed_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(HEADER.encode()))
    assert "gzip. Unpack it" in _refused(tmp_path / "t.csv.gz")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b"\x00\x01\x02\xff\xfe\x00\x80" * 500)
    assert "neither Parquet nor text" in _refused(tmp_path / "t.csv")


@pytest.mark.parametrize("row", [f"{ROW},one,more", '"never closed,x,y', f"{ROW},"])
def test_a_row_that_does_not_fit_the_header(tmp_path: Path, row: str) -> None:
    (tmp_path / "t.csv").write_text(f"{HEADER}\n{ROW}\n{row}\n")
    assert "t.csv: a row does not fit the header" in _refused(tmp_path / "t.csv")


def test_a_column_twice(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{HEADER},title\n{ROW},again\n")
    assert "column 'title' appears twice" in _refused(tmp_path / "t.csv")


def test_a_file_larger_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{HEADER}\n{ROW}\n")
    with pytest.raises(InputError, match="CREATORLENS_MAX_IMPORT_BYTES"):
        inspect(path, 10)


def test_a_parquet_file_that_unpacks_to_more_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    rows = {"post_id": [str(n) for n in range(20_000)], "platform": "x", "observed_at": None, "likes": 1}
    pd.DataFrame(rows).to_parquet(path, compression="zstd")
    with pytest.raises(InputError, match="unpacked"):
        inspect(path, path.stat().st_size + 1)


def test_a_missing_file_names_one_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "instagram.csv").write_text(HEADER)
    with pytest.raises(InputError, match=r"no such file. Did you mean instagram.csv\?"):
        find_tables([tmp_path / "instagrm.csv"])


def test_a_folder_stands_for_its_tables(tmp_path: Path) -> None:
    for name in ("b.csv", "a.parquet", "README.md", ".hidden.csv"):
        (tmp_path / name).write_text(HEADER)
    assert [path.name for path in find_tables([tmp_path, tmp_path / "b.csv"])] == ["a.parquet", "b.csv"]


def test_a_folder_without_tables(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no table in this folder"):
        find_tables([tmp_path])


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    assert "not a regular file" in _refused(tmp_path / "t.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEADER)
    path.chmod(0)
    assert "may not be read" in _refused(path)
