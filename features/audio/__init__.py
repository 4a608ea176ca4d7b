"""Sound: decoded as a stream, and everything read from it."""
