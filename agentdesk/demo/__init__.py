"""Demo data: a fortnight at the callback desk of an energy supplier that does not exist."""
