"""What may be done to callbacks: one verb per change, called alike by page, API and task."""
