"""How fast queries are answered, side by side with other ways of answering them."""
