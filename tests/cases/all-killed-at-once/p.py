def main(node):
    node.stopping.wait()
    print("bye", flush=True)
