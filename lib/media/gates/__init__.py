"""Gates: what a take is looked at for before more money is spent on it."""
