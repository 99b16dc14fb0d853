"""The hub as docker/compose.yaml runs it, as plain processes on this machine. See README.md."""

from cluster.command import main

if __name__ == "__main__":
    main()
