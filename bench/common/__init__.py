"""What all benches share: databases of their own, clients, rounds, and what is printed."""
