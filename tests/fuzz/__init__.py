"""Interactions at random, as hurried and as hostile people make them: `python -m tests.fuzz --count 10000 --seed 1`.

Every one has to be answered, and none may end in an error that the bot did not foresee.
"""
