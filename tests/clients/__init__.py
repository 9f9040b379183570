"""Clients made from the document by its integrators' tools, run against a real service."""
