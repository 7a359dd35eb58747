import json
import pathlib

from orchestrator.delivery.retry import NoReplyError
from orchestrator.node import Node


def main(node: Node, *, window: int, follow: bool) -> None:
    path = pathlib.Path(f"{node.process}.state.json")
    state = json.loads(path.read_text()) if path.exists() else {}
    print("window", window, "state", len(state), "symbols")
    ask = node.socket("orders")
    for tick in node.messages("ticks"):
        symbol, _when, price = tick.decode().split()
        price = float(price)
        s = state.setdefault(symbol, {"prices": [], "position": 0})
        s["prices"] = (s["prices"] + [price])[-window:]
        mean = sum(s["prices"]) / len(s["prices"])
        want = 1 if (price > mean) == follow else 0
        if len(s["prices"]) == window and want != s["position"]:
            ask.send(
                json.dumps(
                    {"who": node.process, "symbol": symbol, "qty": want - s["position"], "price": price}
                ).encode()
            )
            try:
                answer = ask.recv()
            except NoReplyError as e:
                print(e)
                continue
            if answer == b"filled":
                s["position"] = want
            path.write_text(json.dumps(state))
    path.write_text(json.dumps(state))
