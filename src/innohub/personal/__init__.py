"""What the hub holds about a person: told to them, and taken out when they have gone."""
