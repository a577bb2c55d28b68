"""The simulated network: hosts, links, and the streams that sockets show."""
