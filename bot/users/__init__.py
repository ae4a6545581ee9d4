"""What is kept of one person: profile, forms being filled in, favourites and reminders."""
