"""The wire: one async client of the service's HTTP contract. Knows httpx; knows no IPython and no pandas."""
