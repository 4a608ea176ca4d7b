"""Settings: one frozen object, read from the environment when asked for, never at import.

Every variable starts with `CREATORLENS_`; all state lives under `CREATORLENS_HOME`.
"""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="CREATORLENS_", frozen=True, extra="forbid")

    home: Path = Path(".creatorlens")
    workspace: str = "local"
    database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL; default SQLite (WAL) under home. Secret: it may hold a password.",
    )
    blob_url: str | None = Field(default=None, description="fsspec URL; default a folder under home.")
    tracking_uri: str | None = Field(default=None, description="MLflow; default SQLite under home.")
    tuning_storage: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy URL that keeps tuning studies, for processes of several machines; default a journal under home.",
    )
    text_encoder: str = Field(
        default="sentence-transformers/all-MiniLM-L6-v2",
        description="Hub name or folder of a sentence encoder; 'none' switches embeddings off.",
    )
    weights: str = Field(
        default="",
        description="Folders that hold weights by name, separated as in PATH; home/weights is always looked in.",
    )
    vision_encoder: str = Field(
        default="mobilenet_v2_1.0_224",
        description="Weights by name, folder or hub name of an image encoder or classifier; 'none' for none.",
    )
    detector: str = Field(
        default="yolox_nano",
        description="The same for an object detector: DETR-like in a transformers folder, or YOLOX as ONNX.",
    )
    aesthetic_model: str = Field(
        default="none",
        description="The same for a NIMA-like model: an image classifier of the ratings 1 to 10.",
    )
    whisper: str = Field(
        default="base",
        description="Transcription: a size of openai-whisper, weights by name, a folder or a .pt file; 'none' for none.",
    )
    whisper_words: bool = Field(default=False, description="Times of single words too; about twice the work.")
    device: str = Field(
        default="cpu",
        pattern=r"^(cpu|cuda(:\d+)?)$",
        description="Where learned models run; on a GPU in mixed precision.",
    )
    model_threads: int = Field(default=2, ge=1, description="Threads of one learned model on the CPU.")
    train_precision: str = Field(
        default="32-true",
        pattern=r"^(32-true|bf16-mixed|16-mixed)$",
        description="Of training networks, in Lightning's words; on 'cuda' bf16-mixed is worth a try.",
    )
    train_devices: int = Field(
        default=1, ge=1, description="Processes that train one network together (DDP); on 'cuda' one per GPU."
    )
    analysis_workers: int = Field(
        default=0, ge=0, description="Processes that read files; 0 for as many as there are cores."
    )
    analysis_seconds: float = Field(
        default=180.0, gt=0, description="Wall-clock seconds that reading one file may take."
    )
    max_upload_bytes: int = Field(
        default=2 * 1024**3, gt=0, description="All files of one request to /v1/analyze together."
    )
    emotion_model: str = Field(
        default="SamLowe/roberta-base-go_emotions",
        description="Hub name or folder of a text classifier; 'none' switches it off. So for the next three.",
    )
    hate_model: str = "unitary/unbiased-toxic-roberta"
    entity_model: str = "dslim/bert-base-NER"
    translation_model: str = "Helsinki-NLP/opus-mt-mul-en"
    title_model: str = Field(
        default="none",
        description="Hub name, weights by name or folder of a causal or instruction-tuned language model that proposes titles.",
    )
    title_server: str = Field(
        default="none",
        description="Address (with its /v1) of a server that speaks OpenAI's chat completions and proposes titles.",
    )
    title_server_model: str = Field(default="", description="The model's name on that server.")
    title_server_key: SecretStr | None = Field(default=None, description="Its key, where it asks for one.")
    title_seconds: float = Field(default=20.0, gt=0, description="How long either may take to answer.")
    banned_words: str = Field(
        default="", description="Words that no proposed title or caption may have, parted by commas."
    )
    malware_scanner: str = Field(
        default="auto",
        description="ClamAV: 'auto', 'none', 'unix:SOCKET' or 'tcp:HOST:PORT' of clamd, or a command with its options.",
    )
    default_timezone: str = "UTC"
    host: str = "127.0.0.1"
    api_port: int = 3000
    dashboard_port: int = 8501
    prefect_port: int = 4200
    mlflow_port: int = 5000
    api_url: str | None = Field(default=None, description="Where the dashboard finds the API.")
    max_title_chars: int = 10_000
    max_text_chars: int = 100_000
    max_import_bytes: int = 4 * 1024**3

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        # Feast's DuckDB store and child processes with another working folder need absolute paths.
        return home.expanduser().absolute()

    @property
    def database(self) -> str:
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / 'creatorlens.db'}"

    @property
    def blobs(self) -> str:
        return self.blob_url or str(self.home / "blobs")

    @property
    def weights_folders(self) -> tuple[Path, ...]:
        """Where weights are looked for, in order; the first is where `weights pull` puts them."""
        told = [Path(part).expanduser().absolute() for part in self.weights.split(os.pathsep) if part.strip()]
        return (self.home / "weights", *told)

    @property
    def features_home(self) -> Path:
        return self.home / "features"

    @property
    def mlflow_uri(self) -> str:
        return self.tracking_uri or f"sqlite:///{self.home / 'mlflow' / 'mlflow.db'}"

    @property
    def mlflow_artifacts(self) -> Path:
        return self.home / "mlflow" / "artifacts"

    @property
    def quality_home(self) -> Path:
        return self.home / "quality"

    @property
    def api(self) -> str:
        return self.api_url or f"http://{self.host}:{self.api_port}"


def load_settings() -> Settings:
    """The settings of this process's environment."""
    return Settings()
