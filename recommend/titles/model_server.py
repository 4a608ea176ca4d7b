"""Titles by a server that speaks OpenAI's chat completions: a hosted model, vLLM, llama.cpp, Ollama."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from recommend.titles.brief import Candidate, GeneratorAbsentError, TitleBrief
from recommend.titles.prompting import candidates_of, messages

TOKENS_PER_TITLE = 40
MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class ModelServer:
    """`base_url` as clients of such servers have it, with its `/v1`. The key goes into one header and nowhere else."""

    base_url: str
    model: str
    key: SecretStr | None = None
    seconds: float = 20.0
    name: str = field(default="model server", init=False)

    def propose(self, brief: TitleBrief, n: int) -> list[Candidate]:
        """Raises GeneratorAbsentError where it cannot be reached, refuses, or answers something else."""
        return candidates_of(brief, [self._answer(brief, n)], self.name, n)

    def _answer(self, brief: TitleBrief, n: int) -> str:
        import httpx

        asked = {
            "model": self.model, "messages": messages(brief, n), "temperature": 0.8, "max_tokens": n * TOKENS_PER_TITLE,
            "stream": False,
        }  # fmt: skip
        headers = {} if self.key is None else {"Authorization": f"Bearer {self.key.get_secret_value()}"}
        try:
            response = httpx.post(
                f"{self.base_url.rstrip('/')}/chat/completions",
                json=asked,
                headers=headers,
                timeout=self.seconds,
            )
        except httpx.HTTPError as error:
            # The message of a client error may hold the address with its credentials: the kind says enough.
            raise GeneratorAbsentError(f"the server cannot be reached ({type(error).__name__})") from None
        if response.status_code != httpx.codes.OK:
            raise GeneratorAbsentError(f"the server answered {response.status_code}")
        try:
            return _content(response.json() if len(response.content) <= MOST_BYTES else None)
        except ValueError:
            raise GeneratorAbsentError("the server answered something else than a chat completion") from None


def _content(answer: Any) -> str:
    """Raises ValueError."""
    try:
        said = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise ValueError("no message") from None
    if not isinstance(said, str):
        raise ValueError("no words")
    return said
