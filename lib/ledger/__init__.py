"""The rules of money: submit once, reconcile, uncertain, caps."""
