"""Tests that a creator runs: how long they take, when they may stop, what they say."""
