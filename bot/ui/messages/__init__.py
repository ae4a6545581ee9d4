"""What is sent to Discord: messages, their files, the pace of edits, and what stayed behind."""
