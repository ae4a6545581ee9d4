"""The part of google-re2 that is used; the package has no types of its own."""

from typing import Protocol

class error(Exception): ...

class Options:
    max_mem: int
    log_errors: bool
    case_sensitive: bool

class Match(Protocol):
    def group(self) -> str: ...

class Regexp(Protocol):
    def search(self, text: str) -> Match | None: ...

def compile(pattern: str, options: Options | None = None) -> Regexp: ...
