"""Feature rows → evaluated, registered models: members, calibration, gates, backtests, promotion."""
