"""What a text input is probably for, by what it, its type and its class are called."""

import re

from bot.workflows.graph.graph import class_of
from bot.workflows.graph.trace import Tracer
from bot.workflows.model.approvals import Use

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_CODE = frozenset({"code", "script", "python", "shell", "bash", "command", "cmd", "javascript", "js", "eval", "exec",
                   "lambda", "pycode", "function", "expression", "expr", "formula"})  # fmt: skip
_NO_CODE = frozenset(
    {"language", "lang", "country", "qr", "bar", "postal", "color", "colour", "time", "zip", "hex"}
)
_CODE_CLASS = frozenset({"python", "exec", "eval", "evaluate", "execute", "shell", "bash", "terminal", "subprocess",
                         "javascript", "code", "script", "command"})  # fmt: skip
_PATH = frozenset({"path", "paths", "dir", "dirs", "directory", "directories", "folder", "folders", "filepath",
                   "folderpath", "dirpath"})  # fmt: skip
_PATH_CLASS = frozenset({"path", "paths", "directory", "folder", "dir", "url", "filepath"})
_ADDRESS = frozenset({"url", "urls", "uri", "webhook", "endpoint", "hostname", "href", "host", "link"})
_KEYS = ({"api", "key"}, {"apikey"}, {"access", "token"}, {"auth", "token"}, {"api", "token"}, {"secret"})
_PROMPT = frozenset({
    "text", "texts", "prompt", "prompts", "positive", "negative", "pos", "neg", "string", "value", "caption", "tags",
    "lyrics", "user", "wildcard", "populated", "clip", "llama", "bert", "global", "local", "default", "multiline",
    "input", "style", "main", "seed", "optional", "custom",
})  # fmt: skip
_OF_ENCODERS = frozenset({"t5xxl", "mt5xl", "qwen25_7b", "text_g", "text_l", "clip_l", "clip_g"})


def use_of(tracer: Tracer, node: str, name: str) -> Use:
    """Return what an input of a pack's class is for; `TEXT` where its name does not tell."""
    known = tracer.input(node, name)
    words = words_of(name)
    own = words_of(class_of(tracer.graph, node))
    if asks_for_key(name):
        return Use.KEY
    if words & _ADDRESS:
        return Use.ADDRESS
    typed = words_of(known.type) if known is not None else set[str]()
    if (words | typed) & _CODE and not words & _NO_CODE:
        return Use.CODE
    if own & _CODE_CLASS and words & {"text", "input", "value", "source", "string", "prompt"}:
        return Use.CODE
    if words & _PATH or (known is not None and known.path) or own & _PATH_CLASS:
        return Use.PATH
    return Use.TEXT


def asks_for_key(name: str) -> bool:
    """Tell whether an input takes the key to a service outside ComfyUI."""
    words = words_of(name)
    return any(key <= words for key in _KEYS)


def is_prompt_name(tracer: Tracer, node: str, name: str) -> bool:
    """Tell whether an input that was found to take a person's words is called like one, and its class like no other."""
    if words_of(class_of(tracer.graph, node)) & (_CODE_CLASS | _PATH_CLASS | _ADDRESS):
        return False
    base = name.rsplit(".", 1)[-1].lower()
    if base in _OF_ENCODERS:
        return True
    words = {each for each in words_of(base) if len(each) > 1}
    return bool(words) and words <= _PROMPT


def words_of(name: str) -> set[str]:
    """Return the words a name is put together of, in small letters."""
    return {word.lower() for word in _WORD.findall(name)}
