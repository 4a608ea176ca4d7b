"""The `creatorlens` command. One module per group of verbs; heavy rooms are imported inside the verb."""
