"""What was read from a piece of content: one typed record per modality, for every room and for HTTP.

Positions are shares of width and height from the top left (0-1); times are seconds from the start. A part
that could not be read is None, and `absent` says why under the part's name: never a made-up number.
"""
