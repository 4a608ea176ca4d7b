"""Files into raw tables: Parquet and CSV, told apart by their first bytes, never by their names."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from creatorlens.errors import InputError, nearest
from services.content.tables import Recognised, TableSpec, Values, recognise
from services.content.text_files import Dialect, inspect_text

SUFFIXES = (".parquet", ".csv", ".tsv", ".xlsx", ".xls")
"""What is looked at in a folder; a file named on its own may be called anything."""

_OTHER_FORMATS = {
    b"PK\x03\x04": "is an Excel workbook or a ZIP archive, not a table.",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook, not a table.",
    b"\x1f\x8b": "is compressed with gzip.",
    b"\x28\xb5\x2f\xfd": "is compressed with zstd.",
    b"SQLite format 3": "is an SQLite database, not a table.",
    b"%PDF": "is a PDF, not a table.",
}
_AS_CSV = "Save the sheet as CSV UTF-8 (in Excel: File, Save as, CSV UTF-8) and import that."
_UNPACK = "Unpack it first and import what is inside."


@dataclass(frozen=True)
class Source:
    """A file whose kind is known and whose rows are not read yet."""

    path: Path
    recognised: Recognised
    dialect: Dialect | None  # None = Parquet

    @property
    def spec(self) -> TableSpec:
        return self.recognised.spec


@dataclass(frozen=True)
class RawTable:
    """Canonical columns with the file's values; the index is the 1-based row of the file."""

    source: Source
    frame: pd.DataFrame


def find_tables(paths: list[Path]) -> list[Path]:
    """The files meant: a folder stands for the tables directly in it. Raises InputError."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: there is no such file.", hint=_similar_file(path))
        if not path.is_dir():
            found.append(path)
            continue
        with _readable(path):
            inside = sorted(p for p in path.iterdir() if p.is_file() and p.suffix.lower() in SUFFIXES)
        inside = [p for p in inside if not p.name.startswith(".")]
        if not inside:
            raise InputError(f"{path}: no table in this folder.", hint="It takes .parquet and .csv files.")
        found += inside
    return list(dict.fromkeys(path.absolute() for path in found))


def inspect(path: Path, max_bytes: int) -> Source:
    """Which table a file holds, from its first bytes and its columns. Raises InputError."""
    with _readable(path):
        if not path.is_file():
            raise InputError(f"{path}: is not a regular file.")
        size = path.stat().st_size
        if size == 0:
            raise InputError(f"{path.name}: is empty.", hint="Export it again.")
        if size > max_bytes:
            raise InputError(
                f"{path.name}: {size:,} bytes, more than the {max_bytes:,} allowed.",
                hint="Split it, or raise CREATORLENS_MAX_IMPORT_BYTES.",
            )
        with path.open("rb") as file:
            head = file.read(16)
    if head.startswith(b"PAR1"):
        return Source(path, recognise(path.name, _parquet_columns(path, max_bytes)), None)
    for magic, words in _OTHER_FORMATS.items():
        if head.startswith(magic):
            excel = "Excel" in words
            raise InputError(f"{path.name}: {words}", hint=_AS_CSV if excel else _UNPACK)
    with _readable(path):
        dialect = inspect_text(path)
    return Source(path, recognise(path.name, dialect.header), dialect)


def read(source: Source) -> RawTable:
    """All rows of a file, canonical columns only. Raises InputError where it is damaged."""
    with _readable(source.path):
        frame = _read_parquet(source) if source.dialect is None else _read_csv(source, source.dialect)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name="row_number")
    return RawTable(source, frame)


def file_hash(path: Path) -> str:
    with _readable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet_columns(path: Path, max_bytes: int) -> list[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        parquet = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(path) from error
    with parquet:
        meta = parquet.metadata
        unpacked = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
        if unpacked > max_bytes:
            raise InputError(
                f"{path.name}: holds {unpacked:,} bytes unpacked, more than the {max_bytes:,} allowed.",
                hint="Split it, or raise CREATORLENS_MAX_IMPORT_BYTES.",
            )
        return list(parquet.schema_arrow.names)


def _read_parquet(source: Source) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = {given: name for name, given in source.recognised.source.items()}
    try:
        # partitioning=None: a folder called `platform=x` on the way must not add columns
        table = pq.read_table(source.path, columns=list(names), partitioning=None)
        table = table.rename_columns([names[given] for given in table.column_names])
        table = _plain_types(table, source.spec)
        table.validate(full=True)
        return table.to_pandas()
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(source.path) from error


def _plain_types(table: Any, spec: TableSpec) -> Any:
    """Dictionaries decoded; whole numbers in columns of text as text (pandas would make them floats)."""
    import pyarrow as pa

    for at, column in enumerate(spec.columns):
        at = table.column_names.index(column.name) if column.name in table.column_names else -1
        if at < 0:
            continue
        values = table.column(at)
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        textual = column.values in (Values.ID, Values.WORD, Values.TEXT, Values.NOTE)
        if textual and (pa.types.is_integer(values.type) or pa.types.is_binary(values.type)):
            values = values.cast(pa.string())
        table = table.set_column(at, column.name, values)
    return table


def _read_csv(source: Source, dialect: Dialect) -> pd.DataFrame:
    names = {given: name for name, given in source.recognised.source.items()}
    try:
        with warnings.catch_warnings():
            # pandas cuts rows that are longer than the header and only warns
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                source.path,
                sep=dialect.separator,
                encoding=dialect.encoding,
                dtype=str,
                keep_default_na=False,
                index_col=False,
                skip_blank_lines=True,
            )
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise InputError(
            f"{source.path.name}: a row does not fit the header ({_first_line(error)}).",
            hint="Look for an unclosed quote or a separator too many, or a file cut short.",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{source.path.name}: byte {error.start} is not {dialect.encoding} text.",
            hint="Save it as UTF-8.",
        ) from error
    frame.columns = [str(name).strip() for name in frame.columns]
    frame = frame[list(names)].rename(columns=names)
    return frame.where(frame.notna(), None)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].removeprefix("Error tokenizing data. C error: ")[:200]


def _damaged(path: Path) -> InputError:
    return InputError(
        f"{path.name}: is a Parquet file, but damaged or cut short.", hint="Copy or export it again."
    )


def _similar_file(path: Path) -> str | None:
    folder = path.parent
    if not folder.is_dir():
        return f"The folder {folder} does not exist either."
    near = nearest(path.name, [p.name for p in folder.iterdir()])
    return f"Did you mean {near[0]}?" if near else None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise InputError(f"{path}: may not be read by this user.", hint="Change its permissions.") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error}).") from error
