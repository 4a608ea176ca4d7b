"""The kinds of advice by name, imported when first asked for: some bring heavy libraries with them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from creatorlens.errors import NotReadyError


def entry(kind: str, name: str | None = None) -> Callable[..., Any]:
    """`services.advice.<kind>.<kind>`, or another function of that module. Raises NotReadyError where it is not installed."""
    module = f"services.advice.{kind}"
    try:
        found: Callable[..., Any] = getattr(import_module(module), name or kind)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise NotReadyError(f"advice on {kind} is not part of this installation.") from None
    return found
