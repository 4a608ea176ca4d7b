"""Titles and captions: proposed by generators, refused by filters, ranked by what they are expected to do."""
