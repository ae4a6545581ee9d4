"""The card of one job, drawn from a snapshot; pure."""
