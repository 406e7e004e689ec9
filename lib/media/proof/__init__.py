"""What shows that a cut is what was asked for: measured on the file that was made, against the file it came from."""
