"""What can be seen of this machine by somebody who only looks: users, units, rules, disks, ports, logs?"""
