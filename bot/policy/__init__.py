"""Who may do what: guard rails, bans, the pause, blocked words, and the record of who moderated whom."""
