"""What evidence costs: trial data on their way in. See README.md."""

from evidence.command import main

if __name__ == "__main__":
    main()
