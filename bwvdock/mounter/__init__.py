"""May this device be mounted, and if so: what is its root directory, read-only? And may files go?

The one part of bwvdock that runs as root: a process of its own, which systemd starts when somebody connects
to its socket. It imports the standard library and itself only, so that it can be read and judged by itself.

One connection, one request, one answer, each a single SOCK_SEQPACKET message of JSON:

    {"op": "mount", "device": "sda1"}
    {"op": "probe", "device": "sda1"}
    {"op": "erase", "device": "sda1", "dev": "8:1", "diskseq": 17,
     "files": [{"path": "DCIM/1.MP4", "size": 9, "mtime_ns": 0, "fingerprint": "..."}]}

    {"ok": true, "device": "sda1", "dev": "8:1", "diskseq": 17, "fs": "vfat", "label": "", "read_only": true}
    {"ok": true, "device": "sda1", "dev": "8:1", "diskseq": 17}
    {"ok": true, "device": "sda1", "dev": "8:1", "diskseq": 17,
     "files": [{"outcome": "erased", "reason": ""}]}
    {"ok": false, "code": "not_usb", "message": "...", "remedy": "..."}        code: a RefusalCode

With the first answer comes one descriptor (SCM_RIGHTS): the volume's root directory. The mount is in no mount
table, has no mount point, and ends when the last descriptor into it is closed; the reasons are in
docs/adr/0003-detached-read-only-mounts.md. The second says that the medium gave a block just now, past every
cache: it is still there. The third names files and gets no descriptor: they are erased here, or it is said
why not (docs/adr/0007-erasing-through-the-helper.md). Nobody must hold the volume then.

    __main__.py      takes the socket from systemd and answers until nobody asks
    conversation.py  who asks, what is asked, what is answered
    mount.py         the operations that only read: mount and probe
    erase.py         the one that writes
    device.py        which device a name refers to: sysfs and udev
    filesystems.py   which file systems, with which options
    settings.py      what root wrote down for this process
    kernel.py        the privileged system calls; the seam at which a test puts another kernel
    refusal.py       every reason to say no
"""
