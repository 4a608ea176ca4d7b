"""The BentoML service: `bentoml serve serving.service:CreatorLens`.

REST is a mounted FastAPI application: BentoML's native endpoints take only POST and answer errors in
their own words, and the mounted application answers twice as many requests.
"""

from __future__ import annotations

import bentoml

from serving.app import build_app


@bentoml.service(
    name="creatorlens",
    workers=1,
    # Longer than reading a long video with speech; the batcher refuses forecasts long before a queue gets there.
    traffic={"timeout": 960},
    # Ours are at /metrics: BentoML's label every path, which holds ids.
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
)
@bentoml.asgi_app(build_app(), path="/")
class CreatorLens:
    """Everything is in the mounted application; the class is what BentoML deploys."""
