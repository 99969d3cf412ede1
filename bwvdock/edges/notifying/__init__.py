"""How does a message reach a webhook, a mail server or a command?"""
