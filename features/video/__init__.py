"""Video as a whole: container, frames by seeking, cuts, motion, hook, candidate thumbnails."""
