"""Models by name, on tiny ones made from a configuration: what we make of them is what transformers makes of them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from creatorlens.settings import Settings
from features.nlp.reading import part_keys, read_text, read_texts
from features.nlp.words import Words
from features.weights.models import Models

VOCABULARY = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "i", "love", "hate", "bread", "berlin", "anna", "in", "makes", "the",
    "of", "and", "to", "dies", "ist", "ein", "schoner", "tag", "fur", "alle", "##s", "##er", "##lin", "ber", ",", ".",
]  # fmt: skip
PIECES = Words(
    "I love Bread", "Anna makes bread in Berlin, and breads.", transcript="the love of the bread " * 60
)


def tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    PreTrainedTokenizerFast(
        tokenizer_object=made, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=64,
    ).save_pretrained(str(folder))  # fmt: skip


def bert(folder: Path, auto_class: str, labels: list[str], **more: object) -> None:
    import torch
    import transformers

    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, id2label=dict(enumerate(labels)), label2id={name: i for i, name in enumerate(labels)},
        initializer_range=0.6, **more,
    )  # fmt: skip
    getattr(transformers, auto_class)(config).save_pretrained(str(folder))
    tokenizer(folder)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """Weights by name in one folder, as `weights pull` leaves them; the translator by its path."""
    import torch
    import transformers

    root = tmp_path_factory.mktemp("by-name")
    bert(root / "weights" / "emotion", "BertForSequenceClassification", ["joy", "anger", "fear"])
    bert(
        root / "weights" / "hate", "BertForSequenceClassification", ["toxicity", "threat"],
        problem_type="multi_label_classification",
    )  # fmt: skip
    bert(root / "weights" / "ner", "BertForTokenClassification", ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
    torch.manual_seed(0)
    config = transformers.T5Config(
        vocab_size=len(VOCABULARY), d_model=32, d_kv=16, d_ff=64, num_layers=1, num_heads=2, decoder_start_token_id=0,
        pad_token_id=0, eos_token_id=3, initializer_factor=2.0,
    )  # fmt: skip
    transformers.T5ForConditionalGeneration(config).save_pretrained(str(root / "translator"))
    tokenizer(root / "translator")
    return Models(
        Settings(
            home=root / "home",
            weights=str(root / "weights"),
            text_encoder="none",
            emotion_model="somebody/emotion",
            hate_model="somebody/hate",
            entity_model="somebody/ner",
            translation_model=str(root / "translator"),
        )
    )


def pipeline(tiny: Models, task: str, name: str, **more: object) -> object:
    import transformers

    folder = str(tiny.folder(name))
    return transformers.pipeline(task, model=folder, tokenizer=folder, device="cpu", **more)


def test_emotion_is_what_the_model_says_of_the_headline(tiny: Models) -> None:
    found = read_text(PIECES, tiny).emotion
    assert found is not None
    said = pipeline(tiny, "text-classification", "emotion", top_k=None)(
        ["I love Bread Anna makes bread in Berlin, and breads."]
    )[0]
    assert [label.label for label in found.labels] == [one["label"] for one in said]
    assert [label.score for label in found.labels] == pytest.approx([one["score"] for one in said], abs=1e-5)
    assert sum(label.score for label in found.labels) == pytest.approx(1)
    assert found.model.startswith("somebody/emotion@")


def test_hate_is_the_worst_of_all_passages_and_each_class_for_itself(tiny: Models) -> None:
    whole = read_text(PIECES, tiny).hate
    assert whole is not None
    alone = [
        read_text(Words(title), tiny).hate
        for title in ("I love Bread", "Anna makes bread in Berlin, and breads.")
    ]
    for label in whole.labels:
        for piece in alone:
            assert piece is not None
            same = next(one for one in piece.labels if one.label == label.label)
            assert label.score >= same.score - 1e-5
    said = pipeline(tiny, "text-classification", "hate", top_k=None)(["I love Bread"])[0]
    assert alone[0] is not None
    assert {one.label: one.score for one in alone[0].labels} == pytest.approx(
        {one["label"]: one["score"] for one in said}, abs=1e-5
    )


def test_entities_stand_where_they_say_and_are_those_of_the_pipeline(tiny: Models) -> None:
    found = read_text(PIECES, tiny).entities
    assert found is not None
    fields = {"title": PIECES.title, "caption": PIECES.text, "transcript": PIECES.transcript}
    assert found.entities
    for entity in found.entities:
        assert fields[entity.field][entity.start : entity.end] == entity.text
    said = pipeline(tiny, "token-classification", "ner")
    for field in ("title", "caption"):
        tagged = {
            (one["start"], one["end"]) for one in said(fields[field]) if not one["entity"].startswith("O")
        }
        starts = {entity.start for entity in found.entities if entity.field == field}
        assert starts <= {start for start, _ in tagged}
        ours = [range(e.start, e.end) for e in found.entities if e.field == field]
        words = {start for start, _ in tagged if start == 0 or not fields[field][start - 1].isalnum()}
        assert all(any(start in covered for covered in ours) for start in words)


def test_entities_of_a_long_text_come_from_all_of_it_once(tiny: Models) -> None:
    found = read_text(Words(transcript="anna , " * 150), tiny).entities
    assert found is not None
    spans = [(entity.start, entity.end) for entity in found.entities]
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert spans[-1][1] > 700


def test_translation_is_deterministic_and_not_for_english(tiny: Models) -> None:
    german = Words("Dies ist ein schöner Tag für alle Menschen")
    found = read_text(german, tiny).translation
    assert found is not None
    assert (found.source, found.field) == ("de", "title")
    assert read_text(german, tiny).translation == found
    assert (
        "English already"
        in read_text(Words("This is a lovely day for all of us"), tiny).absent["translation"]
    )


def test_a_batch_judges_as_one_by_one(tiny: Models) -> None:
    pieces = [PIECES, Words("hate"), Words(""), Words("bread bread bread", "i love berlin")]
    for together, words in zip(read_texts(pieces, tiny), pieces, strict=True):
        alone = read_text(words, tiny)
        assert together.absent == alone.absent
        for part in ("emotion", "hate"):
            one, other = getattr(together, part), getattr(alone, part)
            # A batch is padded to its longest text, which moves the last digits.
            assert one == other or [x.score for x in one.labels] == pytest.approx(
                [x.score for x in other.labels], abs=1e-5
            )


def test_other_weights_are_another_key(tiny: Models) -> None:
    other = Models(tiny.settings.model_copy(update={"emotion_model": "somebody/hate"}))
    one, two = part_keys(PIECES, tiny), part_keys(PIECES, other)
    assert {field for field in one if one[field] != two[field]} == {"emotion"}


def test_absent_says_why(tiny: Models, tmp_path: Path) -> None:
    def reason(name: str) -> str:
        settings = tiny.settings.model_copy(update={"hate_model": name})
        return read_text(PIECES, Models(settings)).absent["hate"]

    assert "switched off" in reason("none")
    assert "creatorlens weights pull no-such-model" in reason("nobody/no-such-model")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04.")
    assert "no safetensors" in reason(str(tmp_path))
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    assert "cannot be loaded" in reason(str(tmp_path))
