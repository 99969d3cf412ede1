"""The stages of a clip, one public function each.

In order: authorise, find, acquire, upload, verify; release and retire follow them. A stage uses the ports
that it is given, returns facts and remembers nothing; bwvdock/core decides what they lead to.
"""
