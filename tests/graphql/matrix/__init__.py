"""Who may do what over the API: everybody, the table, and a stage for every mutation."""
