"""The second front door: a process that does the jobs the service put into the queues."""
