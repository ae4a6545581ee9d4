"""Answering an interaction: who it is, what they may, and the reply."""
