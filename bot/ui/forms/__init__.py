"""What people type and choose: options, suggestions, and the pages of a form."""
