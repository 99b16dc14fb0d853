"""A mixed hour in minutes, on one, two and four web processes. See README.md."""

from load.command import main

if __name__ == "__main__":
    main()
