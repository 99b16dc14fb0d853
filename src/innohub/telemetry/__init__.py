"""What the hub tells of itself to those who operate it."""
