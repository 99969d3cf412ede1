"""The edges: all code that speaks to something outside of this program, one outside thing per file.

Devices (cameras, disks, USB, lights, badge readers), evidence stores, the journal's database, the kernel,
systemd and other processes. Edges decide nothing; they translate every error of what they speak to.
"""
