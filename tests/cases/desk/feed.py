import csv

from orchestrator.node import Node


def main(node: Node, *, file: str, rate: float) -> None:
    ticks = node.socket("ticks")
    n = 0
    with open(file) as f:
        for row in csv.DictReader(f):
            ticks.send(f"{row['symbol']} {row['time']} {row['price']}".encode())
            n += 1
            if node.stopping.wait(1 / rate):
                break
    print(n, "ticks sent")
