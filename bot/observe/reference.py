"""Short references that a person can read out and an operator can find in the log."""

import re
import secrets

# Without letters and digits that look or sound alike: 0 O, 1 I L, 5 S, 8 B, U V.
ALPHABET = "234679ACDEFGHJKMNPQRTWXYZ"
PATTERN = re.compile(f"[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}")


def new_reference() -> str:
    """Return a fresh reference such as `K7Q-2MX`; one of 244 million."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"
