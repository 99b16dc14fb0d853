"""Python's collector of cycles, told what stays."""

import gc


def keep_what_is_loaded() -> None:
    """Everything that is there now lives as long as the process: the collector looks at it no more,
    which would hold up every request of that moment for a quarter of a second.

    The collector waits until the oldest garbage is a quarter of what was kept at its last look:
    without another look now, a quarter of all this, and memory would grow by a hundred megabytes.
    """
    gc.collect()
    gc.freeze()
    gc.collect()
