"""A page in which one real bot can be used as in Discord: `Playground` starts and stops it."""

from bot.demo.playground.playground import Playground

__all__ = ["Playground"]
