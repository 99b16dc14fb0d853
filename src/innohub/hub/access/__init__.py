"""What a connection proves itself with: tokens, secrets, keys, and how they are kept."""
