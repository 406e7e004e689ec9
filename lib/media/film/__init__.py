"""What a player shows beside the clip itself: a strip of small pictures, the sound's outline, stills, a proxy."""
