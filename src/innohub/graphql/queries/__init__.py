"""Where reads begin, by what they are about."""
