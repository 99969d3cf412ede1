"""Which commands of a remedy need root? They are shown with sudo, in every remedy alike.

A remedy is read by an operator who may use sudo, or root, who may leave it out. What the group
bwvdock-operators may ask the daemon for needs no sudo and has none.
"""

from __future__ import annotations

import re

_CHANGES = "start|stop|restart|reload|enable|disable|mask|unmask|edit|daemon-reload|reset-failed"
_READS_THE_DISK = (
    "init|backup|config check|doctor|support-bundle|cameras probe|witness"
    "|custody (?:verify|succeed|checkpoint|export)"
)
_AS_ROOT = re.compile(
    r"(?<!sudo )(?<![\w/.-])"
    rf"(?=(?:systemctl (?:{_CHANGES})|udevadm (?:control|trigger)|bwvdock (?:{_READS_THE_DISK})"
    r"|(?:apt|apt-get) install|adduser \S+|chown \S+|chmod \d+|mount /\S*)(?![\w-])(?! --help))"
)


def with_sudo(remedy: str) -> str:
    """Return a remedy whose commands have sudo where they need root, and nothing else changed."""
    return _AS_ROOT.sub("sudo ", remedy)
