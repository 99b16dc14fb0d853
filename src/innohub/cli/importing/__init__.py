"""`innohub import`: a supplier's whole catalogue, or a force's earlier pilots, from a file, by the
same API that their own systems use, so that it needs an API client's credentials and nothing
else."""
