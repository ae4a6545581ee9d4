"""A page in which one real bot can be used as in Discord: `Playground` starts and stops it.

SimCord brings a page of its own, made for tests: it shows one state at a time, its clock stands still, an action in
it and a refresh exclude each other. Here jobs change their cards all the time, so the page is our own; what it
shows and does still goes through SimCord's members, commands and permissions.
"""

from bot.demo.playground.playground import Playground

__all__ = ["Playground"]
