"""Example applications of every framework, behind the servers of their users, before one table of requests."""
