"""Connections, deliveries and their attempts."""
