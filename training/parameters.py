"""What a platform's models are trained with: read from `training/configs/`, searched by `training.tuning`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from creatorlens.platforms import Platform

CONFIGS = Path(__file__).parent / "configs"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BoostingParameters(_Frozen):
    """Of XGBoost; names are the library's. `rounds` of the centre, `spread_rounds` of the spread; `bags`: boosters of
    different seeds that are averaged."""

    rounds: Annotated[int, Field(ge=1)] = 300
    spread_rounds: Annotated[int, Field(ge=1)] = 120
    max_depth: Annotated[int, Field(ge=1, le=12)] = 4
    eta: Annotated[float, Field(gt=0, le=1)] = 0.03
    min_child_weight: Annotated[float, Field(ge=0)] = 20.0
    reg_lambda: Annotated[float, Field(ge=0)] = 10.0
    subsample: Annotated[float, Field(gt=0, le=1)] = 0.6
    colsample_bytree: Annotated[float, Field(gt=0, le=1)] = 0.4
    huber_slope: Annotated[float, Field(gt=0)] = 0.5
    bags: Annotated[int, Field(ge=1, le=32)] = 3


class QuantileParameters(_Frozen):
    """Of the boosted quantiles; names are XGBoost's. At most `rounds`: no more once `patience` rounds did not help the newest
    rows. `bags`: boosters of different seeds that are averaged."""

    rounds: Annotated[int, Field(ge=1)] = 800
    patience: Annotated[int, Field(ge=1)] = 40
    max_depth: Annotated[int, Field(ge=1, le=12)] = 4
    eta: Annotated[float, Field(gt=0, le=1)] = 0.05
    min_child_weight: Annotated[float, Field(ge=0)] = 20.0
    reg_lambda: Annotated[float, Field(ge=0)] = 5.0
    subsample: Annotated[float, Field(gt=0, le=1)] = 0.7
    colsample_bytree: Annotated[float, Field(gt=0, le=1)] = 0.5
    bags: Annotated[int, Field(ge=1, le=32)] = 3


class NetworkParameters(_Frozen):
    """Of the multimodal network, and of the LSTM over the channel's posts."""

    hidden: Annotated[int, Field(ge=2)] = 24
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    modality_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.15
    lr: Annotated[float, Field(gt=0)] = 3e-3
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    epochs: Annotated[int, Field(ge=1)] = 60
    patience: Annotated[int, Field(ge=1)] = 6
    batch: Annotated[int, Field(ge=1)] = 256


class Parameters(_Frozen):
    """`fade`: a row this share of the rows older weighs half as much. `leave_out`: groups of features that no
    family reads on this platform."""

    boosting: BoostingParameters = BoostingParameters()
    quantiles: QuantileParameters = QuantileParameters()
    network: NetworkParameters = NetworkParameters()
    sequence: NetworkParameters = NetworkParameters()
    fade: Annotated[float, Field(gt=0)] = 0.3
    leave_out: tuple[str, ...] = ()


def load_parameters(platform: Platform, folder: Path = CONFIGS) -> Parameters:
    """`parameters` of `<platform>.yaml`, over the defaults above. A file without them, or none, is the defaults."""
    return Parameters.model_validate(read_config(platform, folder).get("parameters") or {})


def read_config(platform: Platform, folder: Path = CONFIGS) -> dict[str, Any]:
    """The whole file: `parameters`, and `search` (see `training.tuning`); empty where there is none."""
    import yaml

    path = folder / f"{platform.value}.yaml"
    if not path.is_file():
        return {}
    told: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return told
