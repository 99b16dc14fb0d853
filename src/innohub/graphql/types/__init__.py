"""The types of the API, a module for each capability. Each is declared once, with its sources."""
