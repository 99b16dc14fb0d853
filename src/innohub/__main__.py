"""`python -m innohub`: the hub's commands, where the package is not installed."""

from innohub.cli.main import main

main()
