"""`innohub import`: a supplier's whole catalogue from a file, by the same API that its own systems
use, so that it needs an API client's credentials and nothing else."""
