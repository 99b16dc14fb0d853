"""One folder for each page: `page.graphql` reads, `page.html` shows, `view.py` says where it is."""
