"""# Checking what formulas say against the code beside them"""
