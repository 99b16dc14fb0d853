"""Arguments that nobody means well by, for everything that the API offers."""
