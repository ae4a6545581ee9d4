"""Files without the metadata that tells how they were made."""
