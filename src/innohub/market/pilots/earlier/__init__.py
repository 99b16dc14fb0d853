"""Pilots that were over before the hub knew of them: told, so that nobody repeats them unawares,
and never weighed as evidence, because nothing was registered before they began."""
