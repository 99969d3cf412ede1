"""Who else confirms this dock's journal, and what follows where a witness contradicts it?"""
