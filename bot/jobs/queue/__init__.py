"""Which job is next, how much one may ask for, and what a request is planned to run as."""
