"""What each count means, and when platforms changed it."""

from __future__ import annotations

from creatorlens.api_definitions import DefinitionChangeRecord, MetricDefinitionRecord, MetricDefinitions
from creatorlens.definition_changes import CHANGES
from creatorlens.metric_definitions import DEFINITIONS
from creatorlens.platforms import Platform


def metric_definitions(platform: Platform | None = None) -> MetricDefinitions:
    """Of one platform, or of all."""
    return MetricDefinitions(
        definitions=tuple(
            MetricDefinitionRecord(**vars(one))
            for one in DEFINITIONS.values()
            if platform in (None, one.platform)
        ),
        changes=tuple(
            DefinitionChangeRecord(**vars(one)) for one in CHANGES if platform in (None, one.platform)
        ),
    )
