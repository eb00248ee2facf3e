"""Outcomes per second, a batch of unattended ones, and sweeps that find nothing to do."""
