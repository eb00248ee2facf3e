"""Do agents go on claiming while thousands of rows are cancelled, and is every line true?"""
