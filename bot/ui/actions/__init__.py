"""What the buttons of a card do."""
