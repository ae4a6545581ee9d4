"""What programs write into the files they save about how these were made."""
