"""The `innohub` command."""
