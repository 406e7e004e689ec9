"""The performers: one module per technique, each run in a child process of its own."""
