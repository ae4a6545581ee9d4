"""Tests of what people are told, in their language."""
