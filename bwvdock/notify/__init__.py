"""Who is notified of alerts, when, and what if that fails?"""
