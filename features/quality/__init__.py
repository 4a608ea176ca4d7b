"""What a row must be to be taken: one suite of expectations for each table."""
