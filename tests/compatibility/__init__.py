"""Whether the document keeps what its last released version promised: `make compatible`."""
