"""A job on its way over a server: dispatched, sent, followed, ended."""
