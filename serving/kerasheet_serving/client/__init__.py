"""Clients of a server, in threads and in event loops."""
