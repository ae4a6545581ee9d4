"""Files as bytes: formats, sizes, metadata. Knows nothing of jobs, workflows or Discord."""
