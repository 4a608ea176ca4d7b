"""Pictures: decoded under limits, and everything read from them."""
