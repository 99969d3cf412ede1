"""How are lists read that somebody made with a spreadsheet?"""
