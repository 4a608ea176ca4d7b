"""Weights of pretrained models: what there is, where it lies, and models loaded once per process."""
