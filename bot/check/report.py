"""Print findings, for people or as JSON for machines."""

import json
import sys
from collections.abc import Sequence
from typing import Any

from bot.check.findings import Finding, Level

MARKS = {Level.FINE: "ok", Level.NOTE: "note", Level.WARNING: "warning", Level.ERROR: "ERROR"}


def print_findings(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print all findings and a last line that sums them up."""
    if as_json:
        print_json(
            {
                "ok": not any(finding.level is Level.ERROR for finding in findings),
                "findings": [
                    {"topic": each.topic, "level": each.level, "text": each.text, "remedy": each.remedy}
                    for each in findings
                ],
            }
        )
        return
    for finding in findings:
        _line(f"{MARKS[finding.level]:8}{finding.topic}: {finding.text}")
        if finding.remedy:
            _line(f"{'':8}-> {finding.remedy}")
    errors = sum(finding.level is Level.ERROR for finding in findings)
    warnings = sum(finding.level is Level.WARNING for finding in findings)
    ready = "Not ready" if errors else "Ready"
    counted = f"{ready}: {errors} to fix, {warnings} to look at."
    _line(f"\n{counted}" if errors or warnings else "\nReady: everything is fine.")


def print_json(value: Any) -> None:
    _line(json.dumps(value, ensure_ascii=False, indent=2))


def print_lines(lines: Sequence[str]) -> None:
    for line in lines:
        _line(line)


def _line(text: str) -> None:
    # A console of another encoding shows a question mark rather than ending the check.
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
