"""What leaving our libraries behind costs: `python -m benchmarks edge`.

A forecaster of each platform of ../shared/data, trained on the first four fifths of the outcomes by the time they became
known, exported as ONNX, plainly and with the networks' weights in 8 bits; both against the original on the rest.
`ratio` per platform is the export's pinball over the original's: 1 loses nothing. Progress goes to stderr; minutes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

PLATFORMS = ("instagram", "youtube", "tiktok")
DATA = Path(__file__).parents[1] / ".." / "shared" / "data"
SHARE = 0.8
WITHIN_LN = 1e-4


def run(json: bool = False) -> dict[str, Any]:
    if not DATA.is_dir():
        return {"skipped": "the real tables (../shared/data) are not on this machine"}
    # GNU OpenMP spins where cores are shared.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    platforms = {name: _of_platform(name, quiet=json) for name in PLATFORMS}
    same = all(part["onnx"]["difference_max"] < WITHIN_LN for part in platforms.values())
    return {"platforms": platforms, "ok": same}


def _of_platform(name: str, *, quiet: bool) -> dict[str, Any]:
    from creatorlens.database import open_database
    from creatorlens.platforms import Platform
    from creatorlens.settings import Settings
    from features.featurize import featurize
    from services.content.importing import import_files
    from training.expert import in_known_order
    from training.forecaster import Forecaster
    from training.members import fit_members
    from training.train import known_rows

    def say(message: str) -> None:
        if not quiet:
            print(message, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as home:
        settings = Settings(home=Path(home))
        engine = open_database(settings)
        files = [DATA / f"{name}.{kind}.parquet" for kind in ("posts", "observations", "creators")]
        import_files(engine, settings, [file for file in files if file.exists()], say)
        platform = Platform(name)
        featurize(engine, settings, platform, progress=say)
        rows = in_known_order(known_rows(settings, platform, None))
        cut = int(len(rows) * SHARE)
        say(f"{name}: train on {cut:,} rows")
        forecaster = Forecaster.fit(rows.iloc[:cut], platform, explain=False)
        later, names = rows.iloc[cut:], forecaster.feature_names
        # Every family has a share, so that every kind of file is measured.
        whole = replace(
            forecaster,
            experts={
                definition: replace(
                    expert,
                    shares=(0.2, 0.2, 0.2, 0.2, 0.2),
                    members=fit_members(
                        rows.iloc[:cut].loc[
                            lambda part, which=definition: part["metric_definition"] == which
                        ],
                        names,
                    ),
                )
                for definition, expert in forecaster.experts.items()
            },
        )
        told: dict[str, Any] = {"shares": forecaster.summary["shares"]}
        for kind, model in (("", forecaster), ("all_families_", whole)):
            for int8 in (False, True):
                say(f"{name}: export {kind}{'int8' if int8 else 'onnx'}")
                told[f"{kind}{'int8' if int8 else 'onnx'}"] = _compared(
                    model, Path(home) / "out", later, int8
                )
        return told


def _compared(model: Any, folder: Path, rows: Any, int8: bool) -> dict[str, Any]:
    from training.onnx_export import compare, export

    export(model, folder, int8=int8)
    told = asdict(compare(model, folder, rows))
    accuracy = told["accuracy"]
    return {**told, "ratio": round(accuracy["exported"]["pinball"] / accuracy["original"]["pinball"], 6)}
