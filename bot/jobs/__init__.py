"""The domain: what was asked for, what became of it, and the service that sees every job to its one ending."""
