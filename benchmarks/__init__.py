"""Measurements: `python -m benchmarks NAME [--json]`, each beside a physical limit or a peer in the same run."""
