"""Bytes from an address, going on where an earlier try ended; and what the hub says of a model."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from creatorlens.errors import InputError
from features.weights.catalogue import File, Weight

CONNECT_SECONDS, READ_SECONDS = 10.0, 60.0
PARTIAL = 206
RANGE_AFTER_END = 416
NEEDED = (
    "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json", "tokenizer.json",
    "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "vocab.txt", "merges.txt",
    "spiece.model", "sentencepiece.bpe.model", "source.spm", "target.spm", "modules.json",
    "sentence_bert_config.json", "config_sentence_transformers.json", "1_Pooling/config.json",
)  # fmt: skip


@dataclass(frozen=True)
class Fetched:
    """`resumed`: the chunks go on from where one asked; `total` bytes of the whole file, 0 where unknown."""

    chunks: Iterator[bytes]
    resumed: bool
    total: int


class Fetcher(Protocol):
    """Where bytes come from."""

    def get(self, url: str, start: int = 0) -> AbstractContextManager[Fetched]: ...

    def json(self, url: str) -> Any: ...


class HttpFetcher:
    """Over HTTP; raises httpx.HTTPError. A token of the hub (HF_TOKEN) goes to the hub alone."""

    @contextmanager
    def get(self, url: str, start: int = 0) -> Iterator[Fetched]:
        import httpx

        headers = {**_token(url), "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        with (
            httpx.Client(follow_redirects=True, timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)) as client,
            client.stream("GET", url, headers=headers) as response,
        ):  # fmt: skip
            if response.status_code == RANGE_AFTER_END:
                yield Fetched(iter(()), resumed=True, total=0)  # it was whole already
                return
            response.raise_for_status()
            resumed = response.status_code == PARTIAL
            length = int(response.headers.get("Content-Length", 0))
            yield Fetched(response.iter_bytes(), resumed, length + (start if resumed and length else 0))

    def json(self, url: str) -> Any:
        import httpx

        response = httpx.get(url, headers=_token(url), follow_redirects=True, timeout=READ_SECONDS)
        response.raise_for_status()
        return response.json()


def hub() -> str:
    """The hub's address; HF_ENDPOINT names a mirror, as for the hub's own tools."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def hub_files(weight: Weight, fetcher: Fetcher) -> tuple[str, tuple[File, ...]]:
    """The commit behind the revision, and the files that loading needs with the checksums the hub tells (of large
    files; small ones are kept under git's own hash). Code is never among them."""
    told = fetcher.json(f"{hub()}/api/models/{weight.name}/revision/{weight.revision}?blobs=true")
    commit = str(told["sha"])
    listed = {str(one["rfilename"]): one for one in told["siblings"]}
    tensors = [
        name
        for name in listed
        if name.endswith((".safetensors", ".safetensors.index.json")) and "/" not in name
    ]
    if not tensors:
        tensors = [name for name in listed if name.startswith("pytorch_model") and "/" not in name]
    if not tensors:
        raise InputError("the hub lists no weights of it.", field=weight.name)
    chosen = [name for name in listed if name in NEEDED] + tensors
    return commit, tuple(_file(weight.name, commit, listed[name]) for name in chosen)


def _file(model: str, commit: str, one: dict[str, Any]) -> File:
    name = str(one["rfilename"])
    return File(
        path=name,
        size=int(one.get("size") or 0),
        sha256=str((one.get("lfs") or {}).get("sha256", "")),
        url=f"{hub()}/{model}/resolve/{commit}/{name}",
    )


def _token(url: str) -> dict[str, str]:
    token = os.environ.get("HF_TOKEN")
    return {"Authorization": f"Bearer {token}"} if token and url.startswith(f"{hub()}/") else {}
