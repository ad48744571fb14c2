"""What the end-to-end tests are made with: processes, origins, clients, a bad network, and the overlay itself."""
