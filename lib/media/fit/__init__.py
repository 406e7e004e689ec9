"""A clip made to fit: another rate, size, length, speed or order of its pictures, with the sound in step."""
