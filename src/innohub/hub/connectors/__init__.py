"""What a connector is: its manifest, what its parts mean, and one request of it made."""
