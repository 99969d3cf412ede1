"""The rooms a clip walks through, one public function each.

In order: authorise, find, acquire, upload, verify; release and retire follow them. A room looks at
the world through the ports it is handed, gives facts back and remembers nothing; what they lead to
is the law's business (bwvdock/core).
"""
