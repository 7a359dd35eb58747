from tests.topologies.conftest import machine

__all__ = ["machine"]
