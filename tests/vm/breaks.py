"""What can be broken on an installed dock, which row of `bwvdock doctor` says so, and how is it mended?"""

from dataclasses import dataclass

from bwvdock import __version__
from tests.vm.station import CONFIG, STATE, SYNCHRONISE_CLOCK

RULES = "/usr/lib/udev/rules.d/60-bwvdock.rules"
KEPT = f"cp {CONFIG} /root/kept.toml"
RESTORED = f"cp -p /root/kept.toml {CONFIG}; chown root:root {CONFIG}; chmod 0644 {CONFIG}"
SET_BY_HARDWARE = f"date -u -s @$(cat /sys/class/rtc/rtc0/since_epoch) && {SYNCHRONISE_CLOCK}"
# RTC_SET_TIME (rtc.h) of /dev/rtc0, to so many seconds from the system's clock.
SET_HARDWARE = """/usr/bin/python3 -c '
import fcntl, struct, time
t = time.gmtime(time.time() + {})
told = struct.pack("9i", t.tm_sec, t.tm_min, t.tm_hour, t.tm_mday, t.tm_mon - 1, t.tm_year - 1900, 0, 0, 0)
fcntl.ioctl(open("/dev/rtc0", "wb", buffering=0), 0x4024700A, told)
'"""
# What a failing disk says: the guest's disk has no SMART, and no smartctl.
FAILING = """#!/bin/sh
echo '{"smart_status": {"passed": false},'
echo ' "ata_smart_attributes": {"table": [{"id": 197, "raw": {"value": 8}}]}}'
exit 8
"""


PROGRAM = "/usr/lib/bwvdock/bwvdock"
NEWER = "99.0.0"
VERIFIED = "bwvdock custody verify --record"
FAULTS = f"""reviewed = 2026-03-01
[[fault]]
versions = ["{__version__}"]
known_since = 2026-03-01
what = "Loses its way."
effect = "None on footage."
"""


@dataclass(frozen=True, kw_only=True)
class Break:
    """A command that breaks something, the row that says so, and the command that mends it."""

    breaks: str
    check: str
    result: str
    says: str
    mends: str
    tries: int = 1  # more, where the machine may mend it by itself before anybody looks


BREAKS = (
    Break(
        breaks=f"echo nonsense >>{CONFIG}", check="configuration", result="error", says="TOML", mends=RESTORED
    ),
    Break(
        breaks=f"chmod 0666 {CONFIG}", check="configuration", result="warning", says="0666", mends=RESTORED
    ),
    Break(
        breaks="systemctl stop bwvdock",
        check="daemon",
        result="error",
        says="not running",
        mends="systemctl start bwvdock",
    ),
    Break(
        breaks="systemctl disable bwvdock-verify.timer",
        check="units",
        result="warning",
        says="disabled",
        mends="systemctl enable bwvdock-verify.timer",
    ),
    Break(
        breaks="systemctl stop bwvdock-mounter.socket bwvdock-mounter.service",
        check="mounter",
        result="error",
        says="cannot be reached",
        mends="systemctl start bwvdock-mounter.socket",
    ),
    Break(
        breaks="systemctl stop bwvdock-signer.socket bwvdock-signer.service",
        check="signer",
        result="error",
        says="cannot be reached",
        mends="systemctl start bwvdock-signer.socket",
    ),
    Break(
        breaks="gpasswd -a games bwvdock",
        check="service-user",
        result="error",
        says="games",
        mends="gpasswd -d games bwvdock",
    ),
    Break(
        breaks="chmod 2755 /run/bwvdock",
        check="operators",
        result="error",
        says="2755",
        mends="chmod 2750 /run/bwvdock",
    ),
    Break(
        breaks=f"chmod 0755 {STATE}",
        check="state-directory",
        result="error",
        says="0755",
        mends=f"chmod 0700 {STATE}",
    ),
    Break(
        breaks=f"touch {STATE}/left-by-root",
        check="state-directory",
        result="error",
        says="left-by-root",
        mends=f"rm {STATE}/left-by-root",
    ),
    Break(
        breaks=f"mv {RULES} /root/",
        check="udev-rules",
        result="error",
        says="is not in",
        mends=f"mv /root/60-bwvdock.rules {RULES}",
    ),
    Break(
        breaks=f"cp {RULES} /root/kept.rules; echo '# mine' >>{RULES}",
        check="udev-rules",
        result="warning",
        says="was changed",
        mends=f"cp /root/kept.rules {RULES}",
    ),
    Break(
        breaks="ln -s /dev/null /etc/udev/rules.d/60-bwvdock.rules",
        check="udev-rules",
        result="error",
        says="in place of",
        mends="rm /etc/udev/rules.d/60-bwvdock.rules",
    ),
    Break(
        breaks=f"cp /etc/fstab /root/; echo '/dev/vdz {STATE}/vault ext4 defaults 0 0' >>/etc/fstab",
        check="file-system",
        result="error",
        says="none is mounted",
        mends="cp /root/fstab /etc/fstab",
    ),
    Break(
        breaks=f"systemctl stop bwvdock; mount -t tmpfs tmpfs {STATE}/vault",
        check="file-system",
        result="error",
        says="in memory",
        mends=f"umount {STATE}/vault; systemctl start bwvdock",
    ),
    Break(
        breaks="fallocate -l $(($(stat -f -c '%a*%S' /) - 1048576)) /fill",
        check="disk-room",
        result="error",
        says="is full",
        mends="rm /fill",
    ),
    Break(
        breaks="mv /root/smartctl /usr/sbin/smartctl",
        check="disk-health",
        result="error",
        says="8 pending sectors",
        mends="mv /usr/sbin/smartctl /root/smartctl",
    ),
    Break(
        breaks="date -u -s '+1 hour'",  # the kernel takes it for unsynchronised then
        check="clock",
        result="warning",
        says="not synchronised",
        mends=SET_BY_HARDWARE,
    ),
    Break(
        breaks=f"{SYNCHRONISE_CLOCK} && {SET_HARDWARE.format(-3600)}",
        check="clock-hardware",
        result="warning",
        says="behind",
        mends=SET_HARDWARE.format(0),
        tries=3,  # the kernel sets it right once the system's clock is synchronised, and then rarely
    ),
    Break(
        breaks=f"systemctl stop bwvdock; mkdir /root/away && mv {STATE}/journal.sqlite3* /root/away/",
        check="journal",
        result="error",
        says="is missing",
        mends=f"mv /root/away/* {STATE}/ && rmdir /root/away && systemctl start bwvdock",
    ),
    Break(
        breaks=f"install -o bwvdock /etc/hostname {STATE}/vault/of-nobody && {VERIFIED}",
        check="verification",
        result="warning",
        says="belongs to no entry",
        mends=f"rm {STATE}/vault/of-nobody && {VERIFIED}",
    ),
    Break(
        breaks=f"printf '[backup]\\nexpected_every = \"1 day\"\\n' >>{CONFIG} && systemctl restart bwvdock",
        check="alerts",
        result="warning",
        says="backup-old",
        mends=f"{RESTORED} && systemctl restart bwvdock",
    ),
    Break(
        breaks=f"sed -i 's/{__version__}/{NEWER}/' {PROGRAM}/__init__.py",  # and the daemon goes on
        check="versions",
        result="warning",
        says=NEWER,
        mends=f"sed -i 's/{NEWER}/{__version__}/' {PROGRAM}/__init__.py",
    ),
    Break(
        breaks=f"cp {PROGRAM}/known-faults.toml /root/; printf '%s' '{FAULTS}' >{PROGRAM}/known-faults.toml",
        check="known-faults",
        result="warning",
        says="Loses its way.",
        mends=f"cp /root/known-faults.toml {PROGRAM}/",
    ),
)
