from __future__ import annotations

from tests.services.insights.conftest import book  # noqa: F401
