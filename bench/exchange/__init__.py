"""Contacts from a file: our import beside the library's own, rate and memory."""
