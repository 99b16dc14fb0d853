"""Effects computed from trial data: one module for each KPI type, `engine` chooses between them."""
