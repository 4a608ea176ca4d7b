"""Drafts and stored files read: through workers, with what is kept, beside the channel's earlier work."""
