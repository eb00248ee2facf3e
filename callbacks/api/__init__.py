"""The API under /v1: JSON in, JSON or a problem out. Every verb is an action that pages use too."""
