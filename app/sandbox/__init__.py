"""The sandbox: a throw-away service with sample data, for whoever writes a program for it."""
