"""Several web processes and workers behind the proxy of docker/, on loopback."""

from .topology import Cluster, Topology

__all__ = ["Cluster", "Topology"]
