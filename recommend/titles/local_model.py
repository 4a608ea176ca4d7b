"""Titles by a causal or instruction-tuned language model in this process, through transformers."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from features.absent import Absent
from features.nlp.by_name import autocast, device_of, load, longest
from features.weights.models import Models
from recommend.titles.brief import Candidate, GeneratorAbsentError, TitleBrief
from recommend.titles.prompting import candidates_of, continuation, messages

AUTO_CLASS = "AutoModelForCausalLM"
TOKENS_PER_TITLE = 32
MOST_TOKENS = 512
SEED = 7
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class LocalModel:
    """`model`: a hub name, weights by name, or a folder. A chat template is used where the tokenizer has one; otherwise the
    model goes on with a list of titles. Same brief, same answer; `seconds` bounds the generation."""

    models: Models
    model: str
    seconds: float = 20.0
    name: str = field(default="language model", init=False)

    def propose(self, brief: TitleBrief, n: int) -> list[Candidate]:
        """Raises GeneratorAbsentError without weights."""
        loaded = load(self.models, self.model, AUTO_CLASS)
        if isinstance(loaded, Absent):
            raise GeneratorAbsentError(loaded.reason)
        tokenizer, network = loaded
        chat = getattr(tokenizer, "chat_template", None) is not None
        with _ONE_AT_A_TIME:
            answers = (
                self._chat(tokenizer, network, brief, n)
                if chat
                else self._go_on(tokenizer, network, brief, n)
            )
        return candidates_of(brief, answers, self.name, n)

    def _chat(self, tokenizer: Any, network: Any, brief: TitleBrief, n: int) -> list[str]:
        tokens = tokenizer.apply_chat_template(
            messages(brief, n), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        return self._generate(tokenizer, network, tokens, min(MOST_TOKENS, n * TOKENS_PER_TITLE), 1)

    def _go_on(self, tokenizer: Any, network: Any, brief: TitleBrief, n: int) -> list[str]:
        most = longest(tokenizer, network) - TOKENS_PER_TITLE
        tokens = tokenizer(continuation(brief), return_tensors="pt")
        # The end of the prompt holds the list that is gone on with.
        tokens = {name: value[:, -most:] for name, value in tokens.items()}
        answers = self._generate(tokenizer, network, tokens, TOKENS_PER_TITLE, n)
        return [answer.strip().partition("\n")[0] for answer in answers]

    def _generate(self, tokenizer: Any, network: Any, tokens: Any, most_new: int, n: int) -> list[str]:
        import torch

        device = device_of(self.models)
        given = tokens["input_ids"].to(device)
        with torch.random.fork_rng(devices=[]), torch.inference_mode(), autocast(device):
            torch.manual_seed(SEED)
            made = network.generate(
                input_ids=given, attention_mask=tokens["attention_mask"].to(device), do_sample=True, temperature=0.8,
                top_p=0.9, num_return_sequences=n, max_new_tokens=most_new, max_time=self.seconds,
                pad_token_id=_padding(tokenizer),
            )  # fmt: skip
        new = made[:, given.shape[1] :]
        return [str(text) for text in tokenizer.batch_decode(new, skip_special_tokens=True)]


def _padding(tokenizer: Any) -> int:
    known = tokenizer.pad_token_id
    return int(known if known is not None else tokenizer.eos_token_id or 0)
