"""What do many docks do to one store in a night, and what when the store is away for a while?"""
