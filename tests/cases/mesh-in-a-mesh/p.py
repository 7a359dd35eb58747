import os


def main(node):
    print("c sees", sorted(k for k in os.environ if k.startswith(("ZMQ_", "ORCHESTRATOR"))), flush=True)
