"""Names of files and folders: which of them stay where they belong."""

import re

_DRIVE = re.compile(r"^[A-Za-z]:")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://|^(file|data|smb):", re.IGNORECASE)
_OWN_FOLDERS = frozenset({"input", "output", "temp"})
_PROGRAM = re.compile(
    r"\.(py|pyc|pyd|so|dll|pth|sh|bat|cmd|ps1|exe|js|toml|ini|env|json|ya?ml|db)$", re.IGNORECASE
)


def escapes(name: str) -> bool:
    """Tell whether a name of a file or folder leads out of the folder it is put below.

    Placeholders such as `%date:yyyy-MM-dd%` are no harm; what stands around them is judged.
    """
    plain = name.strip().strip("\"'").replace("\\", "/")
    if plain.startswith(("/", "~", "$")) or _DRIVE.match(plain) or _SCHEME.match(plain):
        return True
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in plain):
        return True
    parts = re.split(r"/|%(?:date:)?", plain)
    return any(len(part.strip()) > 1 and not part.strip(" .") for part in parts)


def leaves_folder(path: str) -> bool:
    """Tell whether a path that a node takes from ComfyUI's own folder may lead to anything but pictures.

    Fine are nothing at all, what lies in `input`, `output` or `temp`, and a plain name that is no program's.
    """
    if escapes(path):
        return True
    plain = path.strip().strip("\"'").replace("\\", "/")
    parts = [part for part in plain.split("/") if part.strip() not in {"", "."}]
    if _PROGRAM.search(plain):
        return True
    return len(parts) > 1 and parts[0].lower() not in _OWN_FOLDERS
