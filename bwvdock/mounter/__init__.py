"""May this device be mounted, and if so: what is its root directory, read-only? And is it still there?

The one part of bwvdock that runs as root: a process of its own, which systemd starts when somebody connects
to its socket. It imports the standard library and itself only, so that it can be read and judged by itself.

One connection, one request, one answer, each a single SOCK_SEQPACKET message of JSON:

    {"op": "mount", "device": "sda1"}
    {"op": "probe", "device": "sda1"}

    {"ok": true, "device": "sda1", "dev": "8:1", "diskseq": 17, "fs": "vfat", "label": "", "read_only": true}
    {"ok": true, "device": "sda1", "dev": "8:1", "diskseq": 17}
    {"ok": false, "code": "not_usb", "message": "...", "remedy": "..."}        code: one of refusal.Code

With the first answer comes one descriptor (SCM_RIGHTS): the volume's root directory. The mount stands in no
mount table, has no mount point, and ends when the last descriptor into it is closed; why so is told in
docs/adr/0003-detached-read-only-mounts.md. The second says that the medium gave a block just now, past every
cache: it is still there.

    __main__.py      takes the socket from systemd and answers until nobody asks
    conversation.py  who asks, what is asked, what is answered
    mount.py         the two operations that there are
    device.py        what a name stands for: sysfs and udev
    filesystems.py   which file systems, with which options
    kernel.py        the privileged system calls; the seam at which a test puts another kernel
    refusal.py       every reason to say no
"""
