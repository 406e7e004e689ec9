"""Cuts and joins in which every picture that can stay as it is, stays as it is: only the seams are encoded."""
