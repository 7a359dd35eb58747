def test_an_order_reaches_the_exchange_and_the_book(mesh):
    desk = mesh("topology.yaml")
    exchange = desk.standing_in("exchange.orders", rcvtimeo=5000)
    order = exchange.recv()
    assert b" buys AAPL at " in order
    exchange.send(b"filled")
    desk.wait(lambda: desk.ps()["book"]["state"] == "ready")
    assert desk.down() in (0, 1)
