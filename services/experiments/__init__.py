"""Tests that a creator runs: power first, then observations and what they say so far."""
