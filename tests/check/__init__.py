"""Tests of what the check finds."""
