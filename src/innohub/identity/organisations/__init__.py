"""What an operator changes about organisations, and what they were called before."""
