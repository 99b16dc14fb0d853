"""What it costs to carry results to suppliers' systems. See README.md."""

from sync.command import main

if __name__ == "__main__":
    main()
