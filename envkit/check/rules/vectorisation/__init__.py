"""Several copies at once: in vector environments, in worker processes, in the buffers of learners, in threads."""
