"""The files that jobs take and make: kept, bounded, removed."""
