"""Every change the API offers: a command, the service that carries it out, the node it returns."""
