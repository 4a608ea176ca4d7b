"""The title in English, by a translation model by name."""

from __future__ import annotations

from creatorlens.reading.text import Translation
from features.absent import Absent
from features.nlp.by_name import autocast, device_of, identity, load, longest
from features.nlp.languages import language_of
from features.nlp.source import Source
from features.weights.models import Models

AUTO_CLASS = "AutoModelForSeq2SeqLM"
MAX_NEW_TOKENS = 128


def read_translation(source: Source, models: Models) -> Translation | Absent:
    """Of the title, or of the first passage of the first field there is. Greedy: equal words, equal translation."""
    name = models.settings.translation_model
    loaded = load(models, name, AUTO_CLASS)
    if isinstance(loaded, Absent):
        return loaded
    if not source.fields:
        return Absent("no words to read")
    field, parts = next(iter(source.passages.items()))
    language = language_of(source, parts[0])
    if language in (None, "en"):
        return Absent("English already" if language else "no letters to tell a language by")
    import torch

    tokenizer, network = loaded
    device = device_of(models)
    tokens = tokenizer(
        parts[0], truncation=True, max_length=longest(tokenizer, network), return_tensors="pt"
    ).to(device)
    with torch.inference_mode(), autocast(device):
        made = network.generate(
            input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"], num_beams=1, do_sample=False,
            max_new_tokens=MAX_NEW_TOKENS,
        )  # fmt: skip
    said = tokenizer.decode(made[0], skip_special_tokens=True).strip()
    return Translation(text=said, source=str(language), field=field, model=identity(models, name))
