"""How good the search is over judged queries, and what it costs. See README.md."""

from search.command import main

if __name__ == "__main__":
    main()
