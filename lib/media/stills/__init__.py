"""Pictures out of clips, exactly those that were asked for, as a player shows them."""
