"""Hashtags: what could be used, what a creator would choose, what each is expected to do, which and how many to take."""
