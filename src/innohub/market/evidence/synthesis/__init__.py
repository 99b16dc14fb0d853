"""Many trials of one question, pooled: pure functions over effects and their standard errors."""
