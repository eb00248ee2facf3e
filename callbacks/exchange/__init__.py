"""Contacts and callbacks from files: read, checked line by line, then written."""
