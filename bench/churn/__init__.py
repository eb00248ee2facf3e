"""Does the rate last, while the same rows are claimed and come back again and again?"""
