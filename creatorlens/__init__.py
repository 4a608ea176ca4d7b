"""CreatorLens: the kernel. Records, settings, errors, database, blobs and the typed client."""

__version__ = "0.1.0"
