"""Roundup, an issue tracker that is not ours: it knows no key of ours, refuses each edit that does
not name the version it replaces, and keeps a journal of every change."""
