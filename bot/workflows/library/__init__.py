"""The workflow files of a folder: read, checked, looked up, saved."""
