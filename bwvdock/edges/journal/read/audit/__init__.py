"""What do audits ask of a journal: figures, times, shares, samples, and what was handed over?"""
