"""Pictures that stand for a post: what is wrong with one, and better ones of the same material. Pixels in, pixels out."""
