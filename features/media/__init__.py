"""Files of unknown origin: what they are, whether they may be read, and what they are alike."""
