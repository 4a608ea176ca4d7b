"""What `feast apply` reads. Feast imports this file and takes the entities and views it finds by name,
so this is the one module that reads settings when imported; nothing of ours imports it."""

from __future__ import annotations

from creatorlens.settings import load_settings
from features.feature_views import feature_views

globals().update(feature_views(load_settings().features_home))
