"""Lists and look-ups as messages: pure functions from frozen values to layouts, within what Discord can show."""
