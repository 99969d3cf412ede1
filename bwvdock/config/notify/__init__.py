"""Who is notified of alerts, as the configuration says, and can that be used?"""
