"""The one way out of the hub, and what of it may be shown."""
