"""The seam of a clip and what a model made on from it."""
