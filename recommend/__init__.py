"""Advice: pure functions around a `score` that is handed in. They read no database, open no file, ask no model by themselves."""
