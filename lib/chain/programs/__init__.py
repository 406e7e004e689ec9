"""A chain as a program that runs without Dailies, or nearly. Pure."""
