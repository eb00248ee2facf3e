"""The supervisors' queue among a million callbacks: the page, its raw SQL, a naive page."""
