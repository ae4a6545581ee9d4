"""What a job is: its values, the steps of its life, and what it needs of a store."""
