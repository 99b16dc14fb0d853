"""Side by side: the read engine and other ways to answer the same queries. See README.md."""

from read.command import main

if __name__ == "__main__":
    main()
