"""Discord as a display: cards, their delivery, the buttons on them, and how people are answered."""
